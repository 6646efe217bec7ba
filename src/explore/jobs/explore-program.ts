/**
 * Explores a whole program.
 */
import { exploreProgram as explore } from '../exploration.ts'
import { loadProgram, type ProgramOptions } from '../load/program.ts'
import { optionsOf } from '../program/given.ts'
import { createProgram } from '../program/program.ts'
import type { Result } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { Options } from '../scenario.ts'

/** How to explore a program. */
export interface ProgramExploration
  extends Omit<Options, 'memory' | 'resume' | 'onCheckpoint' | 'raw'>,
    ProgramOptions {}

/**
 * Explores a whole program: its main file, evaluated as it stands, and all workers that it starts, each with what it
 * prints as its part of the outcome. Returns what it found, as `check` does. Rejects with a MisuseError for a file that
 * is not there.
 */
export async function exploreProgram(file: string | URL, options: ProgramExploration = {}): Promise<Result> {
  const { argv, globals, packages, raw, ...others } = options
  const other = ['memory', 'resume', 'onCheckpoint'].find((name) => name in others)
  if (other !== undefined) throw new MisuseError(`${other}: a whole program is explored without it; leave it out`)
  const load = Object.entries({ argv, globals, packages, raw }).filter(([, value]) => value !== undefined)
  const scenario = loadProgram(file, Object.fromEntries(load))
  const given = optionsOf(scenario, others)
  const program = createProgram(scenario, given.detect ?? {}, raw)
  return program.answering(() => explore(program, given))
}
