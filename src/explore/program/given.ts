/**
 * What a scenario and options may say, by name. A name that is misspelt would say nothing, and nobody would know.
 */

import { either, meant } from '../../words/meant.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import type { Options, Scenario } from '../scenario.ts'

const SCENARIO: Readonly<Record<keyof Scenario<unknown>, true>> = {
  name: true,
  setup: true,
  threads: true,
  threadNames: true,
  daemons: true,
  after: true,
  invariant: true,
  timeouts: true,
  outcome: true,
  inputs: true,
  seed: true,
  placeName: true,
}
const OPTIONS: Readonly<Record<keyof Options, true>> = {
  strategy: true,
  maxPreemptions: true,
  maxSteps: true,
  maxExecutions: true,
  seconds: true,
  time: true,
  seed: true,
  depth: true,
  keepGoing: true,
  shrink: true,
  raw: true,
  detect: true,
  memory: true,
  coverage: true,
  onProgress: true,
  onCheckpoint: true,
  resume: true,
}
const OPTION_NAMES = Object.keys(OPTIONS)
const ALL_NAMES = [...Object.keys(SCENARIO), ...OPTION_NAMES]

/** Throws a MisuseError for a name that is a slip of one we know. What else stands in a scenario is its author's. */
export function refuseSlips(scenario: object): void {
  for (const name of Object.keys(scenario)) {
    if (ALL_NAMES.includes(name)) continue
    const known = meant(name, ALL_NAMES)
    if (known !== either(ALL_NAMES)) throw new MisuseError(`got '${name}' in a scenario, expected ${known}`)
  }
}

/**
 * The options that hold: those that the scenario itself has, and over them those that are given beside it. Throws a
 * MisuseError for an option that there is none of.
 */
export function optionsOf(scenario: object, given: Options): Options {
  for (const name of Object.keys(given))
    if (!OPTION_NAMES.includes(name))
      throw new MisuseError(`got the unknown option '${name}', expected ${meant(name, OPTION_NAMES)}`)
  const known = (from: object) =>
    Object.entries(from).filter(([name, value]) => OPTION_NAMES.includes(name) && value !== undefined)
  return Object.fromEntries([...known(scenario), ...known(given)])
}
