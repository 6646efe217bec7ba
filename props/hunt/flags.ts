/**
 * The command line of the hunt.
 */

import { parseArgs } from 'node:util'

export const HELP = `Usage: npm run hunt -- [FLAGS]
       npm run hunt -- --merge FILE...

Runs generated programs around dying sockets and maps: on real threads, many times each, and in the explorer, in every interleaving that there is
time for. What they do must be explained by the sequential model; memory must be safe, and empty at the end. Uses all cores.

Flags:
  --minutes N    how long, with decimals if wished (1)
  --cpus N       CPUs of a program at the most, 2 to 4 (3)
  --seed N       where the programs begin (drawn, and printed)
  --shard I/N    hunt only every Nth program, from the Ith on (1/1)
  --out DIR      where failures are written (hunt-failures)
  --json         print JSON Lines: each failure, then a summary
  --merge        add up the summaries in files that --json printed, one for each shard
  --help         print this

Exit status: 0 clean, 1 a finding, 2 usage, 130 after Ctrl-C.
`

/** What is wrong with the command line, in one sentence. */
export class UsageError extends Error {}

export interface Hunt {
  readonly minutes: number
  readonly cpus: number
  readonly seed: number
  readonly shard: number
  readonly shards: number
  readonly out: string
  readonly json: boolean
}

/** Reads the command line. Throws UsageError. */
export function parseHunt(
  args: string[],
): Hunt | { readonly help: true } | { readonly merge: string[]; json: boolean } {
  const { values, positionals } = parse(args)
  if (values.help) return { help: true }
  if (values.merge) {
    if (positionals.length === 0) throw new UsageError('--merge: got no file, expected one for each shard')
    return { merge: positionals, json: values.json ?? false }
  }
  if (positionals.length > 0) throw new UsageError(`got '${positionals[0]}', expected only flags`)
  const [shard, shards] = shardOf(values.shard ?? '1/1')
  return {
    minutes: number('minutes', values.minutes ?? '1', /^\d*\.?\d+$/, 1e-3, 1e5, 'a number of minutes above 0'),
    cpus: number('cpus', values.cpus ?? '3', /^\d+$/, 2, 4, 'an integer from 2 to 4'),
    seed:
      values.seed === undefined
        ? Math.floor(Math.random() * 0x7fffffff)
        : number('seed', values.seed, /^\d+$/, 0, 0x7fffffff, 'an integer from 0 to 2147483647'),
    shard,
    shards,
    out: values.out ?? 'hunt-failures',
    json: values.json ?? false,
  }
}

const OPTIONS = {
  minutes: { type: 'string' },
  cpus: { type: 'string' },
  seed: { type: 'string' },
  shard: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
  merge: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

function parse(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS })
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    const flag = /'(?:-\w, )?(-{1,2}[^' ]*)/.exec(message)?.[1] ?? ''
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const known = Object.keys(OPTIONS).map((name) => `--${name}`)
      throw new UsageError(`got the unknown flag ${flag}, expected ${known.slice(0, -1).join(', ')} or ${known.at(-1)}`)
    }
    const takes = OPTIONS[flag.replace(/^--/, '') as keyof typeof OPTIONS]?.type === 'string'
    throw new UsageError(takes ? `${flag}: got no value, expected one` : `${flag}: got a value, expected none`)
  }
}

function number(name: string, text: string, form: RegExp, least: number, most: number, expected: string): number {
  const value = form.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(`--${name}: got '${text}', expected ${expected}`)
}

function shardOf(text: string): [number, number] {
  const [, i, n] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  if (Number(i) >= 1 && Number(i) <= Number(n)) return [Number(i), Number(n)]
  throw new UsageError(`--shard: got '${text}', expected I/N with I from 1 to N`)
}
