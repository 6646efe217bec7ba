/**
 * Natives that call back, which twins perform in a way of their own, against the natives: generated arguments, errors,
 * the order of calls and of what they are handed, changes of the list meanwhile.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LONG, seedOf } from '../../share.ts'
import { runPlain, runTwin } from '../support/alone.ts'
import { instrumented, untouched, words } from '../support/source.ts'

/** Calls of natives on `list`, with a callback `f` that notes what it is handed, and `self` for its `this`. */
const CALLS = [
  ...'forEach some every find findIndex findLast findLastIndex filter map flatMap'
    .split(' ')
    .map((name) => `list.${name}(f, self)`),
  'list.reduce(f)',
  'list.reduce(f, 9)',
  'list.reduceRight(f)',
  'list.reduceRight(f, undefined)',
  'list.sort(f)',
  'list.toSorted(f)',
  'Array.from(list, f, self)',
  'Array.from(new Set(list), f, self)',
  'Array.from({ length: 2, 0: list[0] }, f, self)',
  'Object.groupBy(list, f)',
  'Map.groupBy(list, f)',
  'new Map([...list].map((x) => [x, list])).forEach(f, self)',
  'new Set(list).forEach(f, self)',
  "[...list].join('').replace(/\\d/, f)",
  "[...list].join('').replaceAll(/\\d|u/g, f)",
  "'1-2-1'.replace('1', f)",
  'JSON.parse(JSON.stringify({ list, n: 1 }), f)',
  'JSON.stringify({ list, n: { m: 1 } }, f)',
  'JSON.stringify({ toJSON: f, list })',
  'JSON.stringify([...list].map((x) => ({ x, toJSON: f })))',
  'Object.assign({}, list, { get x() { return f(1) }, set y(v) { f(v) } })',
  'Object.assign({ set 0(v) { f(v) }, set length(v) { f(v) } }, list)',
  "Object.entries({ get a() { return f('a') }, b: list.length })",
  'Object.values({ get a() { return f(1) } })',
  'Object.fromEntries({ *[Symbol.iterator]() { yield [f(1), f(2)]; yield [f(3), 4] } })',
  'new Map({ *[Symbol.iterator]() { try { yield [f(1), f(2)]; yield f(3) } finally { f(4) } } })',
  'new Set({ *[Symbol.iterator]() { yield* list; yield f(5) } })',
  'new Int16Array({ *[Symbol.iterator]() { yield f(1); yield f(2) } })',
  '[{ toString: f }, ...list].join()',
  'String({ toString: f })',
  'String.raw({ raw: [{ toString: f }, 1] }, { toString: f })',
  'list.forEach()',
  'list.map(5)',
  'list.flatMap((x) => [f(x), [x]])',
  'Array.prototype.map.call({ length: 3, 0: 5, 2: 6 }, f)',
  "Array.prototype.filter.call('xyz', f)",
  'Array.prototype.forEach.call(null, f)',
  'Array.prototype.reduce.call({ length: 0 }, f)',
  "Array.prototype.some.call({ get length() { return f('length') }, 0: 1 }, f)",
  'Reflect.apply(list.map, list, [f])',
]

/** What the list is. */
const LISTS = ['[...given]', 'Object.assign([], given, { length: 7 })', 'Int8Array.from(given)', 'List.from(given)']

const text = (call: string): string => `
class List extends Array { static get [Symbol.species]() { return this } get extra() { return 1 } }
export function run(w, given, table, kind) {
  const log = [], list = [${LISTS.map((list) => `() => ${list}`).join()}][kind](), self = { self: true }
  const name = (x) => (x === list ? 'list' : x === self ? 'self' : typeof x === 'object' && x !== null ? Object.prototype.toString.call(x) + Object.keys(x).join(':') : typeof x + String(x))
  function f(...all) {
    const n = w[0]++
    log.push([name(this), ...all.map(name)].join())
    if (n === table[0]) throw new RangeError('enough')
    if (n === table[1] && Array.isArray(list)) list.length = table[2]
    if (n === table[3] && Array.isArray(list)) list.push(8)
    return table[4 + (n & 3)]
  }
  let value
  try { value = ${call} } catch (error) { return [error.name, log, [...list]] }
  return [value === list, Object.prototype.toString.call(value), value?.constructor?.name, value instanceof Map ? [...value] : value instanceof Set ? [...value] : value, log, [...list], Object.keys(list).length]
}`

const seed = seedOf('natives that call back')

describe('a native that calls back, in a twin, does what it does plainly:', () => {
  it.each(CALLS)('%s', async (call) => {
    const source = text(call)
    const [twins, plain] = [await instrumented(source, {}, 'source.mjs'), await untouched(source)]
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 9 }), { maxLength: 6 }),
        fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 12 }), fc.nat({ max: 4 }), fc.nat({ max: 12 })),
        fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }),
        fc.nat({ max: LISTS.length - 1 }),
        (given, [end, cut, length, more], answers, kind) => {
          const [mine, theirs] = [words(2), words(2)]
          const table = [end, cut, length, more, ...answers]
          let refused = ''
          const refusing = (_: number, reason: string): void => void (refused ||= reason)
          const { value, error } = runTwin(twins.run, [mine, given, table, kind], undefined, undefined, refusing)
          // What a native has read already, and is changed, can't be told a second time.
          if (/JSON|join|entries|groupBy|String/.test(call) && /changes what the native has been handed/.test(refused))
            return
          const expected = runPlain(plain.run, [theirs, given, table, kind])
          expect({ value, error, words: [...mine] }).toEqual({ ...expected, words: [...theirs] })
        },
      ),
      { numRuns: LONG ? 2000 : 40, seed },
    )
  })
})
