/**
 * What a hunt has found, as files: a module that exports the program as a scenario, for `sk-storage explore` and
 * `sk-storage replay`, and what is known as JSON beside it.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SCENARIO } from './explore.ts'
import type { HuntProgram } from './program.ts'

/** One program that did what nothing explains. */
export interface Failure {
  readonly schema: 1
  readonly event: 'failure'
  /** Where it failed. */
  readonly on: 'threads' | 'explorer'
  /** The program is number `index` of this seed. */
  readonly seed: number
  readonly index: number
  readonly message: string
  readonly program: HuntProgram
  /** What its objects were laid out by in the explorer. */
  readonly layout: number
  /** The line for `sk-storage replay`, null if the explorer found no schedule in its time. */
  readonly replay: string | null
  /** The module that exports the scenario. */
  readonly file: string
}

/**
 * The module of a failure, from the working directory, and the name of its scenario in a replay line. `edits`: the
 * folder of patches that the variant is made of that failed.
 */
export function failurePlace(
  folder: string,
  { on, seed, index }: Pick<Failure, 'on' | 'seed' | 'index'>,
  edits?: string,
): { file: string; name: string } {
  // Of one number threads and the explorer have a program each.
  const path = join(folder, `seed-${seed}-${on}-${index}.ts`)
  const file = fromHere(path)
  return { file, name: `${file}#found${edits === undefined ? '' : `#edits=${fromHere(edits)}`}` }
}

const fromHere = (path: string): string => relative(process.cwd(), resolve(path)).split(sep).join('/')

/** Writes a failure's two files. `storage` is the file whose scenario the module makes. */
export function writeFailure(failure: Failure, storage: string | URL = SCENARIO): void {
  const { file, program, layout, message } = failure
  const folder = dirname(resolve(file))
  mkdirSync(folder, { recursive: true })
  const scenario = relative(folder, fileURLToPath(storage)).split(sep).join('/')
  const from = scenario.startsWith('.') ? scenario : `./${scenario}`
  const told = message.split('\n', 1)[0].replaceAll('*/', '* /')
  writeFileSync(
    file,
    `/** ${told} */\n\nimport { programScenario } from '${from}'\n\nexport const found = programScenario(${JSON.stringify(program, null, 2)}${layout === 0 ? '' : `, ${layout}`})\n`,
  )
  writeFileSync(file.replace(/\.ts$/, '.json'), `${JSON.stringify(failure, null, 2)}\n`)
}
