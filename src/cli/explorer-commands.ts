/**
 * What the explorer's own command, `every-order`, can do. `sk-storage` has the same among its own.
 */

import type { Command } from './run-named.ts'

export const EXPLORER_COMMANDS = {
  explore: { summary: 'explore every interleaving of scenarios in a file', load: () => import('./explore.ts') },
  work: { summary: 'work at searches that explore --queue has put on a server', load: () => import('./work.ts') },
  replay: { summary: 'replay an execution that explore found', load: () => import('./replay.ts') },
} satisfies Command['subcommands']

export const EVERY_ORDER: Command = {
  about: 'Runs JavaScript that shares memory through every interleaving.',
  subcommands: EXPLORER_COMMANDS,
}
