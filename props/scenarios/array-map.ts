/**
 * Arrays: values that are all there from the beginning. What races is what they hold, under the value's lock, and the
 * freeing of the map.
 */

import {
  arrayMapGetNextKey,
  arrayMapLookupCopy,
  arrayMapLookupElem,
  arrayMapUpdateCopy,
  arrayMapUpdateElem,
} from '../../src/shared/array-map.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapCreate, mapGet } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY } from '../../src/shared/map-options.ts'
import { mapPut } from '../../src/shared/map-ref.ts'
import type { BpfMap } from '../../src/shared/pointer.ts'
import { BPF_F_LOCK } from '../../src/shared/update-flags.ts'
import { bpfSpinLock, bpfSpinUnlock } from '../../src/sync/bpf-spin-lock.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { atRest, inReadSection, LOCK_WORD, type Setting, setting, twice, VALUE_SIZE } from './setting.ts'
import { mapUnderRcu } from './steps.ts'

interface WithArray extends Setting {
  readonly array: BpfMap
  /** The descriptor that holds it. */
  readonly arrayFd: number
}

function withArray(type: number, maxEntries = 1): WithArray {
  const given = setting({ maps: 0, sockets: 0 })
  const main = given.cpus.at(-1)!
  const lockOffset = type === BPF_MAP_TYPE_ARRAY ? 4 * LOCK_WORD : -1
  const sizes = { keySize: 4, valueSize: VALUE_SIZE, maxEntries, flags: 0, lockOffset }
  const fd = mapCreate(main, { type, btfKeyTypeId: 1, btfValueTypeId: 2, ...sizes })
  const array = mapGet(main, fd) as BpfMap
  mapPut(main, array)
  return { ...given, array, arrayFd: fd }
}

const KEY = Int32Array.of(0)

const update =
  (id: number, word: number) =>
  ({ cpus, array }: WithArray): number =>
    arrayMapUpdateElem(cpus[id], array, KEY, 0, twice(word), BPF_F_LOCK)

/** BPF_MAP_LOOKUP_ELEM with BPF_F_LOCK: 'cnt seq'. */
const look =
  (id: number) =>
  ({ cpus, array }: WithArray): string => {
    const out = new Int32Array(3)
    arrayMapLookupCopy(cpus[id], array, 0, out, BPF_F_LOCK)
    return `${out[0]} ${out[2]}`
  }

/** Both halves of a value belong together. */
export const arrayUpdateAgainstLookup = {
  setup: () => withArray(BPF_MAP_TYPE_ARRAY),
  threads: [update(0, 1), look(1)],
  after: atRest,
}

/** One of two updates stays. */
export const twoArrayUpdates = {
  setup: () => withArray(BPF_MAP_TYPE_ARRAY),
  threads: [update(0, 1), update(1, 2)],
  after: atRest,
}

/** A program counts in the value, under its lock, while a syscall sets it. */
export const arrayBumpAgainstUpdate = {
  setup: () => withArray(BPF_MAP_TYPE_ARRAY),
  threads: [
    ({ cpus: [cpu], array }: WithArray): number =>
      inReadSection(cpu, () => {
        const value = arrayMapLookupElem(cpu, array, KEY, 0)
        bpfSpinLock(cpu, value + LOCK_WORD)
        const seen = cpu.words[value]
        cpu.words[value] = seen + 1
        bpfSpinUnlock(cpu, value + LOCK_WORD)
        return seen
      }),
    update(1, 7),
  ],
  after: atRest,
}

/** A program that looks a value up may use it to the end of its section, whoever frees the map meanwhile. */
export const arrayReaderAgainstMapFree = {
  setup: () => withArray(BPF_MAP_TYPE_ARRAY),
  threads: [
    ({ cpus: [cpu], arrayFd }: WithArray): number | string =>
      inReadSection(cpu, () => {
        const map = mapUnderRcu(cpu, arrayFd)
        return map === 0 ? 'closed' : cpu.words[arrayMapLookupElem(cpu, map, KEY, 0)]
      }),
    ({ cpus, arrayFd }: WithArray): void => {
      fdClose(cpus[1], arrayFd)
      runDeferredWork(cpus[1])
    },
  ],
  after: atRest,
}

/** Each CPU's value is its own: nobody else looks while programs write. Then a syscall reads them all. */
export const perCpuArrayOnTwoCpus = {
  setup: () => withArray(BPF_MAP_TYPE_PERCPU_ARRAY, 2),
  threads: [0, 1].map((id) => ({ cpus, array }: WithArray): string => {
    const cpu = cpus[id]
    const out = new Int32Array(1)
    arrayMapUpdateElem(cpu, array, KEY, 0, twice(id + 1), 0)
    const seen = inReadSection(cpu, () => cpu.words[arrayMapLookupElem(cpu, array, KEY, 0)])
    return `${seen} ${arrayMapGetNextKey(cpu, array, KEY, out)} ${out[0]}`
  }),
  after(given: WithArray): void {
    atRest(given)
    const { cpus, array } = given
    const out = new Int32Array(4 * cpus.length)
    arrayMapLookupCopy(cpus[2], array, 0, out, 0)
    if (`${[out[0], out[4]]}` !== '1,2') throw new Error(`the CPUs have ${[out[0], out[4]]}, expected 1,2`)
    arrayMapUpdateCopy(cpus[2], array, KEY, out, 0)
  },
}
