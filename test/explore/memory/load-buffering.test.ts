/**
 * What is said of load buffering against the axioms: where they have an execution in which a load takes a value from
 * its own future, a verdict says that it is left out.
 */
import { describe, expect, it } from 'vitest'
import { MODELS, machinesOf } from '../../../src/explore/memory/hardware.ts'
import { createBuffering } from '../../../src/explore/memory/load-buffering.ts'
import { walk } from '../../../src/explore/memory/walk.ts'
import { createRandom, nextBits } from '../../../src/random/random.ts'
import { LONG, seedOf } from '../../share.ts'
import { executionsOf } from './axioms.ts'
import { type Program, SIZE, type Statement } from './candidates.ts'
import { threadOf } from './modelled.ts'

const WORDS = [0, 4]

/** Threads that load before they store. */
function loadsAndStores(below: (n: number) => number): Program {
  let ids = 0
  const threads = 2 + below(2)
  return Array.from({ length: threads }, () =>
    Array.from({ length: 2 + below(threads === 2 ? 3 : 1) }, (_, k): Statement => {
      const access = { at: WORDS[below(WORDS.length)], kind: 'i32', sc: below(3) === 0 } as const
      return below(3) < (k === 0 ? 2 : 1)
        ? { op: 'R', id: `r${ids++}`, ...access }
        : { op: 'W', value: ++ids, ...access }
    }),
  )
}

/** The same of bytes and of both bytes at once. */
function ofBytes(below: (n: number) => number): Program {
  let ids = 0
  const threads = 2 + below(2)
  return Array.from({ length: threads }, () =>
    Array.from({ length: 2 + below(threads === 2 ? 2 : 1) }, (_, k): Statement => {
      const kind = below(3) === 0 ? 'i16' : 'i8'
      const access = { at: below(3 - SIZE[kind]), kind, sc: below(4) === 0 } as const
      return below(3) < (k === 0 ? 2 : 1)
        ? { op: 'R', id: `r${ids++}`, ...access }
        : { op: 'W', value: ++ids, ...access }
    }),
  )
}

const ASKED = ['x86', 'arm', 'ecma'] as const
type Model = (typeof ASKED)[number]

/** Whether loads are named that may take a value from their own future, by what executions of the model show. */
function named(program: Program, byBytes = false): Record<Model, boolean> {
  const all = { x86: createBuffering(), arm: createBuffering(), ecma: createBuffering() }
  const ended = walk({
    threads: program.map((thread, t) => threadOf(thread, t, byBytes)),
    initial: () => 0,
    maxSteps: 100,
    begin: () => {
      for (const model of ASKED) all[model].forget()
    },
    visit(g) {
      const strongest = Math.min(...[...machinesOf(g).values()].map(({ model }) => MODELS.indexOf(model)))
      for (const model of ASKED) if (model === 'ecma' || strongest <= MODELS.indexOf(model)) all[model].note(g)
      return true
    },
    goOn: () => true,
  })
  expect(ended).toBe('all')
  const names = (model: Model) => all[model].sites(model).length > 0
  return { x86: names('x86'), arm: names('arm'), ecma: names('ecma') }
}

describe('load buffering', () => {
  it.each([
    ['', 200, loadsAndStores, WORDS, 8],
    [' of accesses of different sizes', 60, ofBytes, [], 2],
  ] as const)(
    'is said to be left out wherever the axioms have it, on random programs%s',
    (what, few, draw, words, memory) => {
      const random = createRandom(seedOf(`random programs with load buffering${what}`))
      const below = (n: number) => nextBits(random) % n
      let left = 0
      let said = 0
      for (let k = 0; k < (LONG ? 2000 : few); k++) {
        const program = draw(below)
        const models = new Set(executionsOf(program, words, memory, true).map(({ model }) => model))
        const its = named(program, words.length === 0)
        const where = JSON.stringify(program)
        // No machine that is modelled has a stronger one of these.
        expect(
          [...models].filter((model) => model === 'sc' || model === 'x86'),
          where,
        ).toEqual([])
        if (models.has('arm')) expect(its, where).toMatchObject({ arm: true, ecma: true })
        if (models.size > 0) expect(its, where).toMatchObject({ ecma: true })
        expect(its.x86).toBe(false)
        if (models.size > 0) left++
        if (its.ecma) said++
      }
      expect(left).toBeGreaterThan(2)
      // It may be said where there is none, which is rare.
      expect(said - left).toBeLessThanOrEqual(left / 10 + 3)
    },
  )
})
