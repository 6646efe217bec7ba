/**
 * The order of jobs: random async programs of one agent print what they print in Node.
 */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { LONG, seedOf } from '../../share.ts'
import { asyncProgram, type Later } from '../support/async-programs.ts'
import { instrumented, words } from '../support/source.ts'

const PROGRAMS = LONG ? 3000 : 300
/** Numbers that a program may print, places and values together. Those that print more are left out. */
const MOST = 2000

const CODE = `const code = (v) => typeof v === 'number' ? v : v === undefined ? 101 : Array.isArray(v) ? 102
  : v instanceof Error ? 103 : typeof v === 'object' ? 104 : 105
`

/** Runs them one after the other, each as soon as the one before has nothing left to do. */
const inNode = (bodies: readonly string[]): string => `${CODE}
const programs = [${bodies.map((body) => `(print) => {\n  ${body}\n}`).join(',\n')}]
const printed = programs.map(() => [])
let at = -1
process.on('unhandledRejection', () => { printed[at].push('unhandled') })
process.on('uncaughtException', () => { printed[at].push('uncaught') })
process.on('beforeExit', () => {
  const n = ++at
  if (n < programs.length) setImmediate(() => programs[n]((place, v) => { printed[n].push(place, code(v)) }))
  else if (n === programs.length) console.log(JSON.stringify(printed))
})
`

const inThread = (bodies: readonly string[]): string => `${CODE}
export const programs = [${bodies
  .map(
    (body) => `(t) => (all) => {
  const words = all[t]
  const print = (place, v) => { const n = words[0]; words[0] = n + 2; words[n + 1] = place; words[n + 2] = code(v) }
  ${body}
}`,
  )
  .join(',\n')}]
`

/** What Node prints for each. */
function printed(bodies: readonly string[]): (number | string)[][] {
  const input = inNode(bodies)
  const child = spawnSync(process.execPath, ['-'], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
  expect(child.stderr).toBe('')
  return JSON.parse(child.stdout) as (number | string)[][]
}

type Thread = (words: Int32Array[]) => unknown

/** What the threads print, each into words of its own; together they cost one execution. */
function explored(threads: readonly Thread[]) {
  const own = threads.map(() => words(MOST + 8))
  const outcome = () => own.map((each) => [...each.subarray(1, each[0] + 1)].join()).join(';')
  return check({ setup: () => own, threads, outcome }, { shrink: false })
}

/** Programs explored at once. */
const TOGETHER = 20

it.each<Later>(['jobs', 'timers', 'immediates'])(
  'is that of Node, for programs of promises and %s',
  async (later) => {
    const seed = seedOf('async programs')
    const bodies = Array.from({ length: PROGRAMS / 3 }, (_, n) => asyncProgram(seed * 4096 + n, later))
    const expected = printed(bodies)
    const { programs } = (await instrumented(inThread(bodies), {}, 'async.js')) as {
      programs: ((n: number) => Thread)[]
    }
    const kept = expected.flatMap((each, n) => (each.length > MOST ? [] : [n]))
    const clean = kept.filter((n) => !expected[n].some((each) => typeof each === 'string'))
    expect(clean.length).toBeGreaterThan(bodies.length / 2)
    for (let from = 0; from < clean.length; from += TOGETHER) {
      const some = clean.slice(from, from + TOGETHER)
      const result = explored(some.map((n, t) => programs[n](t)))
      expect(result.violation?.message, some.map((n) => bodies[n]).join('\n\n')).toBeUndefined()
      const each = result.outcomes[0].outcome.split(';')
      for (const [t, n] of some.entries()) expect(each[t], bodies[n]).toBe(expected[n].join())
    }
    // Of rejections that nobody handles Node dies.
    for (const n of kept.filter((n) => !clean.includes(n)).slice(0, 5))
      expect(explored([programs[n](0)]).violation?.message, bodies[n]).toMatch(/unhandled|threw/)
  },
  1_800_000,
)
