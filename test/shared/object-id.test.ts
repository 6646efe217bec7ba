import { expect, it } from 'vitest'
import { struct, u32 } from '../../src/shared/btf/btf.ts'
import { mapBtf } from '../../src/shared/btf/emit.ts'
import { btfGet, btfGetFdById, btfInfo, btfLoad } from '../../src/shared/btf/object.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapGetFdById, mapGetNextId, mapInfo } from '../../src/shared/map.ts'
import type { BtfObject } from '../../src/shared/pointer.ts'
import { HEADER } from '../../src/shared/records.ts'
import { syscallsOf } from '../../src/workers/syscalls.ts'
import { expectOrder, house, settle, storageMap } from './setting.ts'

const LAST = 0x7fff_ffff

it('behind the last id comes the first that no map has, round after round', () => {
  const here = house()
  const { cpu, words } = here
  const idOf = () => mapInfo(cpu, storageMap(cpu).map).id
  const closed = storageMap(cpu)
  const [first, second] = [mapInfo(cpu, closed.map).id, idOf()]
  expect([first, second]).toEqual([1, 2])
  words[HEADER.nextMapId] = LAST - 1
  expect([idOf(), idOf()]).toEqual([LAST - 1, LAST])
  fdClose(cpu, closed.fd)
  settle(here)
  expect([idOf(), idOf()]).toEqual([1, 3])
  // The end of every further round.
  words[HEADER.nextMapId] = -3
  expect([idOf(), idOf(), idOf()]).toEqual([LAST - 2, 4, 5])
  expect([...new Array(12)].map(() => mapInfo(cpu, storageMap(cpu).map).id)).not.toContain(0)
  expectOrder(here)
})

it('the same holds of BTF objects', () => {
  const { cpu, words } = house()
  const { bytes } = mapBtf(struct('v', { n: u32 }) as never)
  const idOf = () => {
    const fd = btfLoad(cpu, bytes)
    return btfInfo(cpu, btfGet(cpu, fd) as BtfObject).id
  }
  expect(idOf()).toBe(1)
  words[HEADER.nextBtfId] = LAST
  expect([idOf(), idOf()]).toEqual([LAST, 2])
  expect(btfGetFdById(cpu, LAST)).toBeGreaterThan(0)
})

it('what is no id finds nothing: below 1, beyond 2^31, with a fraction', () => {
  const { cpu, words } = house()
  words[HEADER.nextMapId] = LAST
  storageMap(cpu)
  for (const id of [0, -1, LAST + 1, 2 ** 31 + LAST, 2 ** 32 + LAST, 0.5, LAST - 0.5, Number.NaN, -(2 ** 31)])
    expect([id, mapGetFdById(cpu, id), btfGetFdById(cpu, id)]).toEqual([id, -2, -2])
  expect(mapGetFdById(cpu, LAST)).toBeGreaterThan(0)
  // As in the kernel nothing is asked for behind the last, capable or not.
  const sys = syscallsOf(cpu, false)
  for (const id of [LAST, LAST + 1, 2 ** 32, -1, Number.NaN]) {
    expect([id, mapGetNextId(cpu, id)]).toEqual([id, -22])
    expect(() => sys.mapGetNextId(id)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  }
  expect([mapGetNextId(cpu, 0), mapGetNextId(cpu, LAST - 1)]).toEqual([LAST, LAST])
})
