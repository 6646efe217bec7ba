/**
 * Writes the module of BPF programs that a lesson of the page steps, beside their C and their object:
 * `npm run build && node scripts/bpf-module.js`. With --check it only says whether it is what the object gives.
 *
 * The programs are what the explorer runs for the object, line by line. Besides each says, in a variable of its own,
 * from which line of C it calls a helper: whoever steps in there is shown that line.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { loadBpfObject } from '../dist/src/bpf/load/load-object.js'
import { factoryText } from '../dist/src/bpf-scenarios/factory-text.js'

/** From the project's root, without what follows. */
const PROGRAMS = 'web/scenarios/packets.bpf'

/** Names the source from the project's root, and has calls of helpers leave the line that they come from. */
function withPlaces(text) {
  return text
    .replace(/^return \(context\) => \{$/m, "return (context) => {\nlet calledFrom = ''")
    .replace(/^(\w+ = bpf_\w+\(cpu.*?)(?= \/\/ @explore at [^:]+:(\d+):)/gm, `calledFrom = '${PROGRAMS}.c:$2'; $1`)
    .replace(/(?<=\/\/ @explore at )[^:]+(?=:)/g, `${PROGRAMS}.c`)
}

const object = loadBpfObject(readFileSync(`${PROGRAMS}.o`), `${PROGRAMS}.o`)
const programs = object.programs.map(
  (program) => `  ${program.name}: ${withPlaces(factoryText(object, program, 'whole'))},\n`,
)
const text = `/**
 * The programs of packets.bpf.c, as the explorer runs them. Written by scripts/bpf-module.js.
 */
// @ts-nocheck: registers have no types.

import type { Factories } from '../../src/bpf/run/scenario.ts'

export const factories: Factories = {
${programs.join('')}}
`
if (!process.argv.includes('--check')) writeFileSync(`${PROGRAMS}.ts`, text)
else if (readFileSync(`${PROGRAMS}.ts`, 'utf8') !== text) {
  console.error(`${PROGRAMS}.ts is not what ${PROGRAMS}.o gives: node scripts/bpf-module.js writes it again`)
  process.exitCode = 1
}
