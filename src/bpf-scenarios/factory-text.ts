/**
 * The text of a program's factory, each line with the C line that it comes from, for who instruments it.
 */

import { generate } from '../bpf/code/generate.ts'
import type { Access64 } from '../bpf/code/places.ts'
import type { BpfObject, BpfProgram } from '../bpf/object.ts'
import { unknownField } from '../bpf/run/socket-fields.ts'
import { lineOf, ProgramRefused } from '../bpf/verifier/refused.ts'
import { verify } from '../bpf/verifier/verify.ts'
import { BpfScenarioError } from './scenario-error.ts'

/** Throws BpfScenarioError for a program that is refused. */
export function factoryText(object: BpfObject, program: BpfProgram, access64: Access64): string {
  try {
    const { text, lines } = generate(verify(program, object), { access64 })
    const field = unknownField(text)
    if (field !== undefined)
      throw new BpfScenarioError(`program ${program.name}: got a load of ${field}, which no socket here has`)
    return text
      .trimEnd()
      .split('\n')
      .map((line, i) => `${line}${originOf(program, lines[i])}`)
      .join('\n')
  } catch (error) {
    if (error instanceof ProgramRefused) throw new BpfScenarioError(error.message)
    throw error
  }
}

function originOf(program: BpfProgram, at: number | undefined): string {
  const c = at === undefined ? undefined : lineOf(program, at)
  return c === undefined ? '' : ` // @explore at ${c.file}:${c.line}:${c.column} ${c.source.replace(/\p{C}/gu, ' ')}`
}
