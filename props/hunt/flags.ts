/**
 * The command line of the hunt.
 */

import { exitHelp } from '../../src/command/exit-status.ts'
import { alsoNamed, duration, folder, integer, optional, path, toggle } from '../../src/command/flag-kinds.ts'
import { type Flag, helpOf, parseFlags } from '../../src/command/flags.ts'
import { queueAddress } from '../../src/command/queue-client.ts'
import { UsageError } from '../../src/command/usage-error.ts'
import { quote } from '../../src/command/words.ts'

const MAX_SEED = 0x7fff_ffff
/** Where failures are written. */
export const OUT = 'hunt-failures'

const FLAGS = {
  seconds: alsoNamed('minutes', duration('seconds', 'how long, with decimals if wished', 60), inMinutes),
  cpus: integer('CPUs of a program at the most', 3, 2, 4),
  seed: optional(integer('', 0, 0, MAX_SEED), 'where the programs begin (drawn, and printed)'),
  shard: shard('hunt only every Nth program, from the Ith on (1/1)'),
  out: folder('where failures are written', OUT),
  edits: path('hunt in this tree with the patches (*.patch, *.diff) of a folder'),
  queue: queueAddress('put the hunt on that server and follow it, or with --work hunt what is there'),
  programs: optional(integer('', 0, 1, 1_000_000), 'in a queue: so many on threads, and as many in the explorer'),
  work: toggle('work at hunts in the queue, until Ctrl-C'),
  jobs: integer('with --work: blocks of programs to hunt at the same time', 1, 1, 64),
  stalled: duration('seconds', 'with --work: without a sign of life, after which others take its blocks', 30),
  json: toggle('print JSON Lines: each failure, then a summary'),
  merge: toggle('add up the summaries in files that --json printed, one for each shard'),
  help: toggle('print this'),
}

export const HELP = `Usage: npm run hunt -- [FLAGS]
       npm run hunt -- --merge FILE... [--json]
       npm run hunt -- --queue redis://HOST --programs N [--seed N] [--cpus N] [--json]
       npm run hunt -- --queue redis://HOST --work [--jobs N] [--stalled SECONDS]

Runs generated programs around dying sockets and maps: on real threads, many times each, and in the explorer, in every
interleaving that there is time for. What they do must be explained by the sequential model; memory must be safe, and
empty at the end. Uses all cores.

With --queue the hunt is so many programs instead of so many seconds, and is hunted by whoever has said --work there, on
any number of machines with the same code: in blocks of four programs, each of which counts once. Failures are written
to hunt-failures, where they are found and where the hunt is followed. The packages bullmq and ioredis have to be
installed. Ctrl-C leaves the hunt in the queue; the same command, with the seed, follows it again.

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

/** A hunt in a queue. */
export interface Queued {
  readonly queue: string
  readonly hunt: Pick<Hunt, 'seed' | 'cpus' | 'json'> & { readonly programs: number }
}

/** Work at the hunts of a queue. */
export interface Work {
  readonly queue: string
  readonly work: { readonly jobs: number; readonly stalled: number }
}

type Merge = { readonly merge: readonly string[]; readonly json: boolean }

/** What goes with --queue; and with --work, beside it. */
const OF_QUEUE = ['queue', 'programs', 'seed', 'cpus', 'json']
const OF_WORK = ['queue', 'work', 'jobs', 'stalled']

/** Reads the command line. Throws UsageError. */
export function parseHunt(args: readonly string[]): Hunt | { readonly help: true } | Merge | Queued | Work {
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
  const drawn = seed ?? Math.floor(Math.random() * MAX_SEED)
  const { queue, work, programs, jobs, stalled } = values
  if (queue === undefined) {
    const without = (['work', 'programs', 'jobs', 'stalled'] as const).find((name) => given.has(name))
    if (without !== undefined) throw new UsageError(`--${without}: got no --queue, expected --queue redis://HOST`)
  } else {
    const foreign = [...given].find((name) => !(work ? OF_WORK : OF_QUEUE).includes(name))
    if (foreign !== undefined)
      throw new UsageError(`--queue: got ${work ? '--work and ' : ''}--${foreign} as well, expected it without`)
    if (work) return { queue, work: { jobs, stalled } }
    if (programs === undefined)
      throw new UsageError(
        '--queue: got no --programs, expected --programs N: a hunt in a queue has no time, but an end',
      )
    return { queue, hunt: { seed: drawn, cpus, json, programs } }
  }
  return { seconds, cpus, seed: drawn, shard: first, shards, out, edits, json }
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
