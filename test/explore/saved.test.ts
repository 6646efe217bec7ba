/**
 * Checkpoints that are not as they were saved: refused with a sentence, whatever is wrong with them. What a search goes
 * on to from whole ones is asked in explore.test.ts.
 */

import { describe, expect, it } from 'vitest'
import type { Checkpoint, StrategyName } from '../../src/explore/index.ts'
import { check, litmusScenario, MisuseError } from '../../src/explore/index.ts'
import { shareOf } from '../share.ts'
import { changed, damages, type Json, placesIn, valueAt } from './support/damage.ts'

const PROGRAM = 'R x; W x 1; L m; U m | R x; W x 2; L m; U m | A x 1; T m'

/** A checkpoint of a search that is on its way, as it comes out of a file. */
function saved(strategy: StrategyName): Json {
  let last: Checkpoint | undefined
  const options = { strategy, seed: 7, maxExecutions: 9, onCheckpoint: (at: Checkpoint) => (last = at) }
  check(litmusScenario(PROGRAM), { ...options, keepGoing: true, detect: { dataRaces: false } })
  return JSON.parse(JSON.stringify(last))
}

/** What becomes of it. */
function resumed(checkpoint: Json, strategy: StrategyName): string {
  try {
    check(litmusScenario(PROGRAM), {
      strategy,
      maxExecutions: 12,
      detect: { dataRaces: false },
      resume: checkpoint as unknown as Checkpoint,
    })
    return 'taken up'
  } catch (error) {
    return error instanceof MisuseError && !/undefined|\n/.test(error.message) ? 'refused' : `${error}`
  }
}

describe.each(['optimal', 'portfolio', 'surw'] as const)('a checkpoint of %s', (strategy) => {
  const whole = saved(strategy)

  it('is taken up when it is whole', () => {
    expect(resumed(whole, strategy)).toBe('taken up')
  })

  it('is refused when a field is gone or of another type', () => {
    const wrong = shareOf('damages', damages(whole), 60)
      // More branchings than a number can hold are null, and so is a thread that touches no such word.
      .filter(({ path, to }) => !(to === null && /\.sum$|perWord\.\d+\.1\.\d+$/.test(path)))
      .map(({ path, to, value }) => `${path} = ${JSON.stringify(to)}: ${resumed(value, strategy)}`)
      .filter((each) => !each.endsWith(': refused'))
    expect(wrong).toEqual([])
  })

  it('is refused when numbers in it lead nowhere', () => {
    const paths = placesIn(whole).filter((path) => /\.(threads\.\d+|thread|rival|begun|at)$/.test(path.join('.')))
    const numbers = paths.filter((path) => typeof valueAt(whole, path) === 'number')
    // Of a moved event it is no place in a schedule.
    const wrong = numbers
      .filter((path) => !/moved/i.test(path.join('.')) || path.at(-1) !== 'at')
      .map((path) => `${path.join('.')}: ${resumed(changed(whole, path, 1_000_000), strategy)}`)
      .filter((each) => !each.endsWith(': refused'))
    expect(wrong).toEqual([])
    if (strategy === 'optimal') expect(numbers.length).toBeGreaterThan(20)
  })

  it.each([null, 1, 'x', [], {}])('is refused when it is %j', (value) => {
    expect(resumed(value, strategy)).toBe('refused')
  })
})

it('counts branchings beyond what a number can hold', () => {
  const whole = saved('random')
  const [path] = placesIn(whole).filter((each) => each.at(-1) === 'sum')
  expect(resumed(changed(whole, path, null), 'random')).toBe('taken up')
})
