/**
 * The files that the commands of `sk-storage bpf` are given.
 */

import { readFileSync } from 'node:fs'
import { loadBpfObject } from '../bpf/load/load-object.ts'
import { BpfObjectError } from '../bpf/load/object-error.ts'
import type { BpfObject, BpfProgram } from '../bpf/object.ts'
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

/** Prints a line of JSON. */
export function printJson(line: object): void {
  process.stdout.write(`${JSON.stringify({ schema: 1, ...line })}\n`)
}
