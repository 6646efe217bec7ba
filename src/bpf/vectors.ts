/**
 * Test vectors: programs with the value of r0 that they end with, in a notation of our own.
 *
 * `r1` is the address of the memory, `r2` its length, `r10` the end of the stack, as on the kernel's side of a test
 * run.
 */

import { compile, viewsOf } from './code/compile.ts'
import { generate } from './code/generate.ts'
import { assemble, type Operand, type Statement } from './isa/assemble.ts'
import type { BpfProgram } from './object.ts'
import { number, pointer, type Register } from './verifier/register.ts'
import { constant } from './verifier/scalar.ts'
import { verify } from './verifier/verify.ts'

export interface Vector {
  readonly name: string
  readonly program: readonly Statement[]
  /** Bytes in hexadecimal, or none. */
  readonly memory: string | null
  /** r0, in hexadecimal or decimal. */
  readonly result: string
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
  return BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0))
}

/** The bytes of a text in hexadecimal. Throws a SyntaxError. */
function bytesOf(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new SyntaxError(`got memory '${text}', expected bytes in hexadecimal`)
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}

/** The vectors of a file's text. Throws a SyntaxError that says what was got and what was expected. */
export function readVectors(text: string): readonly Vector[] {
  const file: unknown = JSON.parse(text)
  const tests = (file as { tests?: unknown } | null)?.tests
  if (!Array.isArray(tests)) throw new SyntaxError('got no list `tests`, expected an object with vectors in `tests`')
  return tests.map((test: Record<string, unknown>, i) => {
    const bad = (what: string): never => {
      throw new SyntaxError(`test ${i}: ${what}`)
    }
    if (typeof test !== 'object' || test === null) return bad('got no object, expected one with name and program')
    const { name, program, memory = null, result } = test
    if (typeof name !== 'string') return bad(`got the name ${JSON.stringify(name)}, expected a text`)
    if (!Array.isArray(program) || !program.every(isStatement))
      return bad(`got no program in ${name}, expected a list of [operation, operands...]`)
    if (memory !== null && typeof memory !== 'string')
      return bad(`got no memory in ${name}, expected bytes in hexadecimal`)
    if (typeof result !== 'string' || !/^-?(0x[0-9a-f]+|\d+)$/i.test(result))
      return bad(`got the result ${JSON.stringify(result)} in ${name}, expected a number as a text`)
    return { name, program, memory, result }
  })
}

function isStatement(value: unknown): value is Statement {
  return Array.isArray(value) && typeof value[0] === 'string' && value.slice(1).every(isOperand)
}

function isOperand(value: unknown): value is Operand {
  if (typeof value === 'string') return true
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Number.isInteger(value[1])
}

/** The result that a vector names, unsigned. */
export function expectedOf({ result }: Vector): bigint {
  return BigInt.asUintN(64, result.startsWith('-') ? -BigInt(result.slice(1)) : BigInt(result))
}
