/**
 * Threads beside programs: one syscall each.
 */

import { arrayMapLookupCopy, arrayMapSyscallWords, arrayMapUpdateCopy, isArrayMap } from '../../shared/array-map.ts'
import { fdClose } from '../../shared/fd-table.ts'
import { hashMapDeleteElem, hashMapLookupCopy, hashMapUpdateElem } from '../../shared/hash-map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../../shared/map-options.ts'
import type { BpfMap } from '../../shared/pointer.ts'
import { MAP } from '../../shared/records.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem } from '../../shared/sk-storage.ts'
import { BPF_F_LOCK } from '../../shared/update-flags.ts'
import { mapValueHasSpinLock, valueWords } from '../../shared/value.ts'
import type { Cpu } from '../../sync/cpu.ts'
import type { ScenarioState, Syscall } from './scenario-plan.ts'

/** What an update stores in each word. */
const STORED = 7

/** Makes the call; what it returns, or the first word of what it found. */
export function runSyscall(state: ScenarioState, { call, map, key }: Syscall, cpu: Cpu): number {
  if (call === 'close' || map === undefined) return fdClose(cpu, state.fds[key])
  const pointer = state.maps[map]
  if (cpu.words[pointer + MAP.type] === BPF_MAP_TYPE_SK_STORAGE) return onStorage(cpu, call, pointer, state.fds[key])
  return onKey(cpu, call, pointer, key)
}

function lockedIfCan(cpu: Cpu, map: BpfMap): number {
  return mapValueHasSpinLock(cpu.words, map) ? BPF_F_LOCK : 0
}

function onStorage(cpu: Cpu, call: Syscall['call'], map: BpfMap, fd: number): number {
  const value = new Int32Array(valueWords(cpu.words, map))
  if (call === 'delete') return fdDeleteElem(cpu, map, fd)
  if (call === 'update') return fdUpdateElem(cpu, map, fd, value.fill(STORED), lockedIfCan(cpu, map))
  const err = fdLookupElem(cpu, map, fd, value, lockedIfCan(cpu, map))
  return err === 0 ? value[0] : err
}

function onKey(cpu: Cpu, call: Syscall['call'], map: BpfMap, key: number): number {
  const { words } = cpu
  const flags = lockedIfCan(cpu, map)
  const keys = new Int32Array((words[map + MAP.keySize] + 3) >> 2)
  keys[0] = key
  if (isArrayMap(words, map)) {
    const value = new Int32Array(arrayMapSyscallWords(words, map))
    if (call === 'update') return arrayMapUpdateCopy(cpu, map, keys, value.fill(STORED), flags)
    const err = arrayMapLookupCopy(cpu, map, key, value, flags)
    return err === 0 ? value[0] : err
  }
  const value = new Int32Array(valueWords(words, map))
  if (call === 'delete') return hashMapDeleteElem(cpu, map, keys, 0)
  if (call === 'update') return hashMapUpdateElem(cpu, map, keys, 0, value.fill(STORED), flags)
  const err = hashMapLookupCopy(cpu, map, keys, value, flags)
  return err === 0 ? value[0] : err
}
