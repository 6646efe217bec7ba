/**
 * The smallest program that still fails, with the smallest schedule. fast-check shrinks what it generated; this takes
 * away what it leaves: whole CPUs and steps from wherever they stand, and with them switches.
 */

import type { Switch } from '../../src/explore/schedule-arbitrary.ts'
import type { HuntProgram } from './program.ts'

/** Programs with one thing less, the largest thing first: a CPU, a step, what was there before. */
function* smaller(program: HuntProgram): Generator<HuntProgram> {
  const { cpus, before } = program
  if (cpus.length > 2) for (const i of cpus.keys()) yield { ...program, cpus: cpus.toSpliced(i, 1) }
  for (const [i, steps] of cpus.entries()) {
    if (steps.length < 2) continue
    for (const k of steps.keys()) yield { ...program, cpus: cpus.with(i, steps.toSpliced(k, 1)) }
  }
  for (const [i, word] of before.entries()) if (word !== 0) yield { ...program, before: before.with(i, 0) }
}

/** Takes things away for as long as `fails` still says true. */
export function shrinkProgram(program: HuntProgram, fails: (program: HuntProgram) => boolean): HuntProgram {
  for (const less of smaller(program)) if (fails(less)) return shrinkProgram(less, fails)
  return program
}

/** The same for a program with its schedule. */
export function shrinkTogether(
  program: HuntProgram,
  switches: readonly Switch[],
  fails: (program: HuntProgram, switches: readonly Switch[]) => boolean,
): { program: HuntProgram; switches: readonly Switch[] } {
  for (const i of switches.keys()) {
    const fewer = switches.toSpliced(i, 1)
    if (fails(program, fewer)) return shrinkTogether(program, fewer, fails)
  }
  for (const less of smaller(program)) if (fails(less, switches)) return shrinkTogether(less, switches, fails)
  return { program, switches }
}
