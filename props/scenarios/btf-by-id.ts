/**
 * A BTF object is looked up by its id while its last descriptor is closed: whoever comes too late gets -ENOENT, never
 * an object that is being freed.
 */

import { struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { btfGetFdById, btfLoad } from '../../src/shared/btf/object.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
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
