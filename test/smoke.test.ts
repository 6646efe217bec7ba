import { expect, it } from 'vitest'
import { rcuOnline, rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { runDeferredWork } from '../src/sync/deferred-work.ts'
import { rcuBarrier } from '../src/sync/synchronize-rcu.ts'
import { cpuOf } from '../src/shared/cpu-of.ts'
import { createMemory } from '../src/shared/memory.ts'
import { liveObjects } from '../src/shared/slab.ts'
import { mapCreate, mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import { socketCreate } from '../src/shared/socket.ts'
import { sockAccept } from '../src/shared/sk-clone.ts'
import { fdClose } from '../src/shared/fd-table.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem } from '../src/shared/sk-storage.ts'
import { checkInvariants } from '../src/shared/invariants.ts'

for (const sanitize of [false, true])
  it(`runs a life ${sanitize}`, () => {
    const memory = createMemory({ cpus: 2, bytes: 8 << 20, sanitize })
    const cpu = cpuOf(memory, 0)
    rcuOnline(cpu)
    const mfd = mapCreate(cpu, { type: 24, keySize: 4, valueSize: 8, maxEntries: 0, flags: 1 | 512, lockOffset: 4, btfKeyTypeId: 1, btfValueTypeId: 3, name: 'm' })
    const map = mapGet(cpu, mfd) as never
    const fds = Array.from({ length: 100 }, () => socketCreate(cpu, { state: 10 }))
    const out = new Int32Array(2)
    for (const fd of fds) {
      expect(fdLookupElem(cpu, map, fd, out, 0)).toBe(-2)
      expect(fdUpdateElem(cpu, map, fd, Int32Array.of(fd, 77), 1)).toBe(0)
      expect(fdUpdateElem(cpu, map, fd, Int32Array.of(fd, 77), 1)).toBe(-17)
      expect(fdUpdateElem(cpu, map, fd, Int32Array.of(fd + 1, 77), 0)).toBe(0)
      expect(fdUpdateElem(cpu, map, fd, Int32Array.of(fd + 1, 77), 4)).toBe(0)
      expect(fdLookupElem(cpu, map, fd, out, 4)).toBe(0)
      expect([...out]).toEqual([fd + 1, 0])
      rcuQuiescentState(cpu)
    }
    expect(checkInvariants(cpu)).toEqual([])
    const child = sockAccept(cpu, fds[3])
    expect(fdLookupElem(cpu, map, child, out, 0)).toBe(0)
    expect([...out]).toEqual([fds[3] + 1, 0])
    expect(fdDeleteElem(cpu, map, child)).toBe(0)
    expect(fdDeleteElem(cpu, map, child)).toBe(-2)
    for (const fd of fds.slice(50)) expect(fdClose(cpu, fd)).toBe(0)
    rcuBarrier(cpu)
    expect(checkInvariants(cpu)).toEqual([])
    expect(fdClose(cpu, mfd)).toBe(0)
    mapPut(cpu, map)
    runDeferredWork(cpu)
    expect(checkInvariants(cpu)).toEqual([])
    for (const fd of fds.slice(0, 50)) expect(fdClose(cpu, fd)).toBe(0)
    fdClose(cpu, child)
    rcuBarrier(cpu)
    rcuBarrier(cpu)
    expect(liveObjects(memory)).toEqual({ sock: 0, file: 0, storage: 0, elem: 0, map: 0, buckets: 0, hashElems: 0, hashFreeLists: 0, words: 0 })
    rcuReadLock(cpu)
    rcuReadUnlock(cpu)
  })
