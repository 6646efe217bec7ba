/**
 * Socket options: setsockopt() and getsockopt() of the level SOL_SOCKET, as far as sockets here have them, and what
 * programs of the type cgroup_sockopt make of the call. Model: __sys_setsockopt(),
 * __cgroup_bpf_run_filter_setsockopt().
 */

import type { Cpu } from '../sync/cpu.ts'
import { EFAULT, EINVAL, ENOPROTOOPT, EOPNOTSUPP, EPERM } from './errno.ts'
import { fileObject, fput, sockfdLookup } from './fd-table.ts'
import type { File, Sk } from './pointer.ts'
import { SOCK } from './records.ts'
import { SOCK_STREAM, sockCookie } from './sock.ts'
import type { SocketPrograms, SockoptRequest } from './socket-programs.ts'

/** The level of sockets as such. */
export const SOL_SOCKET = 1

/** Names of options, by which they are asked for in words. */
export const SOCKET_OPTIONS: Readonly<Record<string, number>> = {
  SO_TYPE: 3,
  SO_PRIORITY: 12,
  SO_MARK: 36,
  SO_PROTOCOL: 38,
  SO_DOMAIN: 39,
  SO_COOKIE: 57,
}
const { SO_TYPE, SO_PRIORITY, SO_MARK, SO_PROTOCOL, SO_DOMAIN, SO_COOKIE } = SOCKET_OPTIONS

const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
/** Bytes of an int. */
const INT = 4
/** The highest priority that anybody may ask for. */
const MOST_PRIORITY = 6
/** Bytes that programs on setsockopt have at the least. */
const LEAST_BUFFER = 16

/**
 * Sets an option to the bytes of `value`. Returns 0, -EBADF, -ENOTSOCK; -EPERM where a program refuses or, of
 * SO_PRIORITY above 6 and SO_MARK, where the caller is not `capable`; -EFAULT where a program asks for more bytes than
 * there are; -EINVAL for fewer bytes than an int, -ENOPROTOOPT for an option that is none or can't be set. A program
 * that sets the length to -1 keeps the kernel from doing anything, and the call succeeds.
 */
export function sockSetsockopt(
  cpu: Cpu,
  fd: number,
  level: number,
  optname: number,
  value: Uint8Array,
  capable: boolean,
  programs?: SocketPrograms,
): number {
  const file = sockfdLookup(cpu, fd) as File
  if (file < 0) return file
  const sk = fileObject(cpu, file) as Sk
  const request: SockoptRequest = { level, optname, optlen: value.length, retval: 0 }
  const allowed = programs?.setsockopt(cpu, sk, request)
  let err: number
  if (allowed === false) err = -EPERM
  else if (allowed && request.optlen === -1) err = 0
  else if (request.optlen < -1 || request.optlen > Math.max(LEAST_BUFFER, value.length)) err = -EFAULT
  // A length of 0 leaves the value as it was.
  else err = set(cpu, sk, request, request.optlen === 0 ? value : resized(value, request.optlen), capable)
  fput(cpu, file)
  return err
}

function set(cpu: Cpu, sk: Sk, { level, optname }: SockoptRequest, value: Uint8Array, capable: boolean): number {
  if (level !== SOL_SOCKET) return -ENOPROTOOPT
  if (value.length < INT) return -EINVAL
  const number = new DataView(value.buffer, value.byteOffset).getInt32(0, true)
  if (optname === SO_MARK) {
    if (!capable) return -EPERM
    Atomics.store(cpu.words, sk + SOCK.mark, number)
    return 0
  }
  if (optname !== SO_PRIORITY) return -ENOPROTOOPT
  if (!(number >= 0 && number <= MOST_PRIORITY) && !capable) return -EPERM
  Atomics.store(cpu.words, sk + SOCK.priority, number)
  return 0
}

/** The value without its end, or with zeroes behind it. */
function resized(value: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(value.subarray(0, length))
  return bytes
}

/** What getsockopt gives: what it returns, and the bytes that it has filled. */
export interface Sockopt {
  /** 0, a negated errno, or whatever else a program made of it. */
  readonly result: number
  readonly value: Uint8Array
}

/**
 * Reads an option into up to `length` bytes. The result is 0, -EBADF, -ENOTSOCK, -EINVAL for a length below 0 or too
 * small a one for SO_COOKIE, -ENOPROTOOPT for an option that is none, -EOPNOTSUPP for another level, -EPERM where a
 * program refuses, -EFAULT where it asks for more bytes than there are, or what a program has put into `retval`.
 */
export function sockGetsockopt(
  cpu: Cpu,
  fd: number,
  level: number,
  optname: number,
  length: number,
  programs?: SocketPrograms,
): Sockopt {
  const file = sockfdLookup(cpu, fd) as File
  if (file < 0) return { result: file, value: new Uint8Array(0) }
  const sk = fileObject(cpu, file) as Sk
  const found = length < 0 ? -EINVAL : get(cpu, sk, level, optname, length)
  const got: Sockopt =
    typeof found === 'number' ? { result: found, value: new Uint8Array(0) } : { result: 0, value: found }
  const answer = programs === undefined ? got : afterPrograms(cpu, sk, { level, optname, length }, got, programs)
  fput(cpu, file)
  return answer
}

function get(cpu: Cpu, sk: Sk, level: number, optname: number, length: number): Uint8Array | number {
  if (level !== SOL_SOCKET) return -EOPNOTSUPP
  if (optname === SO_COOKIE) {
    if (length < 8) return -EINVAL
    return new Uint8Array(BigUint64Array.of(sockCookie(cpu, sk)).buffer)
  }
  const number = numberOf(cpu, sk, optname)
  return number === undefined ? -ENOPROTOOPT : new Uint8Array(Int32Array.of(number).buffer).slice(0, length)
}

function numberOf({ words }: Cpu, sk: Sk, optname: number): number | undefined {
  switch (optname) {
    case SO_TYPE:
      return words[sk + SOCK.type]
    case SO_PRIORITY:
      return Atomics.load(words, sk + SOCK.priority)
    case SO_MARK:
      return Atomics.load(words, sk + SOCK.mark)
    case SO_PROTOCOL:
      return words[sk + SOCK.type] === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP
    case SO_DOMAIN:
      return words[sk + SOCK.family]
    default:
      return undefined
  }
}

/** What becomes of an answer when programs have seen it. */
function afterPrograms(
  cpu: Cpu,
  sk: Sk,
  { level, optname, length }: { readonly level: number; readonly optname: number; readonly length: number },
  got: Sockopt,
  programs: SocketPrograms,
): Sockopt {
  const request: SockoptRequest = {
    level,
    optname,
    optlen: got.result === 0 ? got.value.length : length,
    retval: got.result,
  }
  const allowed = programs.getsockopt(cpu, sk, request)
  if (allowed === undefined) return got
  const { retval, optlen } = request
  if (retval < 0) return { result: retval, value: got.value }
  if (!allowed) return { result: -EPERM, value: got.value }
  if (optlen < 0 || optlen > length) return { result: -EFAULT, value: got.value }
  return { result: retval, value: optlen === 0 ? got.value : resized(got.value, optlen) }
}
