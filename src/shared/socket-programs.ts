/**
 * Programs that are called when something happens to a socket: those of the types sock_ops and cgroup_sockopt that are
 * attached. Which they are and how they run is not known here.
 *
 * The order of events, their arguments and the states that programs see in them are those of Linux 6.18 on the loopback
 * device, without the events of a SYN queue, which is not here.
 */

import type { Cpu } from '../sync/cpu.ts'
import type { Sk } from './pointer.ts'
import { SOCK } from './records.ts'

/** Event: a connection is about to be asked for. */
export const BPF_SOCK_OPS_TCP_CONNECT_CB = 3
/** Event: a connection that was asked for is there. */
export const BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB = 4
/** Event: a connection that somebody else asked for is there. */
export const BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB = 5
/** Event, of sockets that want it: the state is about to change, from the first argument to the second. */
export const BPF_SOCK_OPS_STATE_CB = 10
/** Event: a socket begins to listen. */
export const BPF_SOCK_OPS_TCP_LISTEN_CB = 11

/** Of a socket's flags: it wants to hear of its states. */
export const BPF_SOCK_OPS_STATE_CB_FLAG = 1 << 2
/** All flags that a program may ask for. */
export const BPF_SOCK_OPS_ALL_CB_FLAGS = 0x7f

/** What a program on a socket option is told, and may change. */
export interface SockoptRequest {
  level: number
  optname: number
  /** Bytes of the value. */
  optlen: number
  /** What getsockopt is about to return: 0 or a negated errno. */
  retval: number
}

/** The programs that are attached, all of a type behind one call. */
export interface SocketPrograms {
  /** sock_ops: an event of a stream socket. */
  sockOps(cpu: Cpu, sk: Sk, op: number, arg0: number, arg1: number): void
  /** cgroup_sockopt, before setsockopt. False if one of them says no; undefined if none is attached. */
  setsockopt(cpu: Cpu, sk: Sk, request: SockoptRequest): boolean | undefined
  /** cgroup_sockopt, after getsockopt. Likewise. */
  getsockopt(cpu: Cpu, sk: Sk, request: SockoptRequest): boolean | undefined
}

/**
 * Changes the state of a stream socket; programs hear of it before, where the socket wants it. Model: tcp_set_state().
 */
export function tcpSetState(cpu: Cpu, sk: Sk, state: number, programs: SocketPrograms): void {
  const { words } = cpu
  const old = Atomics.load(words, sk + SOCK.state)
  if ((Atomics.load(words, sk + SOCK.cbFlags) & BPF_SOCK_OPS_STATE_CB_FLAG) !== 0)
    programs.sockOps(cpu, sk, BPF_SOCK_OPS_STATE_CB, old, state)
  Atomics.store(words, sk + SOCK.state, state)
}
