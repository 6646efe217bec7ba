/**
 * Fields of sockets as programs read them, by structure and field. What a socket here does not have is not in the
 * table, and a program that reads it is refused.
 */

import { SOCK } from '../../shared/records.ts'
import { SOCK_STREAM } from '../../shared/sock.ts'
import type { Cpu } from '../../sync/cpu.ts'

/** Reads a field of the socket. */
type Reader = (cpu: Cpu, socket: number) => number

const IPPROTO_TCP = 6
const IPPROTO_UDP = 17
/** What a socket has that no packet came to. */
const NO_QUEUE = -1

const never = (): number => 0
/** A word that syscalls store meanwhile. */
const stored =
  (offset: number): Reader =>
  ({ words }, sk) =>
    Atomics.load(words, sk + offset)
const word =
  (offset: number): Reader =>
  ({ words }, sk) =>
    words[sk + offset]

/** `struct bpf_sock`. The bound device is that of a socket that nobody bound to one. */
const BPF_SOCK: Readonly<Record<string, Reader>> = {
  bound_dev_if: never,
  mark: stored(SOCK.mark),
  priority: stored(SOCK.priority),
  family: word(SOCK.family),
  type: word(SOCK.type),
  protocol: ({ words }, sk) => (words[sk + SOCK.type] === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP),
  src_ip4: word(SOCK.saddr),
  dst_ip4: word(SOCK.daddr),
  ...Object.fromEntries([0, 1, 2, 3].map((i) => [`src_ip6${i}`, word(SOCK.saddr + i)])),
  ...Object.fromEntries([0, 1, 2, 3].map((i) => [`dst_ip6${i}`, word(SOCK.daddr + i)])),
  /** In the machine's order. */
  src_port: ({ words }, sk) => words[sk + SOCK.ports] >>> 16,
  /** In the network's order. */
  dst_port: ({ words }, sk) => ((words[sk + SOCK.ports] & 0xff) << 8) | ((words[sk + SOCK.ports] >> 8) & 0xff),
  state: stored(SOCK.state),
  rx_queue_mapping: () => NO_QUEUE,
}

/** By the names that generated text has for them. */
export const SOCKET_FIELDS: Readonly<Record<string, Reader>> = Object.fromEntries(
  Object.entries(BPF_SOCK).map(([name, read]) => [`bpf_sock_${name}`, read]),
)

/** The first field in a generated text that no socket here has, as `bpf_tcp_sock.snd_cwnd`. */
export function unknownField(text: string): string | undefined {
  for (const [, name] of text.matchAll(/ = fields\.(\w+)$/gm))
    if (!Object.hasOwn(SOCKET_FIELDS, name)) return name.replace(/^(bpf_tcp_sock|bpf_sock)_/, '$1.')
  return undefined
}
