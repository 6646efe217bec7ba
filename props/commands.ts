/**
 * Operations as fast-check commands, to be run by `fc.modelRun` against one memory on one CPU.
 */

import type { Arbitrary, Command as ModelCommand } from 'fast-check'
import fc from './fast-check.ts'
import { closeEverything, createLockstep, type Lockstep, type Setting } from './lockstep.ts'
import { type Operation, operation, optmemMax, socket, validMap } from './operations.ts'
import { perform, possible } from './perform.ts'

/** The model's side of the run and the storage's are one object: a Lockstep performs on both. */
export type Command = ModelCommand<Lockstep, Lockstep>

/** The command that performs an operation. */
export function commandOf(operation: Operation): Command {
  return {
    check: (both) => possible(both as Lockstep, operation),
    run: (both) => perform(both, operation),
    toString: () => JSON.stringify(operation),
  }
}

/** Up to `maxCommands` operations. */
export function commands(maxCommands: number): Arbitrary<Iterable<Command>> {
  // Without the size a list would have five commands on average, and half of them nothing to work on.
  return fc.commands([operation.map(commandOf)], { maxCommands, size: 'max' })
}

/** Settings in which a few commands meet something: a map or two, a socket or two, a limit that may be near. */
export const setting: Arbitrary<Setting> = fc.record({
  optmemMax,
  sanitize: fc.boolean(),
  cacheSlots: fc.constantFrom(1, 2, 16),
  maps: fc.array(validMap, { minLength: 1, maxLength: 3, size: 'max' }),
  sockets: fc.array(socket, { minLength: 1, maxLength: 3, size: 'max' }),
})

/**
 * Runs commands in a setting, closes what they left open, and throws at the first difference or leak. Returns what was
 * answered how often.
 */
export function runCommands(commands: Iterable<Command>, setting: Setting): Map<string, number> {
  const both = createLockstep(setting)
  for (const request of setting.maps) perform(both, { op: 'mapCreate', request })
  for (const request of setting.sockets) perform(both, { op: 'socketCreate', request })
  fc.modelRun(() => ({ model: both, real: both }), commands)
  closeEverything(both)
  return both.answers
}
