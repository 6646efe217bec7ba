/**
 * What the built command prints of the lessons' scenarios, for comparison with the page.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Lesson } from '../../lessons/lesson.ts'

/** A step as the command prints it. */
export interface PrintedStep {
  readonly operation: string
  readonly place: string
  readonly before: string
  readonly after: string
  readonly stores: boolean
}

/** What the command prints of a scenario, as far as the tests look at it. */
interface Printed {
  readonly scenario: string
  readonly outcomes: readonly { readonly outcome: string; readonly witness: string }[]
  readonly violation: {
    readonly replay: string
    readonly message: string
    readonly steps: readonly PrintedStep[]
  } | null
}

/** The lines of JSON that the command prints, whether it finds something or not. */
export const printed = (...words: readonly string[]): Promise<Printed[]> =>
  linesFrom(['dist/src/cli/main.js', ...words, '--json'])

/**
 * What `sk-storage replay` prints for each of these. One process runs all of them, since a process of its own for each
 * takes longer than they do.
 */
function replayed(given: readonly (readonly string[])[]): Promise<Printed[]> {
  const command = pathToFileURL('dist/src/cli/replay.js')
  const all = `for (const words of ${JSON.stringify(given)}) await replay(words)`
  // Not as a module: the flag that says so would be handed on to the command's workers, which refuse it.
  const program = `import('${command}').then(async ({ default: replay }) => { ${all} })`
  return linesFrom(['--eval', program], { SHOW_STEPS: 'yes' })
}

const linesFrom = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Printed[]> =>
  new Promise((done, fail) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 64 << 20 }
    execFile(process.execPath, words, options, (error, stdout, stderr) => {
      if (error !== null && error.code !== 1) fail(new Error(`${words.join(' ')}: ${stderr}`))
      else done(linesOf(stdout))
    })
  })

const linesOf = (text: string): Printed[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** An execution that the command found: its line, and every step. */
interface Found {
  readonly lesson: Lesson
  readonly replay: string
  readonly steps: readonly PrintedStep[]
}

/**
 * For each lesson the execution with the most switches that the command's search comes to, or the failing one.
 *
 * The command prints the steps of failing executions only, and one witness for each outcome. So it is given the
 * lessons' scenarios with an outcome of its own for each execution, and to replay the chosen ones with an `after` that
 * fails. Those copies stand under the paths by which the page knows the scenarios.
 */
export async function executionsOf(lessons: readonly Lesson[]): Promise<Found[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-page-'))
  try {
    mkdirSync(join(folder, 'web/scenarios'), { recursive: true })
    for (const file of new Set(lessons.map(({ file }) => file)))
      writeFileSync(join(folder, file), copyOf(file, lessons))
    writeFileSync(
      join(folder, 'all.ts'),
      lessons.map(({ file, scenario }) => `export { ${scenario} } from './${file}'\n`).join(''),
    )
    const searched = await printed('explore', join(folder, 'all.ts'))
    const again = await replayed(
      lessons.map(({ file, scenario: name }) => {
        const { outcomes, violation } = searched.find(({ scenario }) => scenario === name)!
        const schedules = outcomes.map(({ witness }) => witness).sort((a, b) => switches(b) - switches(a))
        const line = violation?.replay ?? `explore1 ${name} - ${schedules[0]}`
        return [line, '--file', join(folder, file), '--scenario', name, '--json']
      }),
    )
    return lessons.map((lesson, k) => ({ lesson, ...again[k].violation! }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const switches = (schedule: string) => schedule.match(/[SP]/g)?.length ?? 0

function copyOf(file: string, lessons: readonly Lesson[]): string {
  const copies = lessons
    .filter((lesson) => lesson.file === file)
    .map(
      ({ scenario }) => `export const ${scenario} = {
  ...real.${scenario},
  outcome: () => \`execution \${++executions}\`,
  after(...given) {
    real.${scenario}.after?.(...given)
    if (process.env.SHOW_STEPS) throw new Error('shown')
  },
}
`,
    )
  return `import * as real from ${JSON.stringify(resolve(file))}\nlet executions = 0\n${copies.join('')}`
}
