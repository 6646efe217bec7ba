/**
 * The command line of the hunt.
 */

import { exitHelp } from '../../src/command/exit-status.ts'
import { alsoNamed, duration, folder, integer, optional, path, toggle } from '../../src/command/flag-kinds.ts'
import { type Flag, helpOf, parseFlags } from '../../src/command/flags.ts'
import { UsageError } from '../../src/command/usage-error.ts'
import { quote } from '../../src/command/words.ts'

const MAX_SEED = 0x7fff_ffff

const FLAGS = {
  seconds: alsoNamed('minutes', duration('seconds', 'how long, with decimals if wished', 60), inMinutes),
  cpus: integer('CPUs of a program at the most', 3, 2, 4),
  seed: optional(integer('', 0, 0, MAX_SEED), 'where the programs begin (drawn, and printed)'),
  shard: shard('hunt only every Nth program, from the Ith on (1/1)'),
  out: folder('where failures are written', 'hunt-failures'),
  edits: path('hunt in this tree with the patches (*.patch, *.diff) of a folder'),
  json: toggle('print JSON Lines: each failure, then a summary'),
  merge: toggle('add up the summaries in files that --json printed, one for each shard'),
  help: toggle('print this'),
}

export const HELP = `Usage: npm run hunt -- [FLAGS]
       npm run hunt -- --merge FILE... [--json]

Runs generated programs around dying sockets and maps: on real threads, many times each, and in the explorer, in every
interleaving that there is time for. What they do must be explained by the sequential model; memory must be safe, and
empty at the end. Uses all cores.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: true, finding: true, interrupted: true })}
`

export interface Hunt {
  readonly seconds: number
  readonly cpus: number
  readonly seed: number
  readonly shard: number
  readonly shards: number
  readonly out: string
  readonly edits: string | undefined
  readonly json: boolean
}

/** Reads the command line. Throws UsageError. */
export function parseHunt(
  args: readonly string[],
): Hunt | { readonly help: true } | { readonly merge: readonly string[]; readonly json: boolean } {
  const { values, words, given } = parseFlags(args, FLAGS, args.includes('--merge') ? Number.POSITIVE_INFINITY : 0)
  const { seconds, cpus, seed, shard, out, edits, json, merge, help } = values
  if (help) return { help: true }
  if (merge) {
    if (words.length === 0) throw new UsageError('--merge: got no file, expected one for each shard')
    const other = [...given].find((name) => name !== 'merge' && name !== 'json')
    if (other !== undefined) throw new UsageError(`--merge: got --${other} as well, expected files and --json alone`)
    return { merge: words, json }
  }
  const [first, shards] = shard
  return { seconds, cpus, seed: seed ?? Math.floor(Math.random() * MAX_SEED), shard: first, shards, out, edits, json }
}

/** Seconds of a number of minutes, by which the hunt was told its time before. */
function inMinutes(name: string, text: string): number {
  return 60 * duration('minutes', '', 1).parse!(name, text)
}

/** Which part of the programs: I/N. */
function shard(help: string): Flag<readonly [first: number, shards: number]> {
  const parse = (name: string, text: string): [number, number] => {
    const [, i, n] = /^(\d+)\/(\d+)$/.exec(text) ?? []
    if (Number(i) >= 1 && Number(i) <= Number(n)) return [Number(i), Number(n)]
    throw new UsageError(`--${name}: got ${quote(text)}, expected I/N with I from 1 to N`)
  }
  return { placeholder: 'I/N', help, parse, initial: [1, 1] }
}
