/**
 * Test vectors: programs with the value of r0 that they end with, in a notation of our own.
 *
 * `r1` is the address of the memory, `r2` its length, `r10` the end of the stack, as on the kernel's side of a test
 * run.
 */

import { compile, viewsOf } from './code/compile.ts'
import { generate } from './code/generate.ts'
import { wide } from './halves.ts'
import { assemble, type Operand, type Statement } from './isa/assemble.ts'
import type { BpfProgram } from './object.ts'
import { numberIn, readTests } from './test-file.ts'
import { number, pointer, type Register } from './verifier/register.ts'
import { constant } from './verifier/scalar.ts'
import { verify } from './verifier/verify.ts'

export interface Vector {
  readonly name: string
  readonly program: readonly Statement[]
  /** Bytes in hexadecimal, or none. */
  readonly memory: string | null
  /** r0, unsigned. */
  readonly result: bigint
}

/** Where the memory begins in the words, so that no address is 0. */
const MEMORY_WORD = 2

/** A program that no file holds. */
export function bareProgram(name: string, code: Uint8Array): BpfProgram {
  return { name, section: '', type: 'bare', code, maps: [], lines: [], functions: [{ at: 0, name }] }
}

/** Runs a vector and returns r0 as it is unsigned. Throws what the assembler and the verifier throw. */
export function runVector({ name, program, memory }: Vector): bigint {
  const bytes = bytesOf(memory ?? '')
  const entry = new Map<number, Register>()
  if (bytes.length > 0) {
    entry.set(1, pointer('memory', { memory: { name: 'memory', size: bytes.length } }))
    entry.set(2, number(constant(BigInt(bytes.length))))
  }
  const verified = verify(bareProgram(name, assemble(program).code), { license: '', maps: [] }, { entry })
  const words = new Int32Array(new ArrayBuffer(MEMORY_WORD * 4 + ((bytes.length + 7) & ~7)))
  const views = viewsOf(words)
  views.bytes.set(bytes, MEMORY_WORD * 4)
  const run = compile(generate(verified, { access64: 'whole', registers: true }), {
    cpu: undefined,
    ...views,
    maps: {},
    values: {},
    helpers: {},
    fields: {},
  })
  const [low, high] = run(undefined, [undefined, [0, MEMORY_WORD], [bytes.length, 0]]) as readonly number[]
  return BigInt.asUintN(64, wide(low, high))
}

/** The bytes of a text in hexadecimal. Throws a SyntaxError. */
function bytesOf(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new SyntaxError(`got memory '${text}', expected bytes in hexadecimal`)
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

/** The vectors of a file's text. Throws a SyntaxError that says what was got and what was expected. */
export function readVectors(text: string): readonly Vector[] {
  return readTests(text, ({ name, program, memory = null, result }, bad) => {
    if (!Array.isArray(program) || !program.every(isStatement))
      return bad(`got no program in ${name}, expected a list of [operation, operands...]`)
    if (memory !== null && typeof memory !== 'string')
      return bad(`got no memory in ${name}, expected bytes in hexadecimal`)
    const expected = typeof result === 'string' ? numberIn(result) : undefined
    if (expected === undefined)
      return bad(`got the result ${JSON.stringify(result)} in ${name}, expected a number as a text`)
    return { name: name as string, program, memory, result: BigInt.asUintN(64, expected) }
  })
}

function isStatement(value: unknown): value is Statement {
  return Array.isArray(value) && typeof value[0] === 'string' && value.slice(1).every(isOperand)
}

function isOperand(value: unknown): value is Operand {
  if (typeof value === 'string') return true
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1])
}
