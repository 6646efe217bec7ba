import { describe, expect, it } from 'vitest'
import { type BpfProg, MAX_PROG_MAPS, progInc, progLoad, progPut } from '../../src/shared/bpf-prog.ts'
import { fdClose } from '../../src/shared/fd-table.ts'
import { mapInfo } from '../../src/shared/map.ts'
import { failslab } from '../../src/shared/sanitizer.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import { rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { expectLive, house, MODES, online, storageMap } from './setting.ts'

describe.each(MODES)('a loaded program ($mode)', ({ sanitize }) => {
  it('keeps its maps when their descriptors are closed', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const maps = [storageMap(cpu), storageMap(cpu)]
    const prog = progLoad(
      cpu,
      maps.map(({ map }) => map),
    ) as BpfProg
    for (const { fd } of maps) fdClose(cpu, fd)
    expectLive(here, { map: 2, buckets: 2, prog: 1 })
    for (const { map } of maps) expect(mapInfo(cpu, map).references).toBe(1)
    progPut(cpu, prog)
    expectLive(here)
  })

  it('holds its maps for a grace period after it is put: a CPU may still run it', () => {
    const here = house({ sanitize })
    const { memory, cpu, other } = here
    const { fd, map } = storageMap(cpu)
    const prog = progLoad(cpu, [map]) as BpfProg
    fdClose(cpu, fd)
    rcuReadLock(online(other))
    progPut(cpu, prog)
    for (let i = 0; i < 4; i++) rcuQuiescentState(cpu)
    expect(mapInfo(other, map).references).toBe(1)
    expect(liveObjects(memory)).toMatchObject({ prog: 1, map: 1 })
    rcuReadUnlock(other)
    expectLive(here)
  })

  it('is there until it is put as often as it was taken', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const { fd, map } = storageMap(cpu)
    const prog = progLoad(cpu, [map]) as BpfProg
    progInc(cpu, prog)
    progPut(cpu, prog)
    expectLive(here, { prog: 1, map: 1, buckets: 1, file: 1 })
    expect(mapInfo(cpu, map).references).toBe(2)
    progPut(cpu, prog)
    expectLive(here, { map: 1, buckets: 1, file: 1 })
    fdClose(cpu, fd)
    expectLive(here)
  })

  it('may use no map, or as many as there is room for, and not one more', () => {
    const here = house({ sanitize })
    const { cpu } = here
    const { map, fd } = storageMap(cpu)
    expect(progLoad(cpu, Array(MAX_PROG_MAPS + 1).fill(map))).toBe(-7)
    expect(mapInfo(cpu, map).references).toBe(1)
    const progs = [progLoad(cpu, []), progLoad(cpu, Array(MAX_PROG_MAPS).fill(map))] as BpfProg[]
    expect(mapInfo(cpu, map).references).toBe(1 + MAX_PROG_MAPS)
    for (const prog of progs) progPut(cpu, prog)
    fdClose(cpu, fd)
    expectLive(here)
  })
})

it('a program for which there is no memory takes no reference', () => {
  const here = house({ sanitize: true })
  const { map } = storageMap(here.cpu)
  failslab(here.words, 1)
  expect(progLoad(here.cpu, [map])).toBe(-12)
  expect(mapInfo(here.cpu, map).references).toBe(1)
})
