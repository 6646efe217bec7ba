/**
 * One execution along a line, with the scenario loaded from where the line says.
 */

import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import { type DetectorOptions, MisuseError, replay } from '../explore/index.ts'
import { OF_PROGRAMS } from './detect-flag.ts'
import { lineName, type Source } from './line-name.ts'
import { type AnyScenario, loadScenarios } from './scenario-source.ts'

export interface ReplayRequest {
  readonly line: string
  readonly source: Source
  /** The scenario's name, or '' for the only one. */
  readonly wanted: string
  readonly maxSteps: number
  readonly detect?: DetectorOptions | undefined
}

export interface Replayed {
  /** The scenario's name. */
  readonly found: string
  readonly result: ReturnType<typeof replay>
}

/** Replays. `loaded` is called when all code is there. Throws UsageError for a scenario that is not. */
export async function replayOnce(request: ReplayRequest, loaded: () => void): Promise<Replayed> {
  const { line, source, wanted, maxSteps, detect } = request
  const { scenario, found } = choose(await loadScenarios(source, wanted), wanted)
  loaded()
  const looks = 'object' in source ? { ...OF_PROGRAMS, ...detect } : detect
  const named = { ...scenario, name: lineName(source, found) }
  try {
    return { found, result: replay(named, line, { maxSteps, ...(looks && { detect: looks }) }) }
  } catch (error) {
    // Options that don't go with the line: the engine's own words.
    if (error instanceof MisuseError) throw new UsageError(error.sentence)
    throw error
  }
}

/** That scenario, or the only one if the line gives no name. */
function choose(scenarios: ReadonlyMap<string, AnyScenario>, name: string): { scenario: AnyScenario; found: string } {
  const names = [...scenarios.keys()]
  const found = name === '' && names.length === 1 ? names[0] : name
  const scenario = scenarios.get(found)
  if (scenario !== undefined) return { scenario, found }
  const got = name === '' ? 'a line that names no scenario' : `the scenario ${quote(name)}`
  throw new UsageError(`got ${got}, expected --scenario ${either(names)}`)
}
