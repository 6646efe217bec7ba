import { describe, expect, it } from 'vitest'
import { fdClose } from '../../src/shared/fd-table.ts'
import type { Sk } from '../../src/shared/pointer.ts'
import { HEADER, SOCK } from '../../src/shared/records.ts'
import { failslab } from '../../src/shared/sanitizer.ts'
import { fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { liveObjects } from '../../src/shared/slab.ts'
import {
  AF_INET,
  AF_INET6,
  SOCK_DGRAM,
  SOCK_RCU_FREE,
  SOCK_STREAM,
  type SockOptions,
  skAlloc,
  skDestruct,
  sockCookie,
  sockHoldNotZero,
  sockPut,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '../../src/shared/sock.ts'
import { socketCreate } from '../../src/shared/socket.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { KernelBug } from '../../src/sync/kernel-bug.ts'
import { rcuQuiescentState } from '../../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { expectLive, house, MODES, online, socket, storageMap } from './setting.ts'

function field(cpu: Cpu, sk: Sk, name: keyof typeof SOCK): number {
  return cpu.words[sk + SOCK[name]]
}

describe.each(MODES)('a socket ($mode)', ({ sanitize }) => {
  it('is born a TCP connection over IPv4 with one reference, no storage and nothing charged', () => {
    const { cpu } = house({ sanitize })
    const sk = skAlloc(cpu, {})
    const names = ['family', 'type', 'state', 'refcount', 'storage', 'omemAlloc', 'flags', 'ports'] as const
    expect(names.map((name) => field(cpu, sk, name))).toEqual([AF_INET, SOCK_STREAM, TCP_ESTABLISHED, 1, 0, 0, 0, 0])
  })

  it('keeps its addresses and ports', () => {
    const { cpu, words } = house({ sanitize })
    const sk = skAlloc(cpu, { family: AF_INET6, saddr: [1, 2, 3, 4], daddr: [5, 6, 7, 8], sport: 51_234, dport: 443 })
    expect(field(cpu, sk, 'family')).toBe(AF_INET6)
    expect([...words.slice(sk + SOCK.saddr, sk + SOCK.daddr + 4)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(field(cpu, sk, 'ports') >>> 16).toBe(51_234)
    expect(field(cpu, sk, 'ports') & 0xffff).toBe(443)
    const short = skAlloc(cpu, { saddr: [7] })
    expect([...words.slice(short + SOCK.saddr, short + SOCK.saddr + 4)]).toEqual([7, 0, 0, 0])
  })

  it.each([
    [{}, TCP_ESTABLISHED, false],
    [{ state: TCP_LISTEN }, TCP_LISTEN, true],
    [{ type: SOCK_DGRAM }, TCP_CLOSE, true],
    [{ type: SOCK_DGRAM, rcuFree: false }, TCP_CLOSE, false],
    [{ rcuFree: true }, TCP_ESTABLISHED, true],
  ] as const)('made with %o is in state %i; freed after a grace period: %s', (options, state, rcuFree) => {
    const { cpu } = house({ sanitize })
    const sk = skAlloc(cpu, options)
    expect(field(cpu, sk, 'state')).toBe(state)
    expect((field(cpu, sk, 'flags') & SOCK_RCU_FREE) !== 0).toBe(rcuFree)
  })

  it('is gone with its last reference and not before', () => {
    const { memory, cpu } = house({ sanitize })
    const sk = skAlloc(cpu, {})
    expect(sockHoldNotZero(cpu, sk)).toBe(true)
    sockPut(cpu, sk)
    expect(liveObjects(memory).sock).toBe(1)
    sockPut(cpu, sk)
    expect(liveObjects(memory).sock).toBe(0)
  })

  it('marked SOCK_RCU_FREE outlives its last reference by a grace period, and takes no new one', () => {
    const here = house({ sanitize })
    const { memory, cpu, other } = here
    const sk = skAlloc(cpu, { rcuFree: true })
    rcuReadLock(online(other))
    sockPut(cpu, sk)
    expect(sockHoldNotZero(other, sk)).toBe(false)
    for (let i = 0; i < 5; i++) rcuQuiescentState(cpu)
    // CPU 1 may still look at it.
    expect(liveObjects(memory).sock).toBe(1)
    expect(field(other, sk, 'state')).toBe(TCP_ESTABLISHED)
    rcuReadUnlock(other)
    expectLive(here)
  })

  it.each([{}, { rcuFree: true }] as SockOptions[])('made with %o takes its storage with it', (options) => {
    const here = house({ sanitize })
    const { cpu } = here
    const { map } = storageMap(cpu)
    const { fd } = socket(cpu, options)
    expect(fdUpdateElem(cpu, map, fd, Int32Array.of(1), 0)).toBe(0)
    expect(fdClose(cpu, fd)).toBe(0)
    expectLive(here, { map: 1, file: 1, buckets: 1 })
  })

  it('that is put once too often is an underflow, not a second death', () => {
    const { cpu } = house({ sanitize: false })
    const sk = skAlloc(cpu, {})
    sockPut(cpu, sk)
    cpu.words[sk + SOCK.refcount] = 0
    expect(() => sockPut(cpu, sk)).toThrow(
      new KernelBug('refcount-underflow', `refcountDecAndTest at word ${sk + SOCK.refcount}: the count was already 0`),
    )
  })

  it('that dies with bytes still charged to it says how many (H17)', () => {
    const { memory, cpu, words } = house({ sanitize })
    const sk = skAlloc(cpu, {})
    words[sk + SOCK.omemAlloc] = 136
    let bug: unknown
    try {
      skDestruct(cpu, sk)
    } catch (error) {
      bug = error
    }
    expect(bug).toBeInstanceOf(KernelBug)
    expect(String(bug)).toBe(`KernelBug: the socket at word ${sk} died with 136 bytes still charged to it`)
    expect((bug as KernelBug).code).toBe('omem-not-zero')
    expect(liveObjects(memory).sock).toBe(0)
  })
})

describe('cookies', () => {
  /** The next cookie on a CPU. */
  function cookie(cpu: Cpu): bigint {
    const sk = skAlloc(online(cpu), {})
    const cookie = sockCookie(cpu, sk)
    sockPut(cpu, sk)
    return cookie
  }

  it.each([1, 2, 3, 7])('are never 0 and never given twice on %i CPUs', (count) => {
    const { cpus } = house({ cpus: count })
    const seen = new Set<bigint>()
    for (let i = 0; i < 3000; i++) seen.add(cookie(cpus[(i * i) % count]))
    expect(seen.size).toBe(3000)
    expect(seen.has(0n)).toBe(false)
  })

  it('have their lower half to the end before the upper counts', () => {
    const { cpu, words } = house({ cpus: 1 })
    words[words[HEADER.cookies]] = -2
    expect([cookie(cpu), cookie(cpu)]).toEqual([0xffff_ffffn, 0x1_0000_0000n])
  })

  it('are counted by each CPU on a line of its own, in steps of the number of CPUs', () => {
    const { cpus, words } = house({ cpus: 3 })
    const depots = words.slice(words[HEADER.depots], words[HEADER.cookies])
    expect(cpus.map((cpu) => [cookie(cpu), cookie(cpu)])).toEqual([
      [1n, 4n],
      [2n, 5n],
      [3n, 6n],
    ])
    expect(cpus.map(({ id }) => words[words[HEADER.cookies] + id * 16])).toEqual([6, 6, 6])
    expect(words.slice(words[HEADER.depots], words[HEADER.cookies])).toEqual(depots)
  })

  it('rise on each CPU', () => {
    const { cpu } = house()
    const cookies = Array.from({ length: 50 }, () => cookie(cpu))
    expect(cookies).toEqual([...new Set(cookies)].sort((a, b) => (a < b ? -1 : 1)))
  })

  it.each([1, 2, 3, 5, 8])('stay unique when their lower half overflows, on %i CPUs', (count) => {
    const { cpus, words } = house({ cpus: count })
    // Each CPU has counted so far that the next few sockets cross 2**32, again and again.
    const seen: bigint[] = []
    for (let lap = 1n; lap <= 6n; lap++) {
      for (const cpu of cpus) {
        const steps = (lap << 32n) / BigInt(count) - 4n
        const given = steps * BigInt(count)
        const counter = words[HEADER.cookies] + cpu.id * 16
        words[counter] = Number(BigInt.asIntN(32, given))
        words[counter + 1] = Number(given >> 32n)
        for (let i = 0; i < 8; i++) seen.push(cookie(cpu))
      }
    }
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('socketCreate', () => {
  it('returns -EMFILE when the table is full and leaves no socket behind', () => {
    const here = house({ maxFds: 4 })
    const fd = socketCreate(here.cpu, {})
    expect(fd).toBe(3)
    expect(socketCreate(here.cpu, {})).toBe(-24)
    expect(socketCreate(here.cpu, { rcuFree: true })).toBe(-24)
    expectLive(here, { sock: 1, file: 1 })
    expect(fdClose(here.cpu, fd)).toBe(0)
    expectLive(here)
  })

  it('returns -ENOMEM when memory is out', () => {
    const { cpu, words } = house()
    let last = 0
    while ((last = socketCreate(cpu, {})) > 0 && words[HEADER.brk] < words[HEADER.heapEnd]);
    words[HEADER.brk] = words[HEADER.heapEnd]
    while ((last = socketCreate(cpu, {})) > 0);
    expect([-12, -24]).toContain(last)
  })
})

it('a socket for which there is no memory is NULL, and nothing is written there', () => {
  const { cpu, words } = house({ sanitize: true })
  failslab(words, 1)
  const beginning = words.slice(0, HEADER.failslab)
  expect(skAlloc(cpu, { family: AF_INET6 })).toBe(0)
  expect(words.slice(0, HEADER.failslab)).toEqual(beginning)
  failslab(words, 1)
  expect(socketCreate(cpu, {})).toBe(-12)
})
