import { describe, expect, it } from 'vitest'
import { bpfSpinLock, struct, u32 } from '../../../src/shared/btf/btf.ts'
import { mapBtf } from '../../../src/shared/btf/emit.ts'
import { BTF_MAX_SIZE, btfGet, btfGetFdById, btfInfo, btfLoad } from '../../../src/shared/btf/object.ts'
import { btfPut } from '../../../src/shared/btf/ref.ts'
import { fdClose } from '../../../src/shared/fd-table.ts'
import { mapCreate, mapGet, mapInfo } from '../../../src/shared/map.ts'
import { mapPut } from '../../../src/shared/map-ref.ts'
import type { BpfMap, BtfObject } from '../../../src/shared/pointer.ts'
import { failslab } from '../../../src/shared/sanitizer.ts'
import type { Cpu } from '../../../src/sync/cpu.ts'
import { expectLive, house, MODES, SK_STORAGE_MAP, socket, storageMap } from '../setting.ts'

const { bytes, keyTypeId, valueTypeId } = mapBtf(struct('val', { cnt: u32, lock: bpfSpinLock }) as never)
const TYPED = { ...SK_STORAGE_MAP, valueSize: 8, btfKeyTypeId: keyTypeId, btfValueTypeId: valueTypeId }

/** What a descriptor's object is. */
function look(cpu: Cpu, fd: number) {
  const btf = btfGet(cpu, fd) as BtfObject
  const info = btfInfo(cpu, btf)
  btfPut(cpu, btf)
  return info
}

/** What a map's descriptor says of its BTF and lock. */
function typesOf(cpu: Cpu, fd: number) {
  const map = mapGet(cpu, fd) as BpfMap
  const { btfId, lockOffset } = mapInfo(cpu, map)
  mapPut(cpu, map)
  return { btfId, lockOffset }
}

describe.each(MODES)('a BTF object ($mode)', ({ sanitize }) => {
  it('gives back its bytes, under an id that is never given twice', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const [first, second] = [btfLoad(cpu, bytes), btfLoad(cpu, bytes)]
    expect(look(cpu, first)).toEqual({ id: 1, bytes })
    expect(look(cpu, second)).toEqual({ id: 2, bytes })
    fdClose(cpu, second)
    expect(look(cpu, btfLoad(cpu, bytes)).id).toBe(3)
    expectLive(here, { btf: 2, file: 2 })
  })

  it('is opened by id until its last user is gone', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const fd = btfLoad(cpu, bytes)
    fdClose(cpu, btfLoad(cpu, bytes))
    const other = btfLoad(cpu, bytes)
    const again = btfGetFdById(cpu, 1)
    expect(look(cpu, again).id).toBe(1)
    expect([2, 4].map((id) => btfGetFdById(cpu, id))).toEqual([-2, -2])
    fdClose(cpu, other)
    fdClose(cpu, fd)
    expect(look(cpu, again).bytes).toEqual(bytes)
    fdClose(cpu, again)
    expect(btfGetFdById(cpu, 1)).toBe(-2)
    expectLive(here)
  })

  it('lives as long as a map that was made with it', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const btfFd = btfLoad(cpu, bytes)
    const map = mapCreate(cpu, { ...TYPED, btfFd })
    expect(typesOf(cpu, map)).toEqual({ btfId: 1, lockOffset: 4 })
    fdClose(cpu, btfFd)
    expectLive(here, { btf: 1, map: 1, buckets: 1, file: 1 })
    fdClose(cpu, map)
    expectLive(here)
  })

  it('of the wrong kind, or none at all, makes no map and keeps nothing', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const btfFd = btfLoad(cpu, bytes)
    const { fd: socketFd } = socket(cpu)
    const { fd: mapFd } = storageMap(cpu)
    for (const [options, err] of [
      [{ btfFd: 4000 }, -9],
      [{ btfFd: socketFd }, -22],
      [{ btfFd: mapFd }, -22],
      [{ btfFd, btfKeyTypeId: valueTypeId }, -22],
      [{ btfFd, btfValueTypeId: 99 }, -22],
      [{ btfFd, valueSize: 12 }, -22],
      // The name is looked at before the BTF, the size before the name.
      [{ btfFd: 4000, name: 'bad-name' }, -22],
    ] as const)
      expect(mapCreate(cpu, { ...TYPED, ...options })).toBe(err)
    for (const fd of [btfFd, socketFd, mapFd]) fdClose(cpu, fd)
    expectLive(here)
  })

  it('is not a map, nor a map one', () => {
    const { cpu } = house({ sanitize })
    const btfFd = btfLoad(cpu, bytes)
    expect(mapGet(cpu, btfFd)).toBe(-22)
    expect(btfGet(cpu, storageMap(cpu).fd)).toBe(-22)
    expect(btfGet(cpu, 4000)).toBe(-9)
  })

  it('is refused for bytes that are no BTF, and for more than 16 MiB', () => {
    const here = house({ sanitize })
    expect(btfLoad(here.cpu, bytes.subarray(0, 20))).toBe(-22)
    expect(btfLoad(here.cpu, new Uint8Array(100))).toBe(-22)
    expect(btfLoad(here.cpu, new Uint8Array(BTF_MAX_SIZE + 1))).toBe(-7)
    expect(btfLoad(here.cpu, new Uint8Array(BTF_MAX_SIZE))).toBe(-22)
    expectLive(here)
  })
})

it('without memory for its object, its descriptor or the map nothing is kept', () => {
  const here = house({ sanitize: true })
  const { cpu } = here
  const btfFd = btfLoad(cpu, bytes)
  for (const nth of [1, 2]) {
    failslab(here.words, nth)
    expect(btfLoad(cpu, bytes)).toBe(-12)
  }
  for (const nth of [1, 2, 3]) {
    failslab(here.words, nth)
    expect(mapCreate(cpu, { ...TYPED, btfFd })).toBe(-12)
  }
  failslab(here.words, 1)
  expect(btfGetFdById(cpu, 1)).toBe(-12)
  fdClose(cpu, btfFd)
  expectLive(here)
})
