/**
 * What a program's type decides: its context, what it may return, and which helpers it may call.
 */

import type { BpfProgram } from '../object.ts'
import {
  CGROUP_SKB,
  GETSOCKOPT,
  NO_CONTEXT,
  SCHED_CLS,
  SETSOCKOPT,
  SOCK_OPS,
  SOCKET_FILTER,
  sockAddr,
} from './fields.ts'
import type { Structure } from './structure.ts'

export interface ProgramType {
  readonly context: Structure
  /** Least and greatest return value; undefined where any will do. */
  readonly returns: readonly [number, number] | undefined
  /** Numbers of the helpers that it may call, of those that we know. */
  readonly helpers: ReadonlySet<number>
  /** Of no type of the kernel's: nobody looks at what it returns. */
  readonly bare?: true
  /** Why it may not use a bpf_spin_lock, in the kernel's words. */
  readonly noSpinLock?: string
}

/** Maps, time, chance, CPU, pid, locks, printk: for every type. */
const EVERYWHERE = [1, 2, 3, 5, 6, 7, 8, 14, 93, 94]
const TRACING = 'tracing progs cannot use bpf_spin_lock yet'

function type(context: Structure, returns: ProgramType['returns'], helpers: readonly number[]): ProgramType {
  return { context, returns, helpers: new Set([...EVERYWHERE, ...helpers]) }
}

const TYPES: Readonly<Record<string, (attach: string | undefined) => ProgramType>> = {
  cgroup_skb: (attach) => type(CGROUP_SKB, attach === 'cgroup_inet_egress' ? [0, 3] : [0, 1], [46, 95, 96, 107, 108]),
  sched_cls: () => type(SCHED_CLS, undefined, [46, 95, 96, 107, 108]),
  socket_filter: () => ({
    ...type(SOCKET_FILTER, undefined, [46]),
    noSpinLock: 'socket filter progs cannot use bpf_spin_lock yet',
  }),
  sock_ops: () => type(SOCK_OPS, [0, 1], [46, 59, 96, 107, 108]),
  cgroup_sockopt: (attach) => type(attach === 'cgroup_getsockopt' ? GETSOCKOPT : SETSOCKOPT, [0, 1], [96, 107, 108]),
  cgroup_sock_addr: (attach) =>
    type(
      sockAddr(attach),
      /recvmsg|get(peer|sock)name/.test(attach ?? '') ? [1, 1] : /inet[46]_bind/.test(attach ?? '') ? [0, 3] : [0, 1],
      [46, 107, 108],
    ),
  xdp: () => type(NO_CONTEXT, undefined, []),
  kprobe: () => ({ ...type(NO_CONTEXT, undefined, []), noSpinLock: TRACING }),
  tracepoint: () => ({ ...type(NO_CONTEXT, undefined, []), noSpinLock: TRACING }),
  raw_tracepoint: () => ({ ...type(NO_CONTEXT, undefined, []), noSpinLock: TRACING }),
  perf_event: () => ({ ...type(NO_CONTEXT, undefined, []), noSpinLock: TRACING }),
}

/** What the type of a program says; undefined for one that we don't know. */
export function programTypeOf(program: Pick<BpfProgram, 'type' | 'attach'>): ProgramType | undefined {
  return Object.hasOwn(TYPES, program.type) ? TYPES[program.type](program.attach) : undefined
}
