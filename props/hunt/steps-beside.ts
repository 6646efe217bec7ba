/**
 * What a hunt's program has beside sockets and maps of sk storage, how it is laid out, and the steps on it, done on a
 * CPU.
 */

import { type BpfProg, progLoad, progPut } from '../../src/shared/bpf-prog.ts'
import { bpfSpinLock as lockType, struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { btfGet, btfGetFdById, btfInfo, btfLoad } from '../../src/shared/btf/object.ts'
import { btfPut } from '../../src/shared/btf/ref.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import {
  hashMapDeleteElem,
  hashMapGetNextKey,
  hashMapLookupCopy,
  hashMapLookupElem,
  hashMapUpdateElem,
} from '../../src/shared/hash-map.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_HASH } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap, BtfObject } from '../../src/shared/pointer.ts'
import { BPF_PROG } from '../../src/shared/records.ts'
import { skStorageGet } from '../../src/shared/sk-storage.ts'
import { BPF_F_LOCK } from '../../src/shared/update-flags.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuDereference, rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { AGAIN, type Ground } from './ground.ts'
import { exchange, onSocket } from './in-program.ts'
import { type BesideStep, HUNT_MAP, type HuntProgram, NULL, TORN, usesBtf, usesHash, valueOfWord } from './program.ts'

const TYPES = mapBtf(struct('value', { word: u32, lock: lockType, again: u32 }))

/** More than the keys that there are, so that nobody meets the limit. */
const ROOM = 16

/** Makes what the program needs: descriptors of a hash map and of a BTF object with its id, 0 for what it doesn't. */
export function layOutBeside(cpu: Cpu, program: HuntProgram): Pick<Ground, 'hashFd' | 'btfFd' | 'btfId'> {
  const sizes = { ...HUNT_MAP, type: BPF_MAP_TYPE_HASH, maxEntries: ROOM, flags: 0 }
  const hashFd = usesHash(program) ? mapCreate(cpu, sizes) : 0
  if (!usesBtf(program)) return { hashFd, btfFd: 0, btfId: 0 }
  const btfFd = btfLoad(cpu, TYPES.bytes)
  const btf = btfGet(cpu, btfFd) as BtfObject
  const { id } = btfInfo(cpu, btf)
  btfPut(cpu, btf)
  return { hashFd, btfFd, btfId: id }
}

/** Does a step and returns what it gave, in the numbers of HuntOutcome. */
export function performBeside(cpu: Cpu, ground: Ground, step: BesideStep): number {
  const { words } = cpu
  const { hash, hook } = ground
  switch (step.do) {
    case 'hashUpdate':
      return hashMapUpdateElem(cpu, hash, Int32Array.of(step.key), 0, valueOfWord(step.word), step.flags)
    case 'hashDelete':
      return hashMapDeleteElem(cpu, hash, Int32Array.of(step.key), 0)
    case 'hashLookup':
      return lookUpKey(cpu, hash, step.key)
    case 'hashGet':
      return getKey(cpu, hash, step.key)
    case 'hashKeys':
      return countKeys(cpu, hash)
    case 'attach':
      return attach(cpu, ground)
    case 'run':
      return onSocket(cpu, ground, ground.sockets[step.sock], (sk) => {
        const prog = rcuDereference(words, hook)
        if (prog === 0) return NULL
        const value = skStorageGet(cpu, words[prog + BPF_PROG.maps] as BpfMap, sk, valueOfWord(step.word), 1)
        return value === 0 ? NULL : exchange(cpu, value, 0)
      })
    case 'detach': {
      const prog = Atomics.exchange(words, hook, 0) as BpfProg
      if (prog === 0) return NULL
      progPut(cpu, prog)
      return 0
    }
    case 'btfOpen':
      return btfGetFdById(cpu, ground.btfId)
    case 'btfClose':
      return fdClose(cpu, ground.btfFd)
    case 'typedMap': {
      const { keyTypeId, valueTypeId } = TYPES
      return mapCreate(cpu, { ...HUNT_MAP, btfFd: ground.btfFd, btfKeyTypeId: keyTypeId, btfValueTypeId: valueTypeId })
    }
  }
}

/** What the hash map has under a key: the word, TORN, or -errno. */
export function lookUpKey(cpu: Cpu, hash: BpfMap, key: number): number {
  const out = new Int32Array(3)
  const err = hashMapLookupCopy(cpu, hash, Int32Array.of(key), out, BPF_F_LOCK)
  if (err !== 0) return err
  return out[0] === out[AGAIN] ? out[0] : TORN
}

function getKey(cpu: Cpu, hash: BpfMap, key: number): number {
  rcuReadLock(cpu)
  const value = hashMapLookupElem(cpu, hash, Int32Array.of(key), 0)
  const result = value === 0 ? NULL : exchange(cpu, value, 0)
  rcuReadUnlock(cpu)
  return result
}

function countKeys(cpu: Cpu, hash: BpfMap): number {
  const out = new Int32Array(1)
  let met = 0
  let key: Int32Array | null = null
  // A key that goes meanwhile begins the walk anew.
  while (met < 4 && hashMapGetNextKey(cpu, hash, key, out) === 0) {
    met++
    key = out.slice()
  }
  return met
}

function attach(cpu: Cpu, { maps, hook }: Ground): number {
  const map = mapGet(cpu, maps[0]) as BpfMap
  if (map < 0) return map
  const prog = progLoad(cpu, [map])
  mapPut(cpu, map)
  const old = Atomics.exchange(cpu.words, hook, prog) as BpfProg
  if (old === 0) return 0
  progPut(cpu, old)
  return 1
}
