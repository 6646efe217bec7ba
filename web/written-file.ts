/**
 * A source file as the page stores it: one text of three parts, and what other texts it becomes by an exhibit's edits.
 * Stored as modules of their own, those others were two thirds of the page.
 */

import type { FunctionPlace } from './source-file.ts'

/** What the page has of one text of a file. */
export interface FileParts {
  /** Its lines as a reader sees them, as `writeSource` writes them. */
  readonly source: string
  /** Its functions, as `writeFunctions` writes them. */
  readonly functions: string
  /** The instrumented code: an expression for the function that makes an instance of the module. */
  readonly code: string
}

/** What makes one text of another, in turn: how many letters to keep, how many to leave out, what comes there. */
export type Changes = readonly (number | string)[]

/** A file: the text as it stands, and what makes those of exhibits of it, by the exhibit's id. */
export interface WrittenFile {
  readonly text: string
  readonly others: Readonly<Record<string, Changes>>
  /** What a text imports: the one as it stands by '', another by its exhibit, where it is otherwise. */
  readonly imports: Readonly<Record<string, readonly string[]>>
  /** Of a file with programs to step: all files that these reach. */
  readonly reached?: readonly string[]
}

/** Where a file lies, seen from the page's scripts. */
export const addressOf = (version: string, file: string): string =>
  `./${version}.${file.replaceAll('/', '.').replace(/\.ts$/, '')}.json`

/** Stands between the parts; no source has it. */
const BETWEEN = '\0'

export const joinParts = ({ source, functions, code }: FileParts): string => [source, functions, code].join(BETWEEN)

export function splitParts(text: string): FileParts {
  const [source, functions, code] = text.split(BETWEEN)
  return { source, functions, code }
}

/** The other text. */
export function applyChanges(text: string, changes: Changes): string {
  let at = 0
  let made = ''
  for (let k = 0; k < changes.length; k += 3) {
    const [keep, leave, come] = changes.slice(k, k + 3) as [number, number, string]
    made += text.slice(at, at + keep) + come
    at += keep + leave
  }
  return made + text.slice(at)
}

/** Functions in few words: a line counts from the one where the function before begins, an end from its own begin. */
export function writeFunctions(functions: readonly FunctionPlace[]): string {
  let before = 0
  const short = functions.map(([name, from, to, mentions]) => {
    const told = [name, from - before, to - from, ...mentions]
    before = from
    return told
  })
  return JSON.stringify(short)
}

/** The functions again. */
export function readFunctions(written: string): FunctionPlace[] {
  let before = 0
  const short = JSON.parse(written) as [name: string, from: number, lines: number, ...mentions: string[]][]
  return short.map(([name, from, lines, ...mentions]) => {
    before += from
    return [name, before, before + lines, mentions]
  })
}
