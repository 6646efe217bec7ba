/**
 * `sk-storage bpf vectors`: programs with the value of r0 that they end with.
 */

import { readVectors, runVector, type Vector } from '../bpf/vectors.ts'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { printJson, readTextFile } from './bpf-file.ts'

const FLAGS = {
  json: toggle('print JSON Lines: one for each vector, then a summary'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage bpf vectors FILE [FLAGS]

Verifies and runs each program of a file and compares r0. The file is JSON, { "tests": [...] } with tests like

  { "name": "add", "program": [["mov", "r0", "40"], ["add", "r0", "2"], ["exit"]], "memory": null, "result": "0x2a" }

An operand is a register, a number in decimal or with 0x, memory as ["r10", -8], or @k, the k-th instruction, for jumps.
r1 is the address of the memory (bytes in hexadecimal), r2 its length, r10 the end of the stack.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'all have their result', finding: 'one has not' })}
`

interface Judged {
  readonly passed: boolean
  /** What is wrong, where something is. */
  readonly why?: string
}

export default function vectors(argv: readonly string[]): number {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one file')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const all = readTextFile(words[0], 'a file of vectors', readVectors)
  let passed = 0
  for (const vector of all) {
    const judged = judge(vector)
    if (judged.passed) passed++
    if (values.json) printJson({ event: 'vector', name: vector.name, ...judged })
    else if (!judged.passed) process.stdout.write(`${vector.name}: ${judged.why}\n`)
  }
  const failed = all.length - passed
  if (values.json) printJson({ event: 'summary', vectors: all.length, passed, failed })
  else process.stdout.write(`${passed} of ${all.length} vectors have their result\n`)
  return failed === 0 ? EXIT.clean : EXIT.finding
}

function judge(vector: Vector): Judged {
  try {
    const got = runVector(vector)
    if (got === vector.result) return { passed: true }
    return { passed: false, why: `got r0 = 0x${got.toString(16)}, expected 0x${vector.result.toString(16)}` }
  } catch (error) {
    return { passed: false, why: (error as Error).message }
  }
}
