/**
 * Chance and clocks in threads: `Math.random`, `Date.now`, `performance.now`, `process.hrtime`. The transform makes
 * `new Date(Date.now())` of `new Date()`.
 *
 * Every execution must give the same, or no schedule could be run again. So each thread draws from a sequence of its
 * own, the same in each execution, and clocks stand still. What was asked for is noted, since a verdict speaks of one
 * draw only.
 */

import { createStream, fraction, type Random } from '../../random/random.ts'
import { runtime } from '../runtime/runtime.ts'
import { standIn } from './language.ts'

/** The time of all clocks in threads: the first moment of 2025, by no clock. */
const NOW = 1_735_689_600_000
const SEED = 1

/** Sequences of the threads, in the execution of that number. */
const streams = { execution: -1, of: new Map<number, Random>() }

function drawn(): number {
  if (streams.execution !== runtime.execution) {
    streams.execution = runtime.execution
    streams.of.clear()
  }
  const thread = runtime.thread()
  let random = streams.of.get(thread)
  if (random === undefined) streams.of.set(thread, (random = createStream(SEED, thread)))
  return fraction(random)
}

/** Puts in a method's place one that answers otherwise in a thread, where it is noted under that name. */
function inThreads(object: object, key: string, name: string, answer: (args: unknown[]) => unknown): void {
  const original = (object as Record<string, unknown>)[key]
  if (typeof original !== 'function') return
  const replaced = function (this: unknown, ...args: unknown[]): unknown {
    if (!runtime.running || runtime.thread() < 0) return Reflect.apply(original, this, args)
    runtime.drawn.add(name)
    return answer(args)
  }
  Object.assign(replaced, original)
  standIn(replaced)
  Object.defineProperty(replaced, 'name', { value: original.name, configurable: true })
  Object.defineProperty(replaced, 'length', { value: original.length, configurable: true })
  Object.defineProperty(object, key, { value: replaced, writable: true, configurable: true })
}

const { process } = globalThis as { process?: NodeJS.Process }

inThreads(Math, 'random', 'Math.random', drawn)
inThreads(Date, 'now', 'Date.now', () => NOW)
inThreads(performance, 'now', 'performance.now', () => 0)
if (process !== undefined) {
  inThreads(process, 'hrtime', 'process.hrtime', () => [0, 0])
  inThreads(process.hrtime, 'bigint', 'process.hrtime.bigint', () => 0n)
}
