/**
 * A module as those see it that import from it: what stands at its top, without the rest of the transform.
 */

import { isOfTypes, type Node } from './estree.ts'
import { formatOf, languageOf } from './language.ts'
import { parse } from './parse.ts'
import { type Variable, variablesIn } from './variables.ts'

export interface ReadModule {
  readonly program: Node
  readonly top: ReadonlyMap<string, Variable>
  /** The modules that it imports or re-exports. */
  readonly sources: readonly string[]
}

/** Characters of texts whose modules are kept: a program that is loaded again with an edit is mostly the same. */
const MOST = 2 ** 20
const kept = new Map<string, ReadModule | undefined>()
let characters = 0

/** Reads a module; undefined for CommonJS, and for a text that can't be read. */
export function readModule(code: string, file: string): ReadModule | undefined {
  const key = `${file}\n${code}`
  if (kept.has(key)) return kept.get(key)
  if ((characters += code.length) > MOST) {
    kept.clear()
    characters = code.length
  }
  const read = readAnew(code, file)
  kept.set(key, read)
  return read
}

function readAnew(code: string, file: string): ReadModule | undefined {
  if (formatOf(code, file) === 'commonjs') return undefined
  const parsed = parse(code, file, languageOf(file), 'module')
  if (parsed.errors.some((each) => each.severity === 'Error')) return undefined
  const program = parsed.program as unknown as Node
  const sources = (program.body as Node[]).flatMap((statement) =>
    typeof statement.source?.value === 'string' && !isOfTypes(statement) ? [statement.source.value as string] : [],
  )
  return { program, top: variablesIn(program).top, sources }
}
