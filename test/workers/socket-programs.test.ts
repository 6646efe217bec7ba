/**
 * Programs that syscalls of sockets call: of sections sockops, cgroup/setsockopt and cgroup/getsockopt. What they see
 * and what their return values do was asked of Linux 6.18, on the loopback device.
 */

import { describe, expect, it } from 'vitest'
import type { Machine } from '../../src/workers/machine.ts'
import { onMachine } from './on-machine.ts'

const OBJECT = new URL('../bpf/objects/sockets.bpf.o', import.meta.url)
const SOL_SOCKET = 1
const [SO_TYPE, SO_PRIORITY, SO_MARK, SO_PROTOCOL, SO_DOMAIN, SO_COOKIE] = [3, 12, 36, 38, 39, 57]
const [CLOSE, LISTEN] = [7, 10] as const

/** What a call throws, or what it returns. */
function tried(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return (error as { code?: string }).code
  }
}

async function withPrograms<T>(names: readonly string[], body: (given: Given) => T | Promise<T>): Promise<void> {
  await onMachine({ cpus: 2 }, async (machine) => {
    const object = machine.load(OBJECT)
    for (const name of names) machine.attach(object.programs[name], { stats: true })
    await body({ machine, object, sys: machine.sys })
    object.close()
  })
}

interface Given {
  readonly machine: Machine
  readonly object: ReturnType<Machine['load']>
  readonly sys: Machine['sys']
}

describe('a sockops program', () => {
  it('hears of a connection in the order of Linux, and of states where it asks for them', async () => {
    await withPrograms(['track'], ({ object: { maps }, sys }) => {
      const life = (fd: number) => maps.lives.read(fd)
      const fd = sys.socket({ state: CLOSE, sport: 0x1234, dport: 0x5678 })
      expect(life(fd)).toBeUndefined()
      sys.connect(fd)
      // SYN_SENT to ESTABLISHED, of which it heard before it was done.
      expect(life(fd)).toEqual({ connects: 1, established: 1, accepted: 0, changes: 1, from: 2, to: 1 })
      const { flags_left, ports } = maps['.bss'].read()!
      expect([flags_left, (ports as number) >>> 0]).toEqual([0x4000, 0x1234_7856])
      expect(tried(() => sys.connect(fd))).toBe('EISCONN')

      const listener = sys.socket({ state: LISTEN })
      const child = sys.accept(listener)
      // The child has its listener's flags: SYN_RECV to ESTABLISHED.
      expect(life(child)).toEqual({ connects: 0, established: 0, accepted: 1, changes: 1, from: 3, to: 1 })
      expect(life(listener)).toMatchObject({ changes: 0 })
      expect(tried(() => sys.connect(listener))).toBe('EISCONN')

      const at = (op: number) => maps.events.read(op)!.value
      expect([3, 4, 5, 10, 11].map(at)).toEqual([1, 1, 1, 2, 1])
      sys.close(listener)
      expect([3, 4, 5, 10, 11].map(at)).toEqual([1, 1, 1, 3, 1])
      // A map's close is none of its business, nor is a datagram socket's.
      const udp = sys.socket({ type: 2 })
      sys.connect(udp)
      sys.close(udp)
      expect([3, 4, 5, 10, 11].map(at)).toEqual([1, 1, 1, 3, 1])
    })
  })

  it('sees the state before each event changes it, in its context and its socket', async () => {
    await withPrograms(['note'], ({ object: { maps }, sys }) => {
      const fd = sys.socket({ state: CLOSE })
      sys.connect(fd)
      const listener = sys.socket({ state: LISTEN })
      sys.close(sys.accept(listener))
      sys.close(fd)
      const seen = Array.from({ length: 10 }, (_, i) => maps.order.read(i)!)
      // CONNECT, STATE, ACTIVE_ESTABLISHED; LISTEN; PASSIVE_ESTABLISHED, STATE, STATE; STATE.
      expect(seen.map(({ op }) => op)).toEqual([3, 10, 4, 11, 5, 10, 10, 10, 0, 0])
      const states = [2, 2, 1, 10, 3, 3, 1, 1, 0, 0]
      expect(seen.map(({ state }) => state)).toEqual(states)
      expect(seen.map(({ of_socket }) => of_socket)).toEqual(states)
    })
  })

  it('hears no more when it is detached', async () => {
    await onMachine({ cpus: 1 }, async (machine) => {
      const { programs, maps, close } = machine.load(OBJECT)
      const attached = machine.attach(programs.track)
      machine.sockets(2)
      attached.detach()
      machine.sockets(3)
      expect(maps.events.read(3)).toEqual({ value: 2 })
      close()
    })
  })

  it('is called to its end by a call on workers that began before it was detached, and by no later one', async () => {
    await onMachine({ cpus: 1 }, async (machine) => {
      const { programs, maps, close } = machine.load(OBJECT)
      const attached = machine.attach(programs.track)
      const url = new URL('./modules/connections.js', import.meta.url)
      const listener = machine.sys.socket({ state: LISTEN })
      const call = machine.call(url, { rounds: 100, listener })
      attached.detach()
      await call
      expect([3, 4].map((op) => maps.events.read(op)!.value)).toEqual([100, 100])
      await machine.call(url, { rounds: 100, listener })
      expect([3, 4].map((op) => maps.events.read(op)!.value)).toEqual([100, 100])
      close()
    })
  })

  it('runs on the CPU that makes the syscall, and its runs are counted', async () => {
    await withPrograms(['track', 'gauge', 'guard'], async ({ machine, object: { maps }, sys }) => {
      const listener = sys.socket({ state: LISTEN })
      const before = [...machine.programs.values()].map(({ runCnt }) => runCnt)
      expect(before).toEqual([1, 1, 0])
      const url = new URL('./modules/connections.js', import.meta.url)
      expect(await machine.call(url, { rounds: 100, listener })).toEqual([0, 1])
      expect([3, 4, 5, 11].map((op) => maps.events.read(op)!.value)).toEqual([200, 200, 200, 1])
      // Each connection of one's own: connect, state, established, state; each that came in: accepted, state, state.
      const [track, gauge, guard] = machine.programs.values()
      expect([track.runCnt, gauge.runCnt, guard.runCnt]).toEqual([1 + 200 * 7, 1 + 200 * 7, 200])
      expect(track.runTimeNs).toBeGreaterThan(0)
      expect(track.type).toBe('sock_ops')
    })
  })
})

