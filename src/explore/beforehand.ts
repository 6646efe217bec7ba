/**
 * How long an exact search will take, told beforehand: a while of the search itself says how many executions there are
 * in a second, and random probes say how many there will be.
 */
import { createRandom } from '../random/random.ts'
import { begun, counted } from './exploration.ts'
import { optionsOf } from './program/given.ts'
import { createProgram, type Program } from './program/program.ts'
import { MisuseError } from './runtime/misuse-error.ts'
import type { Options, Scenario } from './scenario.ts'
import { probe } from './search/probing.ts'
import type { SavedWalk } from './search/saved-walk.ts'
import { nextExecution } from './search/search.ts'
import { strategyNamed } from './search/strategies.ts'

/** What is told beforehand. */
export interface Beforehand {
  /** About how many executions there will be: the mean of the probes. All there were, if the search came to its end. */
  readonly executions: number
  /** The standard error of that mean. 0: they were counted. Undefined: one probe alone was made. */
  readonly error: number | undefined
  readonly probes: number
  /** Executions in a second, on one core. */
  readonly rate: number
  /** The search found something meanwhile, where it would stop unless it is to go on. */
  readonly found: boolean
}

/**
 * Explores for half of the seconds, and probes for the rest and as long as one probe takes. `seed` draws the probes.
 * Throws a MisuseError for a search that is not exact or has a bound.
 */
export function tellBeforehand<Context>(
  scenario: Scenario<Context> & Options,
  options: Options,
  seconds: number,
  seed: number,
): Beforehand {
  const given = optionsOf(scenario, options)
  const { strategy = 'optimal', maxPreemptions, memory } = given
  if (memory !== undefined)
    throw new MisuseError('memory: got it as well, expected none: only interleavings can be told of beforehand')
  if (!strategyNamed(strategy).exact || maxPreemptions !== undefined)
    throw new MisuseError('only a search that runs every trace once can be told of beforehand')
  const program = createProgram(scenario as Scenario<Context>, given.detect ?? {}, given.raw)
  return program.answering(() => {
    const { rate, ended, found } = exploreFor(program, given, seconds / 2)
    if (ended !== undefined) return { executions: ended, error: 0, probes: 0, rate, found }
    const sizes = probeFor(program, seconds / 2, seed)
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    const squares = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0)
    const error = sizes.length > 1 ? Math.sqrt(squares / (sizes.length - 1) / sizes.length) : undefined
    return { executions: Math.round(mean), error, probes: sizes.length, rate, found }
  })
}

/** The search itself, detectors and all, for so long. `ended`: how many executions there were in all. */
function exploreFor(
  program: Program,
  options: Options,
  seconds: number,
): { readonly rate: number; readonly ended: number | undefined; readonly found: boolean } {
  const it = begun(program, { ...options, keepGoing: true })
  const started = performance.now()
  const past = () => (performance.now() - started) / 1000
  let goesOn = true
  while (goesOn && past() < seconds) {
    const ending = nextExecution(program.x, it.search)
    goesOn = ending !== undefined && counted(it, ending)
  }
  const { executions } = it.counts
  return { rate: executions / past(), ended: goesOn ? undefined : executions, found: it.first !== undefined }
}

/** What probes say, for so long and at least one. */
function probeFor({ x }: Program, seconds: number, seed: number): number[] {
  const search = strategyNamed('optimal').create(x, { seed: 0, depth: 0 })
  const started = performance.now()
  const random = createRandom(seed)
  const sizes: number[] = []
  nextExecution(x, search)
  const root = structuredClone(search.save!()) as SavedWalk
  do sizes.push(probe(x, search, root, random))
  while (performance.now() - started < seconds * 1000)
  return sizes
}
