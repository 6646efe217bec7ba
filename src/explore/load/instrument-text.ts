/**
 * Instrumenting a text, whatever it takes: as it stands, compiled first, or, where neither can be, with nothing but a
 * refusal at the door of each of its functions.
 */

import { FaultInText, NeedsCompiler } from '../transform/compiled.ts'
import { type Transformed, type TransformOptions, transform } from '../transform/transform.ts'
import { compile } from './compile.ts'
import { guard } from './guard.ts'

/** Instruments the text of a file. Throws FaultInText if it can't be read, or one of its tags says nothing. */
export function instrumentText(text: string, file: string, options: TransformOptions): Transformed {
  try {
    return transform(text, file, options)
  } catch (error) {
    if (error instanceof FaultInText) throw error
    return error instanceof NeedsCompiler ? compiled(text, file, options) : guard(text, file, options, reasonOf(error))
  }
}

function compiled(text: string, file: string, options: TransformOptions): Transformed {
  let [code, its] = [text, options]
  try {
    const made = compile(text, file, options.format)
    ;[code, its] = [made.code, { ...options, origin: made.origin }]
    return transform(code, file, its)
  } catch (error) {
    if (error instanceof FaultInText) throw error
    return guard(code, file, its, reasonOf(error))
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
