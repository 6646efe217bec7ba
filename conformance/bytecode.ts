/**
 * Programs as bytes on the running kernel and here: both judge them, both run them.
 */

import { compile, viewsOf } from '../src/bpf/code/compile.ts'
import { generate } from '../src/bpf/code/generate.ts'
import type { Assembled } from '../src/bpf/isa/assemble.ts'
import type { BpfMapDefinition, BpfProgram } from '../src/bpf/object.ts'
import { ProgramRefused } from '../src/bpf/verifier/refused.ts'
import { verify } from '../src/bpf/verifier/verify.ts'
import { hexOf } from './hex.ts'
import type { Kernel } from './kernel.ts'

/** What both say of a program: what it returns, where that is asked, or why it is refused, and at which instruction. */
export type Verdict =
  | { readonly returns: number | undefined }
  | { readonly errno: number; readonly at: number | undefined; readonly said: string }

/** The kernel's numbers for the types and attach types that we ask about. */
const TYPES: Readonly<Record<string, number>> = {
  socket_filter: 1,
  kprobe: 2,
  sched_cls: 3,
  xdp: 6,
  cgroup_skb: 8,
  sock_ops: 13,
  cgroup_sock_addr: 18,
  cgroup_sockopt: 25,
}
const ATTACH_TYPES: Readonly<Record<string, number>> = {
  cgroup_inet_egress: 1,
  cgroup_sock_ops: 3,
  cgroup_inet4_bind: 8,
  cgroup_inet4_connect: 10,
  cgroup_inet6_connect: 11,
  cgroup_udp4_sendmsg: 14,
  cgroup_udp6_sendmsg: 15,
  cgroup_getsockopt: 21,
  cgroup_setsockopt: 22,
}

/** A program of tc, which BPF_PROG_TEST_RUN runs. */
export function runnable({ code, maps }: Assembled): BpfProgram {
  return { name: 'random', section: 'tc', type: 'sched_cls', code, maps, lines: [], functions: [] }
}

/** The command that asks the oracle. `handles` are the maps' there. */
export function questionOf(
  { type, attach, code, maps }: BpfProgram,
  handles: Readonly<Record<string, string>> = {},
): string {
  const uses = maps.map(({ at, map, offset }) => `${at}:${handles[map]}${offset === undefined ? '' : `:${offset}`}`)
  return ['bytecode', TYPES[type], ATTACH_TYPES[attach ?? ''] ?? 0, hexOf(code), ...uses].join(' ')
}

/** Reads the oracle's answer. */
export function verdictOf(answer: string): Verdict {
  const [how, first, at, ...rest] = answer.split(' ')
  if (how === 'ok') return { returns: first === undefined ? undefined : Number(first) }
  return { errno: Number(first), at: at === '-1' ? undefined : Number(at), said: rest.join(' ') }
}

/** Errnos by name. */
const ERRNOS: Readonly<Record<string, number>> = { E2BIG: 7, EACCES: 13, EFAULT: 14, EINVAL: 22, ENOTSUPP: 524 }

/** The packet's context in a test run. */
const SKB = {
  len: 64,
  pkt_type: 0,
  mark: 0,
  queue_mapping: 0,
  protocol: 8,
  cb0: 0,
  cb1: 0,
  hash: 0,
  gso_segs: 0,
  sk: 4,
  tstamp: 0n,
}

/** What we say of a program, and, of one without maps, what it returns here. */
export function ourVerdict(program: BpfProgram, maps: readonly BpfMapDefinition[] = []): Verdict {
  try {
    const verified = verify(program, { license: 'GPL', maps })
    if (program.type !== 'sched_cls' || program.maps.length > 0) return { returns: undefined }
    const run = compile(generate(verified, { access64: 'whole' }), {
      cpu: undefined,
      ...viewsOf(new Int32Array(2)),
      maps: {},
      values: {},
      helpers: { bpf_sk_fullsock: () => 0 },
      fields: {},
    })
    return { returns: (run({ ...SKB }) as number) >>> 0 }
  } catch (error) {
    if (error instanceof ProgramRefused) return { errno: ERRNOS[error.errno], at: error.at, said: error.said }
    throw error
  }
}

/** What only we refuse, and why: docs/bpf.md has the table. */
const OURS: readonly RegExp[] = [
  // Numbers made of pointers mean nothing here.
  /pointer comparison prohibited$/,
  /leaks addr/,
  /^R\d+ partial copy of pointer$/,
  /^R\d+ sign-extension part of pointer$/,
  /^R\d+ pointer arithmetic prohibited$/,
  /^R\d+ pointer -= pointer prohibited$/,
  /^R\d+ 32-bit pointer arithmetic prohibited$/,
  /^attempt to corrupt spilled pointer on stack$/,
  /^invalid size of register (fill|spill)$/,
  // Bytes that were never written.
  /^invalid read from stack (R\d+ )?off -\d+\+\d+ size \d+$/,
  // Elements of typed arrays begin at multiples of their size.
  /^misaligned (value|memory) /,
  /not supported here/,
  /variable stack access prohibited/,
  /^same insn cannot be used with different pointers$/,
  // Less is known of numbers that were stored in part, swapped or compared by halves.
  /unbounded min value/,
  /pointer be out of bounds$/,
  // Parts of a field are loaded, and not stored.
  /^invalid bpf_context access/,
]

/** How two verdicts go together; undefined where they do not. */
export function agreement(
  kernel: Verdict,
  ours: Verdict,
): 'same' | 'other words' | 'elsewhere' | 'ours alone' | undefined {
  if ('returns' in ours) {
    // Of a program with maps only that it is accepted is asked.
    const same = 'returns' in kernel && (ours.returns === undefined || kernel.returns === ours.returns)
    return same ? 'same' : undefined
  }
  if (OURS.some((each) => each.test(ours.said))) return 'returns' in kernel ? 'ours alone' : 'elsewhere'
  // Where the kernel knows more of numbers, it does not follow a path that we do, or gets to another end first.
  if ('returns' in kernel) return 'ours alone'
  if (kernel.at !== undefined && kernel.at !== ours.at) return 'elsewhere'
  // How far a pointer is moved it asks before it asks how.
  if (/^(math between|value) /.test(kernel.said)) return 'elsewhere'
  if (kernel.errno !== ours.errno) return undefined
  return kernel.said === ours.said ? 'same' : 'other words'
}

/** Asks the kernel of many programs; `handles` are their maps' there. */
export async function kernelVerdicts(
  kernel: Kernel,
  programs: readonly BpfProgram[],
  handles?: Readonly<Record<string, string>>,
): Promise<Verdict[]> {
  return (await kernel.ask(programs.map((program) => questionOf(program, handles)))).map(verdictOf)
}