describe('a sockopt program', () => {
  const values = [4, 2, 8, 12, 13, 5].map((length) => Uint8Array.from({ length }, (_, i) => (i === 0 ? 6 : 0)))

  it('lets pass, refuses, keeps the kernel out of it or asks for another option', async () => {
    await withPrograms(['guard'], ({ sys, object: { maps } }) => {
      const fd = sys.socket()
      const set = (value: Uint8Array) => tried(() => sys.setsockopt(fd, SOL_SOCKET, SO_MARK, value))
      const number = (option: number) => sys.getsockopt(fd, SOL_SOCKET, option).value[0]
      expect(values.map(set)).toEqual([undefined, 'EINVAL', 'EPERM', undefined, 'EFAULT', undefined])
      expect([number(SO_MARK), number(SO_PRIORITY)]).toEqual([6, 6])
      sys.setsockopt(fd, SOL_SOCKET, SO_MARK, 7)
      sys.setsockopt(
        fd,
        SOL_SOCKET,
        SO_MARK,
        Uint8Array.from({ length: 12 }, () => 9),
      )
      expect(number(SO_MARK)).toBe(7)
      expect(maps['.bss'].read()!.asked).toBe(8)
      expect(tried(() => sys.setsockopt(fd, SOL_SOCKET, 9999, 1))).toBe('ENOPROTOOPT')
      expect(tried(() => sys.setsockopt(fd, 99, SO_MARK, 1))).toBe('ENOPROTOOPT')
      expect(tried(() => sys.setsockopt(maps['.bss'].fd, SOL_SOCKET, SO_MARK, 1))).toBe('ENOTSOCK')
      expect(tried(() => sys.setsockopt(999, SOL_SOCKET, SO_MARK, 1))).toBe('EBADF')
    })
  })

  it('on getsockopt changes length and result, and refuses what did not fail', async () => {
    await withPrograms(['answer'], ({ sys }) => {
      const fd = sys.socket()
      sys.setsockopt(fd, SOL_SOCKET, SO_MARK, 0x1234_5678)
      const get = (level: number, option: number, length = 4) => tried(() => sys.getsockopt(fd, level, option, length))
      expect(get(SOL_SOCKET, SO_MARK)).toEqual({ result: 0, value: Uint8Array.of(0x78, 0x56) })
      expect(get(SOL_SOCKET, SO_MARK, 1)).toBe('EFAULT')
      expect(get(SOL_SOCKET, SO_PRIORITY)).toBe('EPERM')
      expect(get(SOL_SOCKET, 9999)).toEqual({ result: 0, value: new Uint8Array(4) })
      expect(get(99, SO_TYPE)).toBe('EOPNOTSUPP')
    })
  })

  it('is not there: options are those of Linux', async () => {
    await onMachine({ cpus: 1 }, async ({ sys }) => {
      const fd = sys.socket()
      const get = (option: number, length = 4) => tried(() => sys.getsockopt(fd, SOL_SOCKET, option, length))
      expect([SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_MARK].map((option) => get(option))).toEqual(
        [1, 6, 2, 0].map((number) => ({ result: 0, value: Uint8Array.of(number, 0, 0, 0) })),
      )
      expect(get(SO_COOKIE)).toBe('EINVAL')
      expect(get(SO_COOKIE, 8)).toEqual({ result: 0, value: new Uint8Array(BigUint64Array.of(sys.cookie(fd)).buffer) })
      expect(get(SO_TYPE, 2)).toEqual({ result: 0, value: Uint8Array.of(1, 0) })
      expect(get(SO_TYPE, -1)).toBe('EINVAL')
      expect(tried(() => sys.setsockopt(fd, SOL_SOCKET, SO_TYPE, 1))).toBe('ENOPROTOOPT')
      const listener = sys.socket({ state: LISTEN })
      sys.setsockopt(listener, SOL_SOCKET, SO_MARK, 5)
      // What is accepted inherits it.
      expect(sys.getsockopt(sys.accept(listener), SOL_SOCKET, SO_MARK).value[0]).toBe(5)
    })
  })
})
