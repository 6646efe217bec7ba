/**
 * Timers and immediates of threads. Time is the explorer's: it passes when nobody can go on.
 *
 * A task waits for the earliest timer of its agent. When that has come it runs all timers whose time has come, in the
 * order of their times and, where these are the same, in the order in which they were set.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { silently } from '../twins/native-events.ts'
import type { Family, Handler, Native } from '../twins/native-table.ts'
import { primitive } from '../twins/primitive.ts'
import { type Agent, attempt, currentAgent, drain, type Immediate, type Job, type Timer } from './agent.ts'
import { hold, hooks, task } from './event-loop.ts'
import { expectCallback, jobOf } from './native-jobs.ts'

/** The longest time that Node takes; all else is 1. */
const LONGEST = 2 ** 31 - 1

/** Puts a timer among the others of its agent: behind those of the same time. */
function insert(agent: Agent, timer: Timer): void {
  const engine = hooks(timer.site)
  timer.deadline = engine.now() + timer.milliseconds
  const at = agent.timers.findIndex(({ deadline }) => deadline > timer.deadline)
  agent.timers.splice(at < 0 ? agent.timers.length : at, 0, timer)
  arm(agent, timer.site)
}

function remove(agent: Agent, timer: Timer): void {
  const at = agent.timers.indexOf(timer)
  if (at < 0) return
  agent.timers.splice(at, 1)
  arm(agent, timer.site)
}

/** Sees to it that a task waits for the first timer. One whose time has come already looks for itself. */
function arm(agent: Agent, site: number): void {
  const engine = hooks(site)
  const deadline = agent.timers[0]?.deadline ?? Number.POSITIVE_INFINITY
  const keeps = agent.timers.some((each) => each.keeps)
  if (agent.timersTask === undefined) {
    if (agent.timers.length === 0) return
    const { site, milliseconds } = agent.timers[0]
    agent.timersTask = engine.task(`timer ${milliseconds} ms`, site, () => task(site, () => runOut(agent)), deadline)
    agent.armed = deadline
  } else if (agent.armed <= engine.now()) return
  agent.armed = deadline
  engine.rearm(agent.timersTask, deadline, keeps)
}

const isDue = ({ timers }: Agent, now: number): boolean => timers.length > 0 && timers[0].deadline <= now

/** Runs the timers whose time has come. */
function* runOut(agent: Agent): Twin<void> {
  const engine = hooks(-1)
  const keeps = agent.timers.some((each) => each.keeps)
  if (agent.timers.length > 0 && !engine.runsOut(agent.timers[0].deadline, keeps)) agent.timers.length = 0
  const now = engine.now()
  while (isDue(agent, now)) {
    const timer = agent.timers.shift()!
    yield* attempt(agent, timer.job(), isDue(agent, now) ? 1 : 0)
    if (timer.repeats && !timer.cleared) insert(agent, timer)
    yield* drain(agent)
  }
  agent.timersTask = undefined
  arm(agent, -1)
}

/** Runs the callbacks that `setImmediate` has queued so far. */
function* runImmediates(agent: Agent): Twin<void> {
  const batch = agent.immediates
  agent.immediates = []
  for (const [k, immediate] of batch.entries()) {
    if (immediate.cleared) continue
    yield* attempt(agent, immediate.job(), batch.length - k - 1)
    yield* drain(agent)
  }
}

/** What a handle stands for. */
const timers = ofAllCopies('timers', () => new WeakMap<object, Timer>())
const immediates = ofAllCopies('immediates', () => new WeakMap<object, Immediate>())

/** A method of a handle, which a thread may call as it is. */
function method(work: (self: object) => unknown): Native {
  function plain(this: object): unknown {
    return work(this)
  }
  ;(plain as unknown as Record<symbol, unknown>)[TWIN] = null
  return plain
}

function keep(handle: object, keeps: boolean): object {
  const timer = timers.get(handle)
  if (timer !== undefined) {
    timer.keeps = keeps
    arm(currentAgent(), timer.site)
  }
  return handle
}

function refresh(handle: object): object {
  const timer = timers.get(handle)!
  const agent = currentAgent()
  const at = agent.timers.indexOf(timer)
  if (at >= 0) agent.timers.splice(at, 1)
  if (!timer.cleared) insert(agent, timer)
  return handle
}

function clear(handle: object): void {
  const timer = timers.get(handle)
  if (timer === undefined) return
  timer.cleared = true
  remove(currentAgent(), timer)
}

/** What `setTimeout` gives. */
const Timeout = {
  ref: method((self) => keep(self, true)),
  unref: method((self) => keep(self, false)),
  hasRef: method((self) => timers.get(self)?.keeps ?? false),
  refresh: method(refresh),
  close: method((self) => {
    clear(self)
    return self
  }),
  [Symbol.toPrimitive]: method((self) => timers.get(self)?.number ?? 0),
}

const Immediates = {
  ref: method((self) => self),
  unref: method((self) => self),
  hasRef: method(() => true),
}

/** Sets a timer of the agent that runs. */
export function* setTimer(site: number, job: Job, after: unknown, repeats = false): Twin<Timer> {
  const given = Number(yield* primitive(after))
  const milliseconds = given >= 1 && given <= LONGEST ? Math.trunc(given) : 1
  yield* hold(site)
  const agent = currentAgent()
  const number = ++agent.timersSet
  const timer: Timer = { job, site, milliseconds, repeats, number, deadline: 0, keeps: true, cleared: false }
  insert(agent, timer)
  return timer
}

/** Its agent does not wait for that timer. */
export function release(timer: Timer): void {
  timer.keeps = false
  arm(currentAgent(), timer.site)
}

const setting = (repeats: boolean): Handler =>
  function* (site, _, __, [fn, after, ...args]) {
    expectCallback(fn)
    const handle = Object.create(Timeout) as object
    timers.set(handle, yield* setTimer(site, jobOf(site, fn, args), after, repeats))
    return handle
  }

/** Queues a callback of `setImmediate`. */
export function* setImmediately(site: number, job: Job): Twin<Immediate> {
  yield* hold(site)
  const agent = currentAgent()
  const immediate: Immediate = { job, cleared: false }
  if (agent.immediates.push(immediate) === 1)
    hooks(site).task('immediate', site, () => task(site, () => runImmediates(agent)))
  return immediate
}

const immediately: Handler = function* (site, _, __, [fn, ...args]) {
  expectCallback(fn)
  const handle = Object.create(Immediates) as object
  immediates.set(handle, yield* setImmediately(site, jobOf(site, fn, args)))
  return handle
}

const clearing: Handler = silently((_, __, ___, [handle]) => {
  if (typeof handle === 'object' && handle !== null) clear(handle)
  else if (typeof handle === 'number' || typeof handle === 'string') {
    const agent = currentAgent()
    const timer = agent.timers.find(({ number }) => number === Number(handle))
    if (timer === undefined) return
    timer.cleared = true
    remove(agent, timer)
  }
})

const clearingImmediate: Handler = silently((_, __, ___, [handle]) => {
  const immediate = typeof handle === 'object' && handle !== null ? immediates.get(handle) : undefined
  if (immediate !== undefined) immediate.cleared = true
})

export const clocks: Family = [
  [setTimeout, setting(false)],
  [setInterval, setting(true)],
  [globalThis.setImmediate, immediately],
  [clearTimeout, clearing],
  [clearInterval, clearing],
  [globalThis.clearImmediate, clearingImmediate],
]
