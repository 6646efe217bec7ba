import { describe, expect, it } from 'vitest'
import {
  REFCOUNT_SATURATED,
  refcountDecAndTest,
  refcountInc,
  refcountIncNotZero,
  refcountRead,
  refcountSet,
} from '../../src/sync/refcount.ts'
import { expectBug, interrupt, setting } from './setting.ts'
import { allowForThreads, REAL_THREADS, runThreads } from './threads.ts'

allowForThreads()

const MAX = 0x7fff_ffff
/** Where a saturated count may be found while stragglers add and subtract. */
const SATURATED = [REFCOUNT_SATURATED, REFCOUNT_SATURATED + 1, REFCOUNT_SATURATED - 1, -0x8000_0000, -1]

/** One count, at word 5 of its own memory. */
const AT = 5
function count(n: number): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(64))
  refcountSet(words, AT, n)
  return words
}

it('reads what was set, and touches no other word', () => {
  const words = count(7)
  expect(refcountRead(words, AT)).toBe(7)
  expect([...words].filter((word) => word !== 0)).toEqual([7])
})

describe('refcountInc', () => {
  it('adds one where a reference is held', () => {
    const words = count(1)
    refcountInc(words, AT)
    expect(refcountRead(words, AT)).toBe(2)
  })

  it('throws at zero and pins the count, so that the dying object does not come back with a count of one', () => {
    const words = count(0)
    const message = `refcountInc at word ${AT}: the count was 0, the object is already dying`
    expectBug('refcount-from-zero', message, () => refcountInc(words, AT))
    expect(refcountRead(words, AT)).toBe(REFCOUNT_SATURATED)
  })

  it('counts up to the largest number and saturates instead of overflowing', () => {
    const words = count(MAX - 1)
    refcountInc(words, AT)
    expect(refcountRead(words, AT)).toBe(MAX)
    refcountInc(words, AT)
    expect(refcountRead(words, AT)).toBe(REFCOUNT_SATURATED)
  })

  it.each(SATURATED)('pulls a saturated count of %i back to where it rests', (n) => {
    const words = count(n)
    refcountInc(words, AT)
    expect(refcountRead(words, AT)).toBe(REFCOUNT_SATURATED)
  })
})

describe('refcountIncNotZero', () => {
  it('takes a reference while there is one', () => {
    const words = count(1)
    expect(refcountIncNotZero(words, AT)).toBe(true)
    expect(refcountRead(words, AT)).toBe(2)
  })

  it('refuses at zero and leaves the zero', () => {
    const words = count(0)
    expect(refcountIncNotZero(words, AT)).toBe(false)
    expect(refcountRead(words, AT)).toBe(0)
  })

  it('counts up to the largest number and saturates behind it', () => {
    const words = count(MAX - 1)
    expect(refcountIncNotZero(words, AT)).toBe(true)
    expect(refcountRead(words, AT)).toBe(MAX)
    expect(refcountIncNotZero(words, AT)).toBe(true)
    expect(refcountRead(words, AT)).toBe(REFCOUNT_SATURATED)
  })

  it.each(SATURATED)('grants a saturated count of %i, which is held for ever', (n) => {
    const words = count(n)
    expect(refcountIncNotZero(words, AT)).toBe(true)
    expect(refcountRead(words, AT)).toBe(REFCOUNT_SATURATED)
  })

  it.each([0, MAX, ...SATURATED])('believes a count of %i only when it has looked for sure', (stale) => {
    const words = count(stale)
    interrupt(
      'load',
      (at) => at === AT,
      () => {
        words[AT] = 5
      },
    )
    expect(refcountIncNotZero(words, AT)).toBe(true)
    expect(words[AT]).toBe(6)
  })

  it('loses no reference that another CPU takes between its look and its step', () => {
    const words = count(1)
    interrupt(
      'compareExchange',
      (at) => at === AT,
      () => refcountInc(words, AT),
    )
    expect(refcountIncNotZero(words, AT)).toBe(true)
    expect(refcountRead(words, AT)).toBe(3)
  })

  it('refuses when the last reference is dropped between its look and its step', () => {
    const words = count(1)
    interrupt(
      'compareExchange',
      (at) => at === AT,
      () => expect(refcountDecAndTest(words, AT)).toBe(true),
    )
    expect(refcountIncNotZero(words, AT)).toBe(false)
    expect(refcountRead(words, AT)).toBe(0)
  })
})

describe('refcountDecAndTest', () => {
  it('tells only the caller who drops the last reference', () => {
    const words = count(3)
    expect([1, 2, 3].map(() => refcountDecAndTest(words, AT))).toEqual([false, false, true])
    expect(refcountRead(words, AT)).toBe(0)
  })

  it('throws below zero and pins the count, so that nobody destroys the object again', () => {
    const words = count(0)
    const message = `refcountDecAndTest at word ${AT}: the count was already 0`
    expectBug('refcount-underflow', message, () => refcountDecAndTest(words, AT))
    expect(refcountRead(words, AT)).toBe(REFCOUNT_SATURATED)
  })

  it('counts down from the largest number like from any other', () => {
    const words = count(MAX)
    expect(refcountDecAndTest(words, AT)).toBe(false)
    expect(refcountRead(words, AT)).toBe(MAX - 1)
  })

  it.each(SATURATED)('never brings a saturated count of %i to its end', (n) => {
    const words = count(n)
    expect(refcountDecAndTest(words, AT)).toBe(false)
    expect(refcountRead(words, AT)).toBe(REFCOUNT_SATURATED)
  })
})

it.runIf(REAL_THREADS)(
  'on real threads each object sees exactly one last drop, and nobody gets a reference behind it',
  async () => {
    const house = setting(4)
    const objects = 2_000
    const first = house.take(objects)
    for (let at = first; at < first + objects; at++) refcountSet(house.words, at, 4)
    const job = { file: 'lock-jobs', job: 'dropReferences', args: { first, objects } } as const
    const each = await runThreads<{ lasts: number; revived: number }>(house, 0, [job, job, job, job])
    expect(each.reduce((sum, { lasts }) => sum + lasts, 0)).toBe(objects)
    expect(each.reduce((sum, { revived }) => sum + revived, 0)).toBe(0)
    expect(house.words.subarray(first, first + objects).every((n) => n === 0)).toBe(true)
  },
)
