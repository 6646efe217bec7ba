/**
 * The files that the commands of `sk-storage bpf` are given.
 */

import { readFileSync } from 'node:fs'
import { loadBpfObject } from '../bpf/load/load-object.ts'
import { BpfObjectError } from '../bpf/load/object-error.ts'
import type { BpfObject, BpfProgram } from '../bpf/object.ts'
import type { Context } from '../bpf/run/context.ts'
import { programTypeOf } from '../bpf/verifier/program-types.ts'
import { unreadable } from '../command/path.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'

/** The bytes of a file that was named. Throws UsageError where none was, or where it can't be read. */
export function bytesOfFile(file: string | undefined, what: string): Uint8Array {
  if (file === undefined) throw new UsageError(`got no file, expected ${what}`)
  const why = unreadable(file)
  if (why !== undefined) throw new UsageError(`got ${file}, expected ${what} that can be read (${why})`)
  return readFileSync(file)
}

/** What `read` makes of the text of a file. Throws UsageError for one that it can't read. */
export function readTextFile<T>(file: string | undefined, what: string, read: (text: string) => T): T {
  const text = new TextDecoder().decode(bytesOfFile(file, what))
  try {
    return read(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // JSON.parse quotes the text as it stands, over several lines.
    throw new UsageError(`${file}: ${error.message.replace(/\s+/g, ' ')}`)
  }
}

/** An object file. Throws UsageError, one sentence, for what is none. */
export function objectOfFile(file: string | undefined): BpfObject {
  const bytes = bytesOfFile(file, 'an object file')
  try {
    return loadBpfObject(bytes, file!)
  } catch (error) {
    if (error instanceof BpfObjectError) throw new UsageError(error.message)
    throw error
  }
}

/** The programs of an object, or the one that is named by a flag. Throws UsageError. */
export function programsOf(
  { programs }: BpfObject,
  name: string | undefined,
  flag = '--program',
): readonly BpfProgram[] {
  if (name === undefined) return programs
  const found = programs.filter((program) => program.name === name)
  if (found.length > 0) return found
  throw new UsageError(`${flag}: got ${quote(name)}, expected ${either(programs.map((program) => program.name))}`)
}

/** `op=4,args0=2`: fields of contexts. Throws UsageError. */
export function readContext(text: string): Record<string, bigint> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [, name, number] = /^\s*(\w+)=(\d+|0x[0-9a-f]+)\s*$/i.exec(pair) ?? []
      if (name === undefined) throw new UsageError(`--context: got ${quote(pair)}, expected a field like op=4`)
      return [name, BigInt(number)]
    }),
  )
}

/** Those of one program, each a number or a bigint as the field wants it. Throws UsageError for one that it has not. */
export function contextIn(program: Pick<BpfProgram, 'type' | 'attach'>, text: string): Context {
  const fields = (programTypeOf(program)?.context.fields ?? []).filter(
    ({ absent, points }) => !absent && points === undefined,
  )
  return Object.fromEntries(
    Object.entries(readContext(text)).map(([name, value]) => {
      const field = fields.find((each) => each.name === name)
      if (field === undefined)
        throw new UsageError(
          `--context: got the field ${quote(name)}, expected ${fields.length === 0 ? 'a program whose context has fields' : either(fields.map((each) => each.name))}`,
        )
      return [name, field.size === 8 ? value : Number(value)]
    }),
  )
}

/** Prints a line of JSON. */
export function printJson(line: object): void {
  process.stdout.write(`${JSON.stringify({ schema: 1, ...line })}\n`)
}
