/**
 * A scenario of an object's programs from the file and a name that says all of it.
 *
 * The name is `count,count`, and behind it, each after a `+`: `sockets:0,1` (by default all see socket 0), a syscall as
 * `update:egress_cnt:0`, `attach:track`, `context:op=4`, `fresh`, `tearing`, `seed:5`, `len:200`. So a replay line has
 * it.
 */

import { scenarioInWords } from '../bpf-scenarios/in-words.ts'
import { BpfScenarioError } from '../bpf-scenarios/scenario-error.ts'
import { UsageError } from '../command/usage-error.ts'
import type { Scenario } from '../explore/index.ts'
import { objectOfFile, programsOf, readContext } from './bpf-file.ts'

/** Loads the object, verifies its programs and opens the scenario. Throws UsageError, one sentence. */
export async function openBpfScenario(file: string, name: string): Promise<Scenario<unknown>> {
  const object = objectOfFile(file)
  const [programs = '', ...parts] = name.split('+')
  const names = programs === '' ? [] : programs.split(',')
  for (const each of names) programsOf(object, each, '--programs')
  const calls: string[] = []
  let context: Record<string, number | bigint> = {}
  let sockets = names.map(() => '0')
  let attach: readonly string[] = []
  const flags = { fresh: false, tearing: false, seed: 1 }
  for (const part of parts) {
    const [what, ...given] = part.split(':')
    if (what === 'fresh' || what === 'tearing') flags[what] = true
    else if (what === 'seed') flags.seed = Number(given[0])
    else if (what === 'len') context = { ...context, len: Number(given[0]) }
    else if (what === 'context') context = { ...context, ...readContext(given[0]) }
    else if (what === 'attach') attach = given[0].split(',')
    else if (what === 'sockets') sockets = given[0].split(',')
    else calls.push([what, ...given].join(' '))
  }
  if (sockets.length !== names.length)
    throw new UsageError(`--sockets: got ${sockets.length} sockets for ${names.length} programs, expected as many`)
  const threads = [...names.map((program, i) => `run ${program} ${sockets[i]}`), ...calls]
  try {
    return await scenarioInWords(object, { threads, attach, context, ...flags }, flags.tearing)
  } catch (error) {
    if (error instanceof BpfScenarioError) throw new UsageError(error.message)
    throw error
  }
}
