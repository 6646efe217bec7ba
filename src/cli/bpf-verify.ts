/**
 * `sk-storage bpf verify`: the programs of an object file, judged before they run.
 */

import type { BpfObject, BpfProgram } from '../bpf/object.ts'
import { ProgramRefused } from '../bpf/verifier/refused.ts'
import { type Verified, verify } from '../bpf/verifier/verify.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { text, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { objectOfFile, printJson, programsOf } from './bpf-file.ts'

const FLAGS = {
  program: text('NAME', 'judge this program alone'),
  json: toggle('print JSON Lines: one for each program, then a summary'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage bpf verify OBJECT [FLAGS]

Judges each program of an object file as the kernel's verifier would: what it accepts touches nothing but its stack, its
context and its values. A refusal has the kernel's errno and words, the instruction and the C line; what can't be run
here is refused too, by name.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'all are accepted', finding: 'one is refused' })}
`

export default function bpfVerify(argv: readonly string[]): number {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one object file')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const object = objectOfFile(words[0])
  const programs = programsOf(object, values.program)
  let refused = 0
  for (const program of programs) {
    const verdict = verdictOf(program, object)
    if (verdict instanceof ProgramRefused) refused++
    if (values.json) printJson(jsonOf(program, verdict))
    else process.stdout.write(`${textOf(program, verdict)}\n`)
  }
  if (values.json) printJson({ event: 'summary', programs: programs.length, refused })
  return refused === 0 ? EXIT.clean : EXIT.finding
}

function verdictOf(program: BpfProgram, object: BpfObject): Verified | ProgramRefused {
  try {
    return verify(program, object)
  } catch (error) {
    if (error instanceof ProgramRefused) return error
    throw error
  }
}

/** What else is to be said of a refusal: where Linux may accept the program, and what to do. */
const HINTS: readonly (readonly [said: RegExp, hint: string])[] = [
  [
    /^invalid read from stack (R\d+ )?off -\d+\+\d+ size/,
    'those bytes were never written, as the padding of a struct is not: clear it with __builtin_memset, or give it a field (Linux lets programs with CAP_PERFMON read what ran before left there)',
  ],
  [
    /variable stack access prohibited/,
    'Linux accepts it where all bytes were written; a map of one value per CPU can hold the array',
  ],
  [
    /^misaligned (value|memory) /,
    'Linux on x86 accepts it; fields that begin at a multiple of their size are read everywhere',
  ],
]

function hintOn(said: string): string | undefined {
  return HINTS.find(([pattern]) => pattern.test(said))?.[1]
}

function textOf({ name, section, code }: BpfProgram, verdict: Verified | ProgramRefused): string {
  const what = `${name} (${section})`
  if (verdict instanceof ProgramRefused) {
    const { errno, said, at, line } = verdict
    const where = at === undefined ? '' : `\n  at instruction ${at}`
    const source = line === undefined ? '' : `, ${line.file}:${line.line}  ${line.source.trim()}`
    const hint = hintOn(said)
    return `${what}: refused, ${errno}: ${said}${where}${source}${hint === undefined ? '' : `\n  ${hint}`}`
  }
  return `${what}: accepted, ${code.length / 8} instructions, ${verdict.processed} followed, ${verdict.stack} bytes of stack`
}

function jsonOf({ name, section, type, code }: BpfProgram, verdict: Verified | ProgramRefused): object {
  const program = { program: name, section, type, instructions: code.length / 8 }
  if (!(verdict instanceof ProgramRefused))
    return { event: 'accepted', ...program, followed: verdict.processed, stack: verdict.stack }
  const { errno, said, at, line } = verdict
  const place = line === undefined ? {} : { file: line.file, line: line.line, source: line.source.trim() }
  const hint = hintOn(said)
  return {
    event: 'refused',
    ...program,
    errno,
    message: said,
    ...(at === undefined ? {} : { at }),
    ...place,
    ...(hint === undefined ? {} : { hint }),
  }
}
