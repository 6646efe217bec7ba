/**
 * Where scenarios come from: the exports of a file, or a litmus program on the command line.
 */

import { relative, resolve } from 'node:path'
import { CommandFailure } from '../command/command-failure.ts'
import { unreadable } from '../command/path.ts'
import { isShortage } from '../command/refused-by-system.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { type Edit, litmusScenario, MisuseError, type Scenario } from '../explore/index.ts'
import { authorsCalls } from '../explore/internals.ts'
import { loadFitting, loadProgram, readEdits, readPackages } from '../explore/internals-load.ts'
import { lineName, programName, type Source } from './line-name.ts'

/** Any scenario: what its threads share is its own business. */
export type AnyScenario = Scenario<unknown>

/**
 * The scenarios of a source by name. A file that makes scenarios from names (`scenarioNamed`) has the one that is
 * wanted. Throws UsageError if there are none, unless `orNone`, or if the file can't be loaded.
 */
export async function loadScenarios(
  source: Source,
  wanted = '',
  orNone = false,
): Promise<ReadonlyMap<string, AnyScenario>> {
  if ('litmus' in source) return new Map([[source.litmus, readLitmus(source.litmus)]])
  if ('object' in source) {
    const { openBpfScenario } = await ofTheHouse(`the object file ${source.object}`, () => import('./bpf-scenario.ts'))
    return new Map([[wanted, await openBpfScenario(source.object, wanted)]])
  }
  if ('exhibit' in source) return new Map([[source.exhibit, await openExhibit(source.exhibit)]])
  if ('program' in source) return new Map([[programName(source.program), openProgram(source)]])
  if ('lesson' in source) return new Map([[wanted, await openLesson(source, wanted)]])
  const { scenarios, names } = await scenariosOfFile(source, wanted)
  if (scenarios.size === 0 && !orNone) {
    const got =
      names.length === 0 ? 'no exports' : `only the export${names.length === 1 ? '' : 's'} ${names.join(', ')}`
    throw new UsageError(
      `got ${got} in ${source.file}, expected one like { setup() {}, threads: [() => {}, () => {}] }`,
    )
  }
  return scenarios
}

/** A program as a scenario. Throws UsageError for a file that can't be read. */
function openProgram(source: Extract<Source, { program: string }>): AnyScenario {
  const { program, argv, globals, raw, packages } = source
  try {
    return loadProgram(program, { argv, globals, raw, packages: readPackages(packages) })
  } catch (error) {
    throw new UsageError(`--program: got ${quote(program)}, expected a file that loads, but ${firstLine(error)}`)
  }
}

type FileSource = Extract<Source, { file: string }>

/** How a scenario wants its file to be loaded, by its own word. */
interface Asks {
  /** Explore the implementation of locks. */
  readonly raw?: boolean
  /** And these edits of what it loads. */
  readonly edits?: readonly Edit[]
}

/** The scenarios of a file, each from a file that is loaded as it asks for, and the names of all that it exports. */
async function scenariosOfFile(
  source: FileSource,
  wanted: string,
): Promise<{ scenarios: Map<string, AnyScenario>; names: string[] }> {
  const exports = await exportsOf(source)
  const scenarios = scenariosIn(exports, wanted, source.file)
  const loads = new Map<string, Map<string, AnyScenario>>()
  for (const [name, scenario] of [...scenarios]) {
    const { raw = false, edits = [] } = scenario as Asks
    if (edits.length === 0 && (!raw || source.raw)) continue
    const key = JSON.stringify([raw, edits])
    if (!loads.has(key)) {
      const anew = await exportsOf({ ...source, raw: source.raw || raw }, edits)
      loads.set(key, scenariosIn(anew, wanted, source.file))
    }
    const asked = loads.get(key)?.get(name)
    if (asked !== undefined) scenarios.set(name, asked)
  }
  return { scenarios, names: Object.keys(exports) }
}

/** What a file exports, instrumented. Throws UsageError for one that can't be loaded. */
async function exportsOf(source: FileSource, own: readonly Edit[] = []): Promise<Record<string, unknown>> {
  const { file, raw, packages, edits: folder, layout } = source
  const why = unreadable(file)
  if (why === 'ENOENT') throw new UsageError(`got ${quote(file)}, expected a file that exists`)
  if (why !== undefined) throw new UsageError(`got ${quote(file)}, expected a file that may be read (${why})`)
  const edits = [...own, ...(folder === undefined ? [] : editsOf(folder))]
  try {
    const load = { raw, packages: readPackages(packages), edits, layout }
    const { exports, edited } = await loadFitting(resolve(file), load)
    const stray = own.find((each) => !edited.has(each))
    if (stray !== undefined) throw new Error(`the edit of ${stray.file} fits no file that it loads`)
    return exports
  } catch (error) {
    if (isShortage(error) || isOwnFolder(error)) throw new CommandFailure(`${file} can't be loaded: ${error.message}`)
    throw new UsageError(`got ${quote(file)}, expected a file that loads, but ${firstLine(error)}${thrownIn(error)}`)
  }
}

/** The edits of a folder. Throws UsageError where there is none. */
export function editsOf(folder: string): readonly Edit[] {
  try {
    return readEdits(folder)
  } catch (error) {
    throw new UsageError(`--edits: ${firstLine(error)}`)
  }
}

