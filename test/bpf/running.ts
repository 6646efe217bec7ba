/**
 * Programs in the notation of our assembler, run on memory of their own.
 */

import { compile, viewsOf } from '../../src/bpf/code/compile.ts'
import { type GenerateOptions, generate } from '../../src/bpf/code/generate.ts'
import { assemble, assemblyOf } from '../../src/bpf/isa/assemble.ts'
import { bareProgram } from '../../src/bpf/vectors.ts'
import { number, pointer, type Register } from '../../src/bpf/verifier/register.ts'
import { constant } from '../../src/bpf/verifier/scalar.ts'
import { verify } from '../../src/bpf/verifier/verify.ts'

/** The bytes of a program's text. */
export function codeOf(text: string): Uint8Array {
  const { statements, labels } = assemblyOf(text)
  return assemble(statements, labels).code
}

/** A program that is given `bytes` of memory in r1 and their number in r2: run() returns r0, unsigned. */
export function onMemory(
  text: string | Uint8Array,
  size: number,
  access64: GenerateOptions['access64'] = 'whole',
): { run: () => bigint; bytes: Uint8Array; text: string } {
  const code = typeof text === 'string' ? codeOf(text) : text
  const entry = new Map<number, Register>([
    [1, pointer('memory', { memory: { name: 'memory', size } })],
    [2, number(constant(BigInt(size)))],
  ])
  const verified = verify(bareProgram('test', code), { license: '', maps: [] }, { entry })
  const views = viewsOf(new Int32Array(new SharedArrayBuffer(8 + ((size + 7) & ~7))))
  const generated = generate(verified, { access64, registers: true })
  const run = compile(generated, { cpu: undefined, ...views, maps: {}, values: {}, helpers: {}, fields: {} })
  return {
    bytes: views.bytes.subarray(8),
    text: generated.text,
    run: () => {
      const [low, high] = run(undefined, [undefined, [0, 2], [size, 0]]) as readonly number[]
      return BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt(low >>> 0))
    },
  }
}
