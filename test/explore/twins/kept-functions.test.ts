/**
 * Functions of a thread that code which is not followed may call when no thread runs.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented } from '../support/source.ts'

/** Somebody else's code, which is not followed. */
const keeper = { later: (f: () => void) => void f, at: class Keeper {}, call: (f: () => number) => f() }

/** What a thread does with a function that stores: `mark`. */
const exploring = async (statement: string) => {
  const source = `
    import { throws } from 'node:assert'
    import { lookup } from 'node:dns'
    import { readFile, watch } from 'node:fs'
    import { createServer } from 'node:http'
    import { Transform } from 'node:stream'
    import { inspect, promisify } from 'node:util'
    import { deflate } from 'node:zlib'
    export const scenario = (keeper) => ({
      setup: () => new Int32Array(new SharedArrayBuffer(8)),
      threads: [
        (words) => {
          const mark = () => { words[0] = 1 }
          ${statement}
        },
        (words) => words[0],
      ],
    })`
  const { scenario } = await instrumented(source)
  return check(scenario(keeper)).violation
}

const KEPT: readonly (readonly [statement: string, name: string])[] = [
  ["readFile('/', mark)", 'readFile'],
  ["watch('/', { persistent: false }, mark)", 'watch'],
  ["lookup('localhost', mark)", 'lookup'],
  ["deflate('a', mark)", 'asyncBufferWrapper'],
  ['createServer(mark)', 'createServer'],
  ['new Transform({ transform: mark })', 'Transform'],
  ['new Transform(new Proxy({ transform: mark }, {}))', 'Transform'],
  ['keeper.later(mark)', 'later'],
  ["Reflect.apply(readFile, null, ['/', mark])", 'readFile'],
  ["readFile.call(null, '/', mark)", 'readFile'],
  ["readFile.bind(null, '/')(mark)", 'bound readFile'],
  ["readFile('/', mark.bind(null))", 'readFile'],
  ["['/'].map((name) => readFile(name, mark))", 'readFile'],
  ["new (function () { new.target; readFile('/', mark) })()", 'readFile'],
  ["structuredClone({ get a() { readFile('/', mark); return 1 } })", 'readFile'],
  ["Object.freeze(new Proxy({}, { preventExtensions() { readFile('/', mark); return true } }))", 'readFile'],
  ['new keeper.at(mark)', 'Keeper'],
]

describe('a function of a thread', () => {
  it.each(KEPT)('is refused where it is kept for later: %s', async (statement, name) => {
    const violation = await exploring(statement)
    expect(violation).toMatchObject({ kind: 'refused' })
    expect(violation!.message).toContain(`${name} `)
    expect(violation!.message).toMatch(/is handed a function.*when no thread runs/)
  })

  it.each(['keeper.later(Promise.resolve(1))', 'keeper.later({ made: Promise.resolve(1) })'])(
    'is as a promise of a thread, which is refused likewise: %s',
    async (statement) => {
      const violation = await exploring(statement)
      expect(violation).toMatchObject({ kind: 'refused' })
      expect(violation!.message).toContain('is handed a promise of a thread')
    },
  )

  it.each(['keeper.later({ deep: { mark } })', 'keeper.later({ deep: { made: Promise.resolve(1) } })'])(
    'is not seen deeper than in a field of what is handed over: %s',
    async (statement) => {
      // The mark is never called: nothing is wrong but that it might be.
      expect(await exploring(statement)).toBeNull()
    },
  )

  it.each([
    'throws(() => { throw new Error() })',
    'inspect(mark)',
    'inspect({ mark })',
    'promisify(mark)',
    'const seen = new Map([[mark, 1]]); seen.get(mark)',
    '[mark].includes(mark)',
    'Object.freeze({ mark })',
  ])('may be handed to what calls it at once, or never: %s', async (statement) => {
    expect(await exploring(statement)).toBeNull()
  })
})
