/**
 * A BTF object is looked up by its id while its last descriptor is closed: whoever comes too late gets -ENOENT, never
 * an object that is being freed.
 */

import { struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { btfGetFdById, btfLoad } from '../../src/shared/btf/object.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapCreate } from '../../src/shared/map.ts'
import { BPF_MAP_TYPE_ARRAY } from '../../src/shared/map-options.ts'
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
