/**
 * The egress program as clang compiles it: the JavaScript that it becomes here beside the same program written by hand,
 * and the same bytes on the running kernel.
 */

import { SOCKETS } from './ring.ts'
import type { Row, Suite } from './suite.ts'

/** What both sides run, by the names of the programs, and what it is called. */
const PROGRAMS: readonly (readonly [name: string, label: string])[] = [
  ['storage-u32', 'sk storage, u32'],
  ['storage-u8', 'sk storage, u8'],
  ['storage-u16', 'sk storage, u16'],
  ['storage-u64', 'sk storage, u64'],
  ['hash-cookie', 'hash map, cookie as key, u32'],
  ['hash-tuple', 'hash map, 4-tuple as key, u32'],
]

/** Those of them that are written by hand, too. */
const BY_HAND: ReadonlySet<string> = new Set(['storage-u32', 'hash-cookie', 'hash-tuple'])

const ROWS: readonly Row[] = [
  { name: 'js-empty', label: 'by hand: empty program' },
  { name: 'empty', label: 'generated: empty program', base: 'js-empty' },
  ...PROGRAMS.flatMap(([name, label]): Row[] => {
    const byHand = BY_HAND.has(name)
    return [
      ...(byHand ? [{ name: `js-${name}`, label: `by hand: ${label}`, base: null }] : []),
      { name, label: `generated: ${label}`, base: byHand ? `js-${name}` : 'js-storage-u32' },
    ]
  }),
  { name: 'kernel-empty', label: 'running kernel: empty program', base: null, empty: null },
  ...PROGRAMS.map(
    ([name, label]): Row => ({
      name: `kernel-${name}`,
      label: `running kernel: ${label}`,
      base: 'kernel-storage-u32',
      empty: 'kernel-empty',
    }),
  ),
]

export const bpf: Suite = {
  name: 'bpf',
  summary: "clang's egress program: generated code, the same by hand, the same bytes on the kernel",
  rows: () => ROWS,
  empty: 'js-empty',
  alone: true,
  // Loaded when they are asked for: an older revision, which --compare runs, has no such programs.
  prepare: async (names) => (await import('./bpf-cases.ts')).prepareCases(names),
  footer: [
    'bench/objects/egress.bpf.c, compiled by clang 14 or later, or as it lies compiled in the repository: each run finds the',
    `counter of a packet's socket and adds one, on one thread, over ${SOCKETS} sockets in shuffled order, inside a read section`,
    'and with a quiescent state behind it. By hand is the same program as somebody writes it in JavaScript who knows where',
    'everything lies. Ratios of generated code are to the program by hand, of other widths to that with u32. Net is without what',
    'an empty program by hand takes. The running kernel runs the same instructions by BPF_PROG_TEST_RUN, on one packet of one',
    'dummy socket that is hot in every cache; its ratios are to its own sk storage with u32.',
  ],
}
