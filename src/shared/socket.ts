/**
 * The syscalls of sockets that make, connect and close them. `programs` hear of what happens to stream sockets.
 */

import type { Cpu } from '../sync/cpu.ts'
import { EISCONN, ENOMEM } from './errno.ts'
import { FILE_SOCKET, fdClose, fdOpen, fileObject, fput, sockfdLookup } from './fd-table.ts'
import type { File, Sk } from './pointer.ts'
import { SOCK } from './records.ts'
import {
  SOCK_STREAM,
  type SockOptions,
  skAlloc,
  sockPut,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_SENT,
} from './sock.ts'
import {
  BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB,
  BPF_SOCK_OPS_TCP_CONNECT_CB,
  BPF_SOCK_OPS_TCP_LISTEN_CB,
  type SocketPrograms,
  tcpSetState,
} from './socket-programs.ts'

/**
 * Makes a socket and opens a descriptor for it. One that is made connected or listening stands for connect() and
 * listen() as well. Returns the descriptor, -ENOMEM or -EMFILE.
 */
export function socketCreate(cpu: Cpu, options: SockOptions, programs?: SocketPrograms): number {
  const sk = skAlloc(cpu, options)
  if (sk === 0) return -ENOMEM
  if (programs !== undefined && cpu.words[sk + SOCK.type] === SOCK_STREAM) {
    const state = cpu.words[sk + SOCK.state]
    if (state === TCP_ESTABLISHED) establish(cpu, sk, programs)
    else if (state === TCP_LISTEN) programs.sockOps(cpu, sk, BPF_SOCK_OPS_TCP_LISTEN_CB, 0, 0)
  }
  const fd = fdOpen(cpu, FILE_SOCKET, sk)
  if (fd < 0) sockPut(cpu, sk)
  return fd
}

/** Events of a connection that is asked for. Model: tcp_connect(), tcp_finish_connect(). */
function establish(cpu: Cpu, sk: Sk, programs: SocketPrograms): void {
  Atomics.store(cpu.words, sk + SOCK.state, TCP_SYN_SENT)
  programs.sockOps(cpu, sk, BPF_SOCK_OPS_TCP_CONNECT_CB, 0, 0)
  tcpSetState(cpu, sk, TCP_ESTABLISHED, programs)
  programs.sockOps(cpu, sk, BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB, 0, 0)
}

/**
 * Connects a socket to the other end that it was made with, which always answers. Returns 0, -EBADF, -ENOTSOCK, or
 * -EISCONN for a stream socket that is not in TCP_CLOSE. Model: inet_stream_connect(), ip4_datagram_connect().
 */
export function sockConnect(cpu: Cpu, fd: number, programs?: SocketPrograms): number {
  const { words } = cpu
  const file = sockfdLookup(cpu, fd) as File
  if (file < 0) return file
  const sk = fileObject(cpu, file) as Sk
  let err = 0
  if (words[sk + SOCK.type] !== SOCK_STREAM) Atomics.store(words, sk + SOCK.state, TCP_ESTABLISHED)
  // One of two that connect at once is first, as under the kernel's socket lock.
  else if (Atomics.compareExchange(words, sk + SOCK.state, TCP_CLOSE, TCP_SYN_SENT) !== TCP_CLOSE) err = -EISCONN
  else if (programs !== undefined) establish(cpu, sk, programs)
  else Atomics.store(words, sk + SOCK.state, TCP_ESTABLISHED)
  fput(cpu, file)
  return err
}

/**
 * Closes a descriptor of any kind. A stream socket goes from its state to TCP_CLOSE at once, as when a connection is
 * reset: there is nobody to take leave of. Returns 0 or -EBADF. Model: tcp_close().
 */
export function sockClose(cpu: Cpu, fd: number, programs?: SocketPrograms): number {
  if (programs === undefined) return fdClose(cpu, fd)
  const { words } = cpu
  const file = sockfdLookup(cpu, fd) as File
  if (file < 0) return fdClose(cpu, fd)
  const sk = fileObject(cpu, file) as Sk
  const err = fdClose(cpu, fd)
  // Of all that close it at once, who took the descriptor away.
  if (err === 0 && words[sk + SOCK.type] === SOCK_STREAM && Atomics.load(words, sk + SOCK.state) !== TCP_CLOSE)
    tcpSetState(cpu, sk, TCP_CLOSE, programs)
  fput(cpu, file)
  return err
}
