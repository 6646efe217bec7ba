/**
 * `sk-storage bpf dump`: what programs become, beside the instructions and the C lines they come from.
 */

import { type Generated, generate } from '../bpf/code/generate.ts'
import { disassemble } from '../bpf/isa/disassemble.ts'
import type { BpfProgram } from '../bpf/object.ts'
import { lineOf, ProgramRefused } from '../bpf/verifier/refused.ts'
import { type Verified, verify } from '../bpf/verifier/verify.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { oneOf, text, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { objectOfFile, printJson, programsOf } from './bpf-file.ts'

const FLAGS = {
  program: text('NAME', 'print this program alone'),
  access64: oneOf('eight bytes at once, as in the kernel, or in halves, as on worker CPUs', ['whole', 'halves']),
  json: toggle('print JSON Lines: one for each line of JavaScript'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage bpf dump OBJECT [FLAGS]

Prints the JavaScript that each program of an object file becomes, with the BPF instruction behind each line and the C
line above it.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'printed', finding: 'a program is refused: bpf verify tells more' })}
`

export default function bpfDump(argv: readonly string[]): number {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one object file')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const object = objectOfFile(words[0])
  let refused = 0
  for (const program of programsOf(object, values.program)) {
    try {
      const verified = verify(program, object)
      const generated = generate(verified, { access64: values.access64 })
      if (values.json) printLines(program, verified, generated)
      else process.stdout.write(`// ${program.section}: ${program.name}\n${beside(program, verified, generated)}\n`)
    } catch (error) {
      if (!(error instanceof ProgramRefused)) throw error
      refused++
      if (values.json) printJson({ event: 'refused', program: program.name, message: error.message })
      else process.stdout.write(`// ${error.message}\n\n`)
    }
  }
  return refused === 0 ? EXIT.clean : EXIT.finding
}

function bpfOf({ program, instructions }: Verified, at: number | undefined): string | undefined {
  if (at === undefined) return undefined
  return disassemble(instructions[at]!, program.maps.find((use) => use.at === at)?.map)
}

/** Where BPF stands, in columns. */
const COLUMN = 68

function beside(program: BpfProgram, verified: Verified, { text, lines }: Generated): string {
  let last: string | undefined
  let out = ''
  text
    .trimEnd()
    .split('\n')
    .forEach((line, i) => {
      const at = lines[i]
      const c = at === undefined ? undefined : lineOf(program, at)
      const place = c === undefined ? undefined : `// ${c.file}:${c.line}  ${c.source.trim()}`
      if (place !== undefined && place !== last) out += `${place}\n`
      if (at !== undefined) last = place
      const bpf = bpfOf(verified, at)
      out += `${bpf === undefined ? line : `${line.padEnd(COLUMN)} // ${at}: ${bpf}`}\n`
    })
  return out
}

function printLines(program: BpfProgram, verified: Verified, { text, lines }: Generated): void {
  text
    .trimEnd()
    .split('\n')
    .forEach((line, i) => {
      const at = lines[i]
      const c = at === undefined ? undefined : lineOf(program, at)
      const place = c === undefined ? {} : { file: c.file, line: c.line, source: c.source.trim() }
      const bpf = at === undefined ? {} : { instruction: at, bpf: bpfOf(verified, at) }
      printJson({ event: 'line', program: program.name, text: line, ...bpf, ...place })
    })
}