/** The scenarios that a file exports, and the one of this name that it makes. */
function scenariosIn(exports: Record<string, unknown>, wanted: string, file: string): Map<string, AnyScenario> {
  const scenarios = new Map<string, AnyScenario>()
  for (const [name, value] of Object.entries(exports)) {
    const scenario = scenarioIn(name, value)
    if (scenario !== undefined) scenarios.set(name, scenario)
  }
  if (typeof exports.scenarioNamed === 'function' && wanted !== '')
    scenarios.set(wanted, named(exports.scenarioNamed as (name: string) => AnyScenario, wanted, file))
  return scenarios
}

/** Did the system refuse us a folder for what is instrumented? */
const isOwnFolder = (error: unknown): error is Error => (error as NodeJS.ErrnoException)?.syscall === 'mkdtemp'

/** A litmus program as a scenario. Throws UsageError if it can't be read. */
function readLitmus(text: string): AnyScenario {
  try {
    return litmusScenario(text) as AnyScenario
  } catch (error) {
    throw new UsageError(`--litmus: ${firstLine(error).replace(/^litmus: /, '')}`)
  }
}

/** What only the package sk-storage has, and not that of the explorer alone. Throws UsageError where it is not. */
async function ofTheHouse<Module>(what: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UsageError(
      `got ${what}, expected a file of scenarios: only the command of the package sk-storage knows it`,
    )
  }
}

/** An exhibit of the museum as a scenario: on sources with its edits. Throws UsageError if there is none of that id. */
export async function openExhibit(id: string): Promise<AnyScenario> {
  const { EXHIBITS } = await ofTheHouse(`a line of the exhibit ${id}`, () => import('../../museum/index.ts'))
  const exhibit = EXHIBITS.find((each) => each.id === id)
  if (exhibit === undefined) throw new UsageError(`got a line of the exhibit ${quote(id)}, expected one of the museum`)
  const { openScenario } = await import('../../museum/open.ts')
  const scenario = await openScenario(exhibit.scenario, [...(exhibit.scale ?? []), ...exhibit.edits])
  return { ...scenario, name: `${lineName({ exhibit: id }, id)}${exhibit.scenario.raw ? '#raw' : ''}` }
}

/** A lesson's scenario, broken as the lesson breaks it. Throws UsageError if there is no such lesson or exhibit. */
async function openLesson({ lesson, broken }: { lesson: string; broken: string }, name: string): Promise<AnyScenario> {
  const what = `a line of the lesson ${lesson}`
  const { LESSON_EXHIBITS } = await ofTheHouse(what, () => import('../../museum/lesson-exhibits.ts'))
  const exhibit = LESSON_EXHIBITS.find(({ id }) => id === broken)
  if (exhibit === undefined) {
    const known = LESSON_EXHIBITS.map(({ id }) => id).join(', ')
    throw new UsageError(`got a line of the exhibit ${quote(broken)}, expected one of the lessons: ${known}`)
  }
  const { openScenario } = await import('../../museum/open.ts')
  try {
    return await openScenario({ file: lesson, name }, exhibit.edits)
  } catch (error) {
    throw new UsageError(
      `got ${quote(`${lesson}#${name}@${broken}`)}, expected a lesson that is there: ${firstLine(error)}`,
    )
  }
}

/** The scenario that a file makes from a name. Throws UsageError if it makes none. */
function named(make: (name: string) => AnyScenario, name: string, file: string): AnyScenario {
  try {
    return make(name)
  } catch (error) {
    throw new UsageError(`got ${quote(name)}, expected a scenario that ${file} can make: ${firstLine(error)}`)
  }
}

/**
 * The scenario that is exported under that name, if it is one. Where a getter throws it is one that can't be explored.
 */
function scenarioIn(name: string, value: unknown): AnyScenario | undefined {
  try {
    return isScenario(value) ? guarded(name, value) : undefined
  } catch (error) {
    const why = `got an export ${name} with a getter that throws, expected none: ${firstLine(error)}${thrownIn(error)}`
    return {
      get setup(): AnyScenario['setup'] {
        throw new UsageError(why)
      },
      threads: [],
    }
  }
}

function isScenario(value: unknown): value is AnyScenario {
  const { setup, threads } = (value ?? {}) as Partial<AnyScenario>
  if (typeof setup !== 'function' || !Array.isArray(threads)) return false
  return threads.every((thread) => typeof thread === 'function')
}

/** The scenario, but with the name of whose setup it was that threw. */
function guarded(name: string, scenario: AnyScenario): AnyScenario {
  return {
    ...scenario,
    setup() {
      try {
        return scenario.setup()
      } catch (error) {
        throw new UsageError(`got a setup of ${name} that throws, expected none: ${firstLine(error)}${thrownIn(error)}`)
      }
    },
  }
}

function firstLine(error: unknown): string {
  if (error instanceof MisuseError) return error.sentence
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]
}

/** ` (file:line)` of the author's function that threw, if it is known and not said. */
function thrownIn(error: unknown): string {
  const [innermost] = authorsCalls(error)
  if (innermost === undefined || error instanceof MisuseError) return ''
  return ` (${relative(process.cwd(), innermost.place)})`
}
