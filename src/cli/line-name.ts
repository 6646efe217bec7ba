/**
 * What a scenario comes from, and how a replay line names that.
 */

import { basename, relative, resolve, sep } from 'node:path'

export type Source =
  | {
      readonly file: string
      readonly raw: boolean
      /** Packages that are instrumented as well: `a,b`, or `*` for all; '' for none. */
      readonly packages: string
      /** A folder of edits of what it loads, if any. */
      readonly edits?: string | undefined
      /** What memory is laid out by, if not as it comes. */
      readonly layout?: number | undefined
    }
  | { readonly litmus: string }
  /** The main file of a program, and its arguments. */
  | {
      readonly program: string
      readonly argv: readonly string[]
      /** What it finds as its globals, if not Node's. */
      readonly globals?: 'node' | 'browser'
      readonly raw: boolean
      readonly packages: string
    }
  /** An object file; the scenario's name says which of its programs run (bpf-scenario.ts). */
  | { readonly object: string }
  /** The id of an exhibit of the museum. */
  | { readonly exhibit: string }
  /** A lesson's scenario with what the lesson can break. */
  | { readonly lesson: string; readonly broken: string }

/** Stands where a file would, in the line of an exhibit: `museum#H05`. */
const MUSEUM = 'museum'

/** What the result of a program is called. */
export const programName = (file: string): string => basename(file)

/**
 * The scenario's name in a replay line, which also tells where it stands and how it was loaded: `races.ts#lostUpdate`,
 * `races.ts#lostUpdate#raw`, `races.ts#lostUpdate#layout=7`, `races.ts#lostUpdate#edits=folder`,
 * `races.ts#lostUpdate#packages=ringbuf.js`.
 */
export function lineName(source: Source, scenario: string): string {
  if ('litmus' in source) return scenario
  if ('exhibit' in source) return `${MUSEUM}#${source.exhibit}`
  if ('lesson' in source) return `${source.lesson}#${scenario}@${source.broken}`
  if ('object' in source) return `${pathFromHere(source.object)}#${scenario}`
  if ('program' in source) {
    const words = ['program', ...source.argv.map(encodeURIComponent)].join(' ')
    const globals = source.globals === 'browser' ? '#globals=browser' : ''
    const packages = source.packages === '' ? '' : `#packages=${source.packages}`
    return `${pathFromHere(source.program)}#(${words})${source.raw ? '#raw' : ''}${globals}${packages}`
  }
  const edits = source.edits === undefined ? '' : `#edits=${pathFromHere(source.edits)}`
  const layout = source.layout === undefined ? '' : `#layout=${source.layout}`
  const packages = source.packages === '' ? '' : `#packages=${source.packages}`
  return `${pathFromHere(source.file)}#${scenario}${source.raw ? '#raw' : ''}${layout}${edits}${packages}`
}

const pathFromHere = (file: string) => relative(process.cwd(), resolve(file)).split(sep).join('/')

/** What a replay line's name says. A litmus program has spaces, a name of the library's users no '#'. */
export function readLineName(name: string): { source: Source | undefined; scenario: string } {
  const [, file, scenario, broken, raw, number, edits, browser, packages = ''] =
    /^(.+?)#([^#@]+)(?:@([^#@]+))?(#raw)?(?:#layout=(\d+))?(?:#edits=([^#]+))?(#globals=browser)?(?:#packages=(.+))?$/.exec(
      name,
    ) ?? []
  const layout = number === undefined ? undefined : Number(number)
  if (file === MUSEUM) return { source: { exhibit: scenario }, scenario: scenario }
  if (broken !== undefined) return { source: { lesson: file, broken }, scenario: scenario }
  const [, words] = /^\(program((?: [^ ]*)*)\)$/.exec(scenario ?? '') ?? []
  if (words !== undefined) {
    const argv = words.split(' ').slice(1).map(decodeURIComponent)
    const its = { program: file, argv, raw: raw !== undefined, packages }
    const source: Source = browser === undefined ? its : { ...its, globals: 'browser' }
    return { source, scenario: programName(file) }
  }
  if (file?.endsWith('.o')) return { source: { object: file }, scenario }
  if (file !== undefined) return { source: { file, raw: raw !== undefined, packages, edits, layout }, scenario }
  return { source: name.includes(' ') ? { litmus: name } : undefined, scenario: name }
}
