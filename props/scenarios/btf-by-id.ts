/**
 * A BTF object is looked up by its id while its last descriptor is closed: whoever comes too late gets -ENOENT, never
 * an object that is being freed.
 */

import { struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { btfGet, btfGetFdById, btfInfo, btfLoad } from '../../src/shared/btf/object.ts'
import { btfPut } from '../../src/shared/btf/ref.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapCreate } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_ARRAY } from '../../src/shared/map-options.ts'
import type { BtfObject } from '../../src/shared/pointer.ts'
import { runDeferredWork } from '../../src/sync/deferred-work.ts'
import { atRest, type Setting, setting } from './setting.ts'

const { bytes } = mapBtf(struct('val', { cnt: u32 }))

interface WithBtf extends Setting {
  readonly btfFd: number
}

function withBtf(): WithBtf {
  const given = setting()
  return { ...given, btfFd: btfLoad(given.cpus.at(-1)!, bytes) }
}

/** Opens the object and closes it again: 0, or -ENOENT. */
const openById =
  (id: number) =>
  ({ cpus }: WithBtf): number => {
    const fd = btfGetFdById(cpus[id], 1)
    return fd < 0 ? fd : fdClose(cpus[id], fd)
  }

export const openBtfAgainstClose = {
  setup: withBtf,
  threads: [openById(0), ({ cpus, btfFd }: WithBtf): number => fdClose(cpus[1], btfFd)],
  after: atRest,
}

/** A map is made with the types that are being closed: it holds them, or gets -EBADF. */
export const mapOfBtfAgainstClose = {
  setup: withBtf,
  threads: [
    ({ cpus, btfFd }: WithBtf): number => {
      const types = { btfFd, btfKeyTypeId: 1, btfValueTypeId: 2 }
      const sizes = { type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 1, flags: 0 }
      return mapCreate(cpus[0], { ...sizes, ...types })
    },
    ({ cpus, btfFd }: WithBtf): number => fdClose(cpus[1], btfFd),
  ],
  after: atRest,
}

/** The map that holds them goes, and with it they do, while somebody asks for them by id. */
export const openBtfAgainstMapFree = {
  setup() {
    const given = withBtf()
    const main = given.cpus.at(-1)!
    const types = { btfFd: given.btfFd, btfKeyTypeId: 1, btfValueTypeId: 2 }
    const sizes = { type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 1, flags: 0 }
    const fd = mapCreate(main, { ...sizes, ...types })
    fdClose(main, given.btfFd)
    return { ...given, btfFd: fd }
  },
  threads: [
    openById(0),
    ({ cpus, btfFd }: WithBtf): number => {
      const err = fdClose(cpus[1], btfFd)
      runDeferredWork(cpus[1])
      return err
    },
  ],
  after: atRest,
}

/** Two are loaded at once, and each is found by its id. */
export const twoBtfLoads = {
  setup: withBtf,
  threads: [0, 1].map(
    (id) =>
      ({ cpus }: WithBtf): number =>
        btfLoad(cpus[id], bytes),
  ),
  after(given: WithBtf, fds: readonly unknown[]): void {
    atRest(given)
    const main = given.cpus.at(-1)!
    const ids = [given.btfFd, ...(fds as number[])].map((fd) => {
      const btf = btfGet(main, fd) as BtfObject
      const { id } = btfInfo(main, btf)
      btfPut(main, btf)
      return id
    })
    if (ids.sort().join() !== '1,2,3') throw new Error(`the objects have the ids ${ids}, expected 1, 2 and 3`)
  },
}

/** One is loaded while another one is looked up by the id that it may get. */
export const openBtfAgainstLoad = {
  setup: withBtf,
  threads: [
    ({ cpus: [cpu] }: WithBtf): number => Math.min(btfGetFdById(cpu, 2), 0),
    ({ cpus }: WithBtf): number => Math.min(btfLoad(cpus[1], bytes), 0),
  ],
  after: atRest,
}

/** There is one descriptor for two that load: who gets none leaves nothing behind. */
export const twoBtfLoadsForOneDescriptor = {
  setup() {
    const given = setting({ sockets: 0, fds: 4 })
    return { ...given, btfFd: -1 }
  },
  threads: [0, 1].map(
    (id) =>
      ({ cpus }: WithBtf): number =>
        btfLoad(cpus[id], bytes),
  ),
  after: atRest,
}

/** The older of two is asked for while the newer one is closed. */
export const openOlderBtfAgainstClose = {
  setup() {
    const given = withBtf()
    const newer = btfLoad(given.cpus.at(-1)!, bytes)
    return { ...given, btfFd: newer }
  },
  threads: [
    ({ cpus: [cpu] }: WithBtf): number => {
      const fd = btfGetFdById(cpu, 1)
      if (fd < 0) return fd
      const btf = btfGet(cpu, fd) as BtfObject
      const { id } = btfInfo(cpu, btf)
      btfPut(cpu, btf)
      return id
    },
    ({ cpus, btfFd }: WithBtf): number => fdClose(cpus[1], btfFd),
  ],
  after: atRest,
}
