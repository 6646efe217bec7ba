/**
 * The programs of a machine's sockets, ready to run on one CPU: of sections `sockops`, `cgroup/setsockopt` and
 * `cgroup/getsockopt`, each in the order in which they were attached. All of a kind run, and see what those before them
 * stored to the context.
 */

import type { Sk } from '../../shared/pointer.ts'
import { SOCK } from '../../shared/records.ts'
import type { SocketPrograms, SockoptRequest } from '../../shared/socket-programs.ts'
import type { Cpu } from '../../sync/cpu.ts'
import { rcuReadLock, rcuReadUnlock } from '../../sync/rcu.ts'
import type { BpfProgram } from '../object.ts'
import { type Context, contextOf } from './context.ts'

/** A program that syscalls of sockets call. */
export interface SocketProgram {
  readonly type: string
  readonly attach?: string
  /** Fields of its context that whoever attached it has given, in place of what the socket says. */
  readonly given: Context
  /** One run, in a read section. */
  readonly run: (context: Context) => unknown
}

/** Whether a program is one of those: others run for packets. */
export function isSocketProgram({ type }: Pick<BpfProgram, 'type'>): boolean {
  return type === 'sock_ops' || type === 'cgroup_sockopt'
}

/** All of them behind one face. `list` may change later. */
export function socketPrograms(list: readonly SocketProgram[]): SocketPrograms {
  return {
    sockOps(cpu, sk, op, arg0, arg1) {
      const programs = list.filter(({ type }) => type === 'sock_ops')
      if (programs.length === 0) return
      const context = { ...contextOf(programs[0], sk), ...eventContext(cpu, sk), op, args0: arg0, args1: arg1 }
      runAll(cpu, programs, context)
    },
    setsockopt: (cpu, sk, request) => onOption(list, 'cgroup_setsockopt', cpu, sk, request),
    getsockopt: (cpu, sk, request) => onOption(list, 'cgroup_getsockopt', cpu, sk, request),
  }
}

/** What `struct bpf_sock_ops` says of the socket. */
function eventContext({ words }: Cpu, sk: Sk): Context {
  const ports = words[sk + SOCK.ports]
  const swapped = ((ports & 0xff) << 8) | ((ports >> 8) & 0xff)
  const context: Context = {
    family: words[sk + SOCK.family],
    state: Atomics.load(words, sk + SOCK.state),
    bpf_sock_ops_cb_flags: Atomics.load(words, sk + SOCK.cbFlags),
    local_ip4: words[sk + SOCK.saddr],
    remote_ip4: words[sk + SOCK.daddr],
    /** In the machine's order, and in the network's, as 32 bits. */
    local_port: ports >>> 16,
    remote_port: (swapped << 16) >>> 0,
  }
  for (let i = 0; i < 4; i++) {
    context[`local_ip6${i}`] = words[sk + SOCK.saddr + i]
    context[`remote_ip6${i}`] = words[sk + SOCK.daddr + i]
  }
  return context
}

function onOption(
  list: readonly SocketProgram[],
  attach: string,
  cpu: Cpu,
  sk: Sk,
  request: SockoptRequest,
): boolean | undefined {
  const programs = list.filter((program) => program.attach === attach)
  if (programs.length === 0) return undefined
  const context: Context = { ...contextOf(programs[0], sk), ...request }
  const allowed = runAll(cpu, programs, context)
  // What programs store there is unsigned to us, and signed to the kernel.
  request.level = Number(context.level) | 0
  request.optname = Number(context.optname) | 0
  request.optlen = Number(context.optlen) | 0
  request.retval = Number(context.retval) | 0
  return allowed
}

/** Runs them one after the other; false if one returned 0. */
function runAll(cpu: Cpu, programs: readonly SocketProgram[], context: Context): boolean {
  let allowed = true
  rcuReadLock(cpu)
  for (const { given, run } of programs) if (run(Object.assign(context, given)) === 0) allowed = false
  rcuReadUnlock(cpu)
  return allowed
}
