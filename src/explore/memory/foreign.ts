/**
 * What can't be asked of a memory model.
 */
import type { MemoryModel } from '../result.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { Options } from '../scenario.ts'
import { MODELS } from './hardware.ts'

/** Options that mean nothing here. */
const FOREIGN = ['maxPreemptions', 'detect', 'resume', 'onCheckpoint', 'coverage'] as const

/** Refuses what can't be asked of a memory model. Before `setup` runs. */
export function refuseForeign(options: Options, scenario: object): void {
  const { memory } = options as { memory?: unknown }
  if (!MODELS.slice(1).includes(memory as MemoryModel))
    throw new MisuseError(`memory: got ${JSON.stringify(memory)}, expected 'x86', 'arm' or 'ecma'`)
  for (const name of FOREIGN)
    if (options[name] !== undefined) throw new MisuseError(`${name}: got memory as well, expected one of them`)
  refuseInvariant(scenario)
}

/** Refuses what looks at memory between two steps. */
export function refuseInvariant(scenario: object): void {
  if ((scenario as { invariant?: unknown }).invariant !== undefined)
    throw new MisuseError(
      'memory: got a scenario with an invariant, which needs one order of all stores; expected none',
    )
}
