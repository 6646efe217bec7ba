/**
 * What the `sk-storage` command can do.
 */

import { EXPLORER_COMMANDS } from './explorer-commands.ts'
import type { Command } from './run-named.ts'

const { explore, work, replay } = EXPLORER_COMMANDS

export const SK_STORAGE: Command = {
  about: "Linux's socket-local storage on a SharedArrayBuffer, with worker threads as CPUs.",
  subcommands: {
    run: { summary: 'run sockets, maps and CPUs against each other, and report', load: () => import('./run.ts') },
    ss: { summary: 'show the sockets of a machine with their storages', load: () => import('./ss.ts') },
    prog: { summary: 'show the programs of a machine', load: () => import('./prog.ts') },
    selftest: { summary: "run the kernel's own tests of sk storage maps", load: () => import('./selftest.ts') },
    explore,
    work,
    replay,
    bpf: { summary: 'judge and run compiled BPF programs', load: () => import('./bpf.ts') },
    museum: { summary: 'apply known bugs to the sources and see them caught', load: () => import('./museum.ts') },
    'lesson-check': {
      summary: 'check what readers of the teaching page hand in',
      load: () => import('./lesson-check.ts'),
    },
    serve: { summary: 'open the teaching page, to step through races by hand', load: () => import('./serve.ts') },
  },
}
