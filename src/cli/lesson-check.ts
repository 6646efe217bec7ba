/**
 * `sk-storage lesson-check`: what readers of the teaching page hand in, stepped again.
 */

import { readFileSync, statSync } from 'node:fs'
import { type HandIn, readHandIn } from '../../lessons/hand-in.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { unreadable } from '../command/path.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { type Checked, checkHandIn } from './lesson-replay.ts'

const FLAGS = {
  json: toggle('print JSON Lines: one for each task, then a summary of the file'),
  help: toggle('print this'),
}

const HELP = `Usage: ${called} lesson-check FILE... [FLAGS]

Checks what readers of the teaching page hand in: the files that "Save what you have done" writes. Each task that a file
claims is done again: its steps are taken by the stepper that the page has, and its answers compared; a prediction is
compared with a search. A tick without the steps for it is told, and so are steps that do another task.

It says that somebody did the tasks, not who: a file may be a neighbour's.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'all that the files claim is so', finding: 'something is not so', usage: 'usage, or a file that no page has written' })}
`

/** Files are of a few thousand bytes. */
const MOST_BYTES = 1 << 20
/** Files at a time: a class. */
const MOST_FILES = 1000

export default async function lessonCheck(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, MOST_FILES, 'files that the page has written')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if (words.length === 0) throw new UsageError('got no file, expected one that the page has written')
  // All of them first: a file that can't be read is told before minutes have been spent.
  const files = words.map((file) => ({ file, handIn: read(file) }))
  let wrong = 0
  for (const [k, { file, handIn }] of files.entries()) {
    const checked = await checkHandIn(handIn)
    wrong += countOf(checked, 'wrong')
    const told = values.json ? linesOf(file, handIn, checked) : textOf(file, handIn, checked)
    process.stdout.write(`${k > 0 && !values.json ? '\n' : ''}${told.join('\n')}\n`)
  }
  return wrong === 0 ? EXIT.clean : EXIT.finding
}

/** Throws UsageError. */
function read(file: string): HandIn {
  const why = unreadable(file)
  if (why === 'ENOENT') throw new UsageError(`got ${quote(file)}, expected a file that exists`)
  if (why !== undefined) throw new UsageError(`got ${quote(file)}, expected a file that may be read (${why})`)
  const { size } = statSync(file)
  if (size > MOST_BYTES) throw new UsageError(`got ${quote(file)} of ${size} bytes, expected ${MOST_BYTES} at most`)
  try {
    return readHandIn(readFileSync(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UsageError(`got ${quote(file)}, expected a file that the page has written: ${error.message}`)
  }
}

const countOf = (checked: readonly Checked[], state: Checked['state']): number =>
  checked.filter((each) => each.state === state).length

/** A name, and whatever else a file brings, must not move the terminal's cursor. */
const plain = (text: string): string => text.replace(/\p{C}/gu, '?')

function textOf(file: string, { name }: HandIn, checked: readonly Checked[]): string[] {
  const wrong = countOf(checked, 'wrong')
  const whose = name === '' ? '' : ` (${plain(name)})`
  return [
    `${plain(file)}${whose}: ${countOf(checked, 'done')} of ${checked.length} tasks done${wrong === 0 ? '' : `, ${wrong} NOT SO`}`,
    ...checked.map(({ number, title, state, why }) => {
      const said = state === 'done' ? 'done' : state === 'missing' ? '-' : `NOT SO: ${plain(why)}`
      return `${`${number}`.padStart(4)}  ${title}: ${said}`
    }),
  ]
}

function linesOf(file: string, { name }: HandIn, checked: readonly Checked[]): string[] {
  const [done, missing, wrong] = (['done', 'missing', 'wrong'] as const).map((state) => countOf(checked, state))
  return [
    ...checked.map((task) => ({ schema: 1, event: 'task', file, ...task })),
    { schema: 1, event: 'summary', file, name, done, missing, wrong },
  ].map((line) => JSON.stringify(line))
}
