/**
 * Sockets: born with one reference, dead when the last is put.
 *
 * The death of a socket comes in two kinds. One marked SOCK_RCU_FREE (listeners, UDP) may be found under RCU without a
 * reference, so after its last put it waits for a grace period. Any other kind is destroyed at once: nobody may have
 * reached it without a reference.
 */

import type { Cpu } from '../sync/cpu.ts'
import { KernelBug } from '../sync/kernel-bug.ts'
import { callRcu } from '../sync/rcu-callback.ts'
import { refcountDecAndTest, refcountIncNotZero, refcountSet } from '../sync/refcount.ts'
import { CALLBACK } from './callbacks.ts'
import type { Sk } from './pointer.ts'
import { HEADER, SOCK } from './records.ts'
import { bpfSkStorageFree } from './sk-storage-free.ts'
import { kfree, kmalloc } from './slab.ts'
import { KIND } from './slab-layout.ts'

/** Address family: IPv4. */
export const AF_INET = 2
/** Address family: IPv6. */
export const AF_INET6 = 10
/** Socket type: TCP. */
export const SOCK_STREAM = 1
/** Socket type: UDP. */
export const SOCK_DGRAM = 2
/** State: connected. What a stream socket is unless told otherwise. */
export const TCP_ESTABLISHED = 1
/** State: a connection is asked for. */
export const TCP_SYN_SENT = 2
/** State: a connection is about to be accepted. */
export const TCP_SYN_RECV = 3
/** State: neither connected nor listening. What a datagram socket is. */
export const TCP_CLOSE = 7
/** State: accepts connections, and hands clones of its storage to them. */
export const TCP_LISTEN = 10

/** Flag of a socket that lookups may find without taking a reference. */
export const SOCK_RCU_FREE = 1

/** What a new socket is. Addresses are four words, IPv4 in the first. */
export interface SockOptions {
  /** `AF_INET` by default. */
  readonly family?: typeof AF_INET | typeof AF_INET6
  /** `SOCK_STREAM` by default. */
  readonly type?: typeof SOCK_STREAM | typeof SOCK_DGRAM
  /** A `TCP_*`; by default what suits the type. */
  readonly state?: number
  /** Free after a grace period. By default for UDP and for listeners. */
  readonly rcuFree?: boolean
  /** Local address, four 32-bit words, zeros by default. */
  readonly saddr?: ArrayLike<number>
  /** Remote address, likewise. */
  readonly daddr?: ArrayLike<number>
  /** Local port, 0 to 65 535. */
  readonly sport?: number
  /** Remote port, 0 to 65 535. */
  readonly dport?: number
}

/** Makes a socket with one reference, the caller's. NULL without memory. */
export function skAlloc(cpu: Cpu, options: SockOptions): Sk {
  const { words } = cpu
  const sk = kmalloc(cpu, KIND.sock, SOCK.SIZE) as Sk
  if (sk === 0) return sk
  const type = options.type ?? SOCK_STREAM
  const state = options.state ?? (type === SOCK_DGRAM ? TCP_CLOSE : TCP_ESTABLISHED)
  const rcuFree = options.rcuFree ?? (type === SOCK_DGRAM || state === TCP_LISTEN)
  words[sk + SOCK.storage] = 0
  refcountSet(words, sk + SOCK.refcount, 1)
  words[sk + SOCK.omemAlloc] = 0
  words[sk + SOCK.flags] = rcuFree ? SOCK_RCU_FREE : 0
  words[sk + SOCK.family] = options.family ?? AF_INET
  words[sk + SOCK.type] = type
  words[sk + SOCK.state] = state
  words[sk + SOCK.ports] = ((options.sport ?? 0) << 16) | (options.dport ?? 0)
  words[sk + SOCK.mark] = 0
  words[sk + SOCK.priority] = 0
  words[sk + SOCK.cbFlags] = 0
  for (let i = 0; i < 4; i++) {
    words[sk + SOCK.saddr + i] = options.saddr?.[i] ?? 0
    words[sk + SOCK.daddr + i] = options.daddr?.[i] ?? 0
  }
  setCookie(cpu, sk)
  return sk
}

/**
 * Gives the socket a cookie of its own. Each CPU counts for itself, in steps of the number of CPUs. Model:
 * gen_cookie_next().
 */
export function setCookie(cpu: Cpu, sk: Sk): void {
  const { words } = cpu
  const counter = words[HEADER.cookies] + cpu.id * 16
  const low = words[counter] >>> 0
  const high = words[counter + 1]
  const cookie = low + 1 + cpu.id
  words[sk + SOCK.cookieLow] = cookie
  words[sk + SOCK.cookieHigh] = high + (cookie > 0xffff_ffff ? 1 : 0)
  const next = low + words[HEADER.cpus]
  words[counter] = next
  words[counter + 1] = high + (next > 0xffff_ffff ? 1 : 0)
}

/** The socket's 64-bit cookie. */
export function sockCookie(cpu: Cpu, sk: Sk): bigint {
  const { words } = cpu
  return (BigInt(words[sk + SOCK.cookieHigh] >>> 0) << 32n) | BigInt(words[sk + SOCK.cookieLow] >>> 0)
}

/** Takes a reference unless the socket is dying. */
export function sockHoldNotZero(cpu: Cpu, sk: Sk): boolean {
  return refcountIncNotZero(cpu.words, sk + SOCK.refcount)
}

/**
 * Drops a reference; the last one destroys the socket, or has it destroyed after a grace period. Never waits. Model:
 * sock_put(), sk_destruct().
 */
export function sockPut(cpu: Cpu, sk: Sk): void {
  const { words } = cpu
  if (!refcountDecAndTest(words, sk + SOCK.refcount)) return
  if ((words[sk + SOCK.flags] & SOCK_RCU_FREE) !== 0) callRcu(cpu, sk + SOCK.rcu, CALLBACK.skDestruct)
  else skDestruct(cpu, sk)
}

/**
 * C10: nobody can reach the socket any more but map free, which sweeps the same elements from the other side.
 * Throws KernelBug if bytes are still charged when everything is gone (H17). Model: __sk_destruct().
 */
export function skDestruct(cpu: Cpu, sk: Sk): void {
  bpfSkStorageFree(cpu, sk)
  const charged = Atomics.load(cpu.words, sk + SOCK.omemAlloc)
  kfree(cpu, KIND.sock, SOCK.SIZE, sk)
  if (charged !== 0)
    throw new KernelBug('omem-not-zero', `the socket at word ${sk} died with ${charged} bytes still charged to it`)
}

/** The callback behind CALLBACK.skDestruct. */
export function skDestructCallback(cpu: Cpu, head: number): void {
  skDestruct(cpu, (head - SOCK.rcu) as Sk)
}
