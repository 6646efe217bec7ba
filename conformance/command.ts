/**
 * `npm run conformance [-- FLAGS]`: the running kernel as judge. See HELP.
 */

import { existsSync, readFileSync } from 'node:fs'
import { EXIT, exitHelp } from '../src/command/exit-status.ts'
import { integer, oneOf, optional, path, toggle } from '../src/command/flag-kinds.ts'
import { type Flag, helpOf, parseFlags } from '../src/command/flags.ts'
import { runCommand } from '../src/command/run-command.ts'
import { tellProgress } from '../src/command/terminal.ts'
import { runInstead, withVariant } from '../src/command/tree.ts'
import { UsageError } from '../src/command/usage-error.ts'
import { quote } from '../src/command/words.ts'
import { plantEdits } from '../src/explore/internals-load.ts'
import { arraySequence } from './array-sequences.ts'
import { askAlone, campaign, type Report } from './campaign.ts'
import { type Divergence, judge } from './judge.ts'
import { type Kernel, startKernel } from './kernel.ts'
import { KNOWN_DIFFERENCES } from './known.ts'
import { knownTable } from './known-table.ts'

const MAX_SEED = 2 ** 31 - 1

const FLAGS = {
  maps: oneOf('of which type they are', ['storage', 'arrays']),
  runs: integer('sequences to play', 2000, 1, Number.MAX_SAFE_INTEGER),
  seed: optional(integer('', 0, 0, MAX_SEED), 'where all random choices begin (drawn, and printed)'),
  replay: sequence('play the sequence in this file (- is stdin) instead, one command a line'),
  edits: path('play on this tree with the patches (*.patch, *.diff) of a folder'),
  known: toggle('print the table of known differences, in Markdown'),
  json: toggle('print one line of JSON (npm run --silent, or npm prints two of its own before)'),
  help: toggle('print this'),
}

const HELP = `Usage: npm run conformance [-- FLAGS]

Plays random sequences of commands on the running Linux kernel and on our machine, and compares every answer.

Flags:
${helpOf(FLAGS)}

It needs Linux, a C compiler (cc, or what CC names), CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_BPF. Where one is missing it
says which, and exits 0.

${exitHelp({ clean: 'no divergence, or skipped', finding: 'a divergence' })}
`

/** Characters of an answer that are shown. */
const SHOWN = 2000

interface Settings {
  readonly runs: number
  readonly seed: number
  readonly json: boolean
  readonly maps: 'storage' | 'arrays'
}

await runCommand('conformance', () => main(process.argv.slice(2)))

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseFlags(argv, FLAGS)
  const { runs, json, maps, replay: file } = values
  if (values.help || values.known) {
    process.stdout.write(values.help ? HELP : knownTable())
    return EXIT.clean
  }
  if (values.edits !== undefined) {
    const others = argv.filter((word, i) => !/^--edits(=|$)/.test(word) && argv[i - 1] !== '--edits')
    return withVariant(values.edits, plantEdits, 'conformance/main.js', (script) => runInstead(script, others))
  }
  let kernel: Kernel
  try {
    kernel = await startKernel()
  } catch (error) {
    const why = (error as Error).message
    if (json) print({ kernel: null, sequences: 0, commands: 0, divergences: 0, known: 0, skipped: true, why })
    else console.log(`skipped: ${why}`)
    return EXIT.clean
  }
  const seed = values.seed ?? Date.now() % (MAX_SEED + 1)
  try {
    return file === undefined ? await explore(kernel, { runs, seed, json, maps }) : await replay(kernel, file)
  } finally {
    kernel.stop()
  }
}

async function explore(kernel: Kernel, { runs, seed, json, maps }: Settings): Promise<number> {
  const onProgress = (done: number) => {
    if (!json && done % 100 === 0) tellProgress(`${done} of ${runs} sequences`)
  }
  const sequences = maps === 'arrays' ? arraySequence : undefined
  const report = await campaign(kernel, { runs, seed, onProgress, ...(sequences && { sequences }) })
  if (!json) tellProgress('')
  const { commands, known, found } = report
  const explained = [...known.values()].reduce((sum, times) => sum + times, 0)
  const divergences = found === undefined ? 0 : 1
  if (json)
    print({
      kernel: kernel.release,
      seed,
      sequences: report.sequences,
      commands,
      divergences,
      known: explained,
      differences: Object.fromEntries(known),
      skipped: false,
      lacks: [...kernel.lacks],
      ...found,
    })
  else show(kernel, seed, report)
  return found === undefined ? EXIT.clean : EXIT.finding
}

function show(kernel: Kernel, seed: number, { sequences, commands, known, found }: Report): void {
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
  if (divergence === undefined) return EXIT.clean
  showDivergence(lines.slice(0, divergence.at + 1), divergence)
  return EXIT.finding
}

function print(line: object): void {
  console.log(JSON.stringify({ schema: 1, event: 'conformance', ...line }))
}

/** A file to read a sequence from. */
function sequence(help: string): Flag<string | undefined> {
  const parse = (name: string, text: string) => {
    if (text === '-' || existsSync(text)) return text
    throw new UsageError(`--${name}: got ${quote(text)}, expected a file that exists, or - for stdin`)
  }
  return { placeholder: 'FILE', help, parse, initial: undefined }
}
