/**
 * A program that may not be loaded, in the kernel's words.
 */

import { disassemble } from '../isa/disassemble.ts'
import type { Instruction } from '../isa/instruction.ts'
import type { BpfLine, BpfProgram } from '../object.ts'

/** Errnos that loading answers, by name. */
export type LoadErrno = 'EACCES' | 'EINVAL' | 'E2BIG' | 'EFAULT' | 'ENOTSUPP'

/** What is wrong, and where: thrown by verify(). */
export class ProgramRefused extends Error {
  override readonly name = 'ProgramRefused'
  readonly errno: LoadErrno
  /** The sentence without its place, as the kernel says it; or, of what only we refuse, in our own words. */
  readonly said: string
  /** Slot of the instruction; undefined where it is the program as a whole. */
  readonly at: number | undefined
  /** The C line, where the object tells it. */
  readonly line: BpfLine | undefined

  constructor(program: BpfProgram, errno: LoadErrno, said: string, insn?: Instruction) {
    const line = insn === undefined ? undefined : lineOf(program, insn.at)
    const place =
      insn === undefined
        ? ''
        : `, instruction ${insn.at} '${disassemble(insn)}'${line === undefined ? '' : atLine(line)}`
    super(`${errno}: ${said} (program ${program.name}${place})`)
    this.errno = errno
    this.said = said
    this.at = insn?.at
    this.line = line
  }
}

function atLine({ file, line, source }: BpfLine): string {
  return `, ${file}:${line}  ${source.trim()}`
}

/** The C line that the instruction in this slot comes from, or undefined. */
export function lineOf({ lines }: Pick<BpfProgram, 'lines'>, at: number): BpfLine | undefined {
  let found: BpfLine | undefined
  for (const each of lines) {
    if (each.at > at) break
    found = each
  }
  return found
}
