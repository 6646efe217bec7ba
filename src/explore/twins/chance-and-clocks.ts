/**
 * Chance and clocks in threads: `Math.random`, `Date.now`, `performance.now`, `process.hrtime`,
 * `Temporal.Now`. The transform makes `new Date(Date.now())` of `new Date()`.
 *
 * Every execution must give the same, or no schedule could be run again. So each thread draws from a sequence of its
 * own, the same in each execution, and clocks stand still but for the sleeps that have run out. What was asked for is
 * noted, since a verdict speaks of one draw only.
 */

import { createStream, fraction, type Random } from '../../random/random.ts'
import { runtime } from '../runtime/runtime.ts'
import { standIn } from './language.ts'

/** The time of all clocks in threads: the first moment of 2025, by no clock. */
const NOW = 1_735_689_600_000

/**
 * Sequences of the threads, each with its tasks, and in which execution they were begun. Under a memory model each
 * thread is in an execution of its own.
 */
const streams = new Map<number, { readonly execution: number; readonly random: Random }>()

/** The sequence of the thread that runs. */
export function sequence(): Random {
  const agents = runtime.agent()
  // Under a memory model there are no agents, since nobody does anything later.
  const agent = agents < 0 ? runtime.thread() : agents
  let stream = streams.get(agent)
  if (stream?.execution !== runtime.execution) {
    stream = { execution: runtime.execution, random: createStream(runtime.seed, agent) }
    streams.set(agent, stream)
  }
  return stream.random
}

/** Milliseconds that have passed. A thread that is told something new may do something else in its next turn. */
function passed(): number {
  const { told } = runtime
  if (told.execution !== runtime.execution) {
    told.execution = runtime.execution
    told.of.clear()
  }
  const thread = runtime.thread()
  const now = runtime.passed()
  if ((told.of.get(thread) ?? now) !== now) runtime.changes++
  told.of.set(thread, now)
  return now
}

/** The same as Node's pair of seconds and nanoseconds, since an earlier one if that is given. */
function pair(args: unknown[]): [number, number] {
  const ms = passed()
  const [seconds, nanoseconds] = [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]
  const [s, n] = Array.isArray(args[0]) ? (args[0] as number[]) : [0, 0]
  return nanoseconds < n ? [seconds - s - 1, nanoseconds - n + 1e9] : [seconds - s, nanoseconds - n]
}

/** `native` does what the original does, which knows what it is handed. */
export type Answer = (args: unknown[], native: () => unknown) => unknown

/** Puts in a method's place one that answers otherwise in a thread, where it is noted under that name. */
export function inThreads(object: object, key: string, name: string, answer: Answer): void {
  const original = (object as Record<string, unknown>)[key]
  if (typeof original !== 'function') return
  const replaced = function (this: unknown, ...args: unknown[]): unknown {
    if (!runtime.running || runtime.thread() < 0) return Reflect.apply(original, this, args)
    // It takes as long as many turns of a loop that touches nothing.
    runtime.spare -= 32
    runtime.drawn.add(name)
    return answer(args, () => Reflect.apply(original, this, args))
  }
  Object.assign(replaced, original)
  standIn(replaced)
  Object.defineProperty(replaced, 'name', { value: original.name, configurable: true })
  Object.defineProperty(replaced, 'length', { value: original.length, configurable: true })
  Object.defineProperty(object, key, { value: replaced, writable: true, configurable: true })
}

/** As much of Temporal as is used. TypeScript does not know it yet. */
interface Zoned {
  toPlainDateTime(): unknown
  toPlainDate(): unknown
  toPlainTime(): unknown
}
interface Temporals {
  readonly Now: { timeZoneId(): string }
  readonly Instant: { fromEpochMilliseconds(ms: number): { toZonedDateTimeISO(zone: unknown): Zoned } }
}

const { process, Temporal } = globalThis as { process?: NodeJS.Process; Temporal?: Temporals }

inThreads(Math, 'random', 'Math.random', () => fraction(sequence()))
inThreads(Date, 'now', 'Date.now', () => NOW + Math.floor(passed()))
inThreads(performance, 'now', 'performance.now', passed)
if (process !== undefined) {
  inThreads(process, 'hrtime', 'process.hrtime', pair)
  inThreads(process.hrtime, 'bigint', 'process.hrtime.bigint', () => BigInt(Math.round(passed() * 1e6)))
}
if (Temporal !== undefined) {
  const { Now, Instant } = Temporal
  const instant = () => Instant.fromEpochMilliseconds(NOW + Math.floor(passed()))
  const zoned = ([zone = Now.timeZoneId()]: unknown[]) => instant().toZonedDateTimeISO(zone)
  inThreads(Now, 'instant', 'Temporal.Now.instant', instant)
  inThreads(Now, 'zonedDateTimeISO', 'Temporal.Now.zonedDateTimeISO', zoned)
  inThreads(Now, 'plainDateTimeISO', 'Temporal.Now.plainDateTimeISO', (args) => zoned(args).toPlainDateTime())
  inThreads(Now, 'plainDateISO', 'Temporal.Now.plainDateISO', (args) => zoned(args).toPlainDate())
  inThreads(Now, 'plainTimeISO', 'Temporal.Now.plainTimeISO', (args) => zoned(args).toPlainTime())
}
