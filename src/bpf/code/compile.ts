/**
 * Generated text, ready to run in this thread.
 */

import type { Generated } from './generate.ts'

/** What the factory is told of the CPU it is called on. */
export interface Environment {
  /** Given on to helpers. */
  readonly cpu: unknown
  /** The memory that values lie in, as elements of each width. `longs` begins where `words` does. */
  readonly words: Int32Array
  readonly bytes: Uint8Array
  readonly shorts: Uint16Array
  readonly longs: BigInt64Array
  /** Maps by name, as pointers. */
  readonly maps: Readonly<Record<string, number>>
  /** Word index of the first value of maps that have only one: .data, .rodata, .bss. */
  readonly values: Readonly<Record<string, number>>
  /** Helpers by name, as src/bpf/code/calls.ts calls them. */
  readonly helpers: Readonly<Record<string, (...given: never[]) => unknown>>
  /** Readers of sockets' fields, as `bpf_sock_family`. */
  readonly fields: Readonly<Record<string, (cpu: never, socket: number) => unknown>>
}

/** Registers by number: lower and upper half. */
export type Entry = readonly (readonly [l: number, h: number] | undefined)[]

/** One run: r0's lower half; or, where it was asked for, all registers. */
export type Run = (context: unknown, entry?: Entry) => number | readonly number[]

/** Views of every width on the same bytes. Throws RangeError where the words don't begin on a multiple of 8. */
export function viewsOf(words: Int32Array): Pick<Environment, 'words' | 'bytes' | 'shorts' | 'longs'> {
  const { buffer, byteOffset, length } = words
  if (byteOffset % 8 !== 0) throw new RangeError(`got words that begin at byte ${byteOffset}, expected a multiple of 8`)
  return {
    words,
    bytes: new Uint8Array(buffer, byteOffset, length * 4),
    shorts: new Uint16Array(buffer, byteOffset, length * 2),
    longs: new BigInt64Array(buffer, byteOffset, length >> 1),
  }
}

/** Makes a run of generated text. The text is ours: it says nothing that a program could choose but numbers. */
export function compile({ text }: Generated, environment: Environment): Run {
  const factory = new Function(`return ${text}`)() as (environment: Environment) => Run
  return factory(environment)
}
