/**
 * `npm run conformance [-- FLAGS]`: the running kernel as judge. See HELP.
 *
 * Exit code 0 without an unexplained difference, also where the kernel can't be asked (then it says why), 1 with one, 2 for wrong usage.
 */

import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { askAlone, campaign, type Report } from './campaign.ts'
import { type Divergence, judge } from './judge.ts'
import { type Kernel, startKernel } from './kernel.ts'
import { KNOWN_DIFFERENCES } from './known.ts'
import { knownTable } from './known-table.ts'

const HELP = `Usage: npm run conformance [-- FLAGS]

Plays random sequences of commands on the running Linux kernel and on our machine, and compares every answer.

Flags:
  --runs N       sequences to play (default 2000)
  --seed S       where all random choices begin (default: the time)
  --replay FILE  play the sequence in this file (- is stdin) instead, one command a line
  --known        print the table of known differences, in Markdown
  --json         print one line of JSON (npm run --silent, or npm prints two of its own before)
  --help         print this

It needs Linux, a C compiler (cc, or what CC names), CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_BPF. Where one is missing it says which, and exits 0.
Exit status: 0 no divergence, or skipped; 1 a divergence; 2 usage.
`

/** Characters of an answer that are shown. */
const SHOWN = 2000

const { values } = readOptions()
const json = values.json ?? false
const runs = number('runs', values.runs, 2000)
const seed = number('seed', values.seed, Date.now() % 2 ** 31)

process.exitCode = await main()

async function main(): Promise<number> {
  if (values.help || values.known) {
    process.stdout.write(values.help ? HELP : knownTable())
    return 0
  }
  if (values.replay !== undefined && values.replay !== '-' && !existsSync(values.replay)) {
    console.error(`--replay: expected a file, got ${values.replay}`)
    return 2
  }
  let kernel: Kernel
  try {
    kernel = await startKernel()
  } catch (error) {
    const why = (error as Error).message
    if (json) print({ kernel: null, sequences: 0, commands: 0, divergences: 0, known: 0, skipped: true, why })
    else console.log(`skipped: ${why}`)
    return 0
  }
  try {
    return values.replay === undefined ? await explore(kernel) : await replay(kernel, values.replay)
  } finally {
    kernel.stop()
  }
}

async function explore(kernel: Kernel): Promise<number> {
  const quiet = json || !process.stderr.isTTY
  const onProgress = (done: number) => {
    if (!quiet && done % 100 === 0) process.stderr.write(`\r${done} of ${runs} sequences`)
  }
  const report = await campaign(kernel, { runs, seed, onProgress })
  if (!quiet) process.stderr.write('\r\x1b[K')
  const { sequences, commands, known, found } = report
  const explained = [...known.values()].reduce((sum, times) => sum + times, 0)
  const divergences = found === undefined ? 0 : 1
  if (json)
    print({
      kernel: kernel.release,
      seed,
      sequences,
      commands,
      divergences,
      known: explained,
      differences: Object.fromEntries(known),
      skipped: false,
      lacks: [...kernel.lacks],
      ...found,
    })
  else show(kernel, report)
  return divergences
}

function show(kernel: Kernel, { sequences, commands, known, found }: Report): void {
  console.log(`Linux ${kernel.release}: ${sequences} sequences, ${commands} commands, seed ${seed}`)
  if (kernel.lacks.size > 0)
    console.log(`not compared, since this kernel answers EPERM: ${[...kernel.lacks].join(', ')}`)
  for (const row of KNOWN_DIFFERENCES) {
    const times = known.get(row.id) ?? 0
    if (times > 0) console.log(`  known ${times} times: ${row.id} (${row.since}): ${row.what}`)
  }
  if (found === undefined) console.log('0 divergences')
  else showDivergence(found.lines, found.divergence)
}

function showDivergence(lines: readonly string[], { line, kernel, ours }: Divergence): void {
  console.log(`differs at: ${cut(line)}\n  kernel: ${cut(kernel)}\n  ours:   ${cut(ours)}`)
  console.log(`to see it again:\nnpm run conformance -- --replay - <<'END'\n${lines.join('\n')}\nEND`)
}

/** A dump may hold values of 64 KiB. */
function cut(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}... (${text.length} characters)`
}

/** Plays a sequence from a file, as it was printed. */
async function replay(kernel: Kernel, file: string): Promise<number> {
  const lines = readFileSync(file === '-' ? 0 : file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const answers = await askAlone(kernel, lines)
  const { divergence, known } = judge(lines, answers, kernel.sizes)
  for (const [i, line] of lines.entries()) console.log(`${cut(line)}\n  ${cut(answers[i])}`)
  for (const [id, times] of known) console.log(`known ${times} times: ${id}`)
  if (divergence === undefined) return 0
  showDivergence(lines.slice(0, divergence.at + 1), divergence)
  return 1
}

function print(line: object): void {
  console.log(JSON.stringify({ schema: 1, event: 'conformance', ...line }))
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        runs: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        replay: { type: 'string' },
        known: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

function number(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  const value = Number(given)
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`--${name}: expected a whole number, got ${given}`)
  process.exit(2)
}
