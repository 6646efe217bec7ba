/**
 * Workers that threads start: agents whose own thread begins with a file, and which end when nothing keeps them.
 *
 * What a worker tells the one who started it comes by three ways, as in Node: its messages by a port, that it is online
 * by a word, and an error and its exit by another one, in that order. The exit hands over first what is still on the
 * way.
 */

import { POST } from '../runtime/kinds.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA } from '../runtime/thrown-value.ts'
import type { Twin } from '../runtime/twin.ts'
import { refuse } from '../twins/refuse.ts'
import { type Agent, currentAgent, type Job } from './agent.ts'
import { hooks, task } from './event-loop.ts'
import { failingOf } from './failing.ts'
import { emit } from './native-events.ts'
import type { Port } from './port.ts'
import { close } from './ports.ts'
import { atOnce } from './promise.ts'
import { cloned } from './structured-clone.ts'

/** A worker, as the one sees it who started it. */
export interface Worker {
  readonly execution: number
  readonly parent: Agent
  /** The task of its parent in which it was started. */
  readonly begun: number
  readonly name: string
  readonly object: object
  /** Its parent's end of the port of messages; the other one is the worker's `parentPort`. */
  readonly port: Port
  /** Where it says that it is online, and where that it has failed or ended. */
  readonly online: number
  readonly end: number
  readonly ends: ({ readonly error: unknown } | { readonly code: number })[]
  /** How many of these its parent has heard. */
  heard: number
  /** Whether its parent listens for `online`, or has heard it. */
  hears: 'no' | 'yes' | 'done'
  /** Its parent does not end before it does. */
  keeps: boolean
  task: number | undefined
  onlineTask: number | undefined
  /** It has ended, and its parent may not know yet; then it knows. */
  ended: boolean
  gone: boolean
  /** It has begun: whoever is ended before that has no exit code of its own, and tells 0. */
  up: boolean
  /** What it has told of its end so far. */
  told: 'nothing' | 'error' | 'code'
  /** Itself, once it has begun, and what number it has as an agent. */
  agent: Agent | undefined
  number: number
  /** The ports in its data, which it may not have asked for yet. */
  readonly given: readonly object[]
  /** What waits for its exit code since `terminate`. */
  readonly resolvers: ((code: number) => Twin<void>)[]
}

/** What its own code sees of its end. */
export interface Ending {
  /** `process`, which has its exit code and those who listen for its exit. */
  process: { exitCode?: unknown; readonly env: Readonly<Record<string, string | undefined>> }
}

/** Tells those who listen to a worker. */
const tell = (site: number, { object }: Worker, event: string, args: unknown[]): Twin =>
  emit(site, (object as { emit: () => void }).emit, object, [event, ...args])

/** Has the parent hear of the end. */
export function awaitEnd(site: number, worker: Worker): void {
  const { end, heard, keeps, name } = worker
  worker.task = hooks(site).receiver(
    `exit of ${name}`,
    site,
    () => task(site, () => hear(site, worker)),
    end,
    heard,
    keeps,
  )
}

function* hear(site: number, worker: Worker): Twin<void> {
  const next = worker.ends[worker.heard++]
  yield* hearOnline(site, worker)
  if ('error' in next) {
    hooks(site).rename(worker.task!, `error of ${worker.name}`, site)
    awaitEnd(site, worker)
    yield* tell(site, worker, 'error', [next.error])
    return
  }
  const { port } = worker
  while (!port.closed && port.head < port.queue.length) {
    const item = port.queue[port.head++]
    if ('closes' in item) break
    yield* tell(site, worker, 'message', [item.data])
  }
  port.closed = worker.gone = true
  runtime.changes++
  Object.assign(worker.object, { threadId: -1 })
  yield* tell(site, worker, 'exit', [next.code])
  for (const each of worker.resolvers) yield* each(next.code)
}

/** Somebody listens for `online`. */
export function awaitOnline(site: number, worker: Worker): void {
  worker.hears = 'yes'
  const { online, name } = worker
  worker.onlineTask = hooks(site).receiver(
    `${name} is online`,
    site,
    () => task(site, () => hearOnline(site, worker)),
    online,
    0,
    false,
  )
}

function* hearOnline(site: number, worker: Worker): Twin<void> {
  if (worker.hears !== 'yes') return
  worker.hears = 'done'
  runtime.changes++
  yield* tell(site, worker, 'online', [])
}

/** The whole of a worker: its first task, which evaluates its file, and then its end or what it waits for. */
export function* lifeOf(site: number, worker: Worker, ending: Ending, begin: Job): Twin<void> {
  const agent = currentAgent()
  runtime.starts[agent.number] = runtime.started++
  agent.held = true
  worker.agent = agent
  agent.process = ending.process
  agent.failing = failingOf(site, ending.process)
  agent.life = (work) => within(site, worker, ending, work)
  worker.port.other.agent = agent
  agent.ports.add(worker.port.other)
  yield* task(site, function* () {
    worker.up = true
    if (!runtime.op(POST, site, undefined, worker.online, 1)) yield
    yield* begin()
  })
}

/** A task of a worker: what it throws is the worker's end, and so is that nothing is left to do. */
function* within(site: number, worker: Worker, ending: Ending, work: Twin<void>): Twin<void> {
  try {
    yield* work
  } catch (error) {
    if (isA(error, Refusal)) throw error
    runtime.unheard = null
    yield* endWorker(site, worker, ending, 1, { error })
  }
  if (!endsNow(site)) return
  const code = Number(ending.process.exitCode ?? 0)
  yield* hearExit(site, worker, ending, code)
  yield* endWorker(site, worker, ending, code)
}

/** `process.exit(code)`: nothing of the worker runs after it. */
export function* exitWorker(site: number, worker: Worker, ending: Ending, code: unknown): Twin {
  if (code !== undefined) ending.process.exitCode = code
  return yield* endWorker(site, worker, ending, Number(ending.process.exitCode ?? 0))
}

export const WAITS =
  'a worker ends while an Atomics.waitAsync of its own waits: whether a notify still finds it there is not explored'
/**
 * The tasks of an agent that wait for what nobody hears: workers to whom nobody listens, or that are gone; closed
 * ports.
 */
function unheardOf(agent: Agent): (number | undefined)[] {
  const counts = (object: object): number =>
    ['message', 'messageerror', 'online', 'error', 'exit']
      .map((event) => (object as NodeJS.EventEmitter).listenerCount(event))
      .reduce((a, b) => a + b)
  const isUnheard = ({ object, resolvers, gone }: Worker): boolean =>
    gone || (resolvers.length === 0 && counts(object) === 0)
  const closed = [...(agent.ports as Set<Port>)].filter((port) => port.agent === agent && port.closed)
  const of = allOf(agent).filter(isUnheard)
  return [
    ...closed.map(({ task }) => task),
    ...of.flatMap(({ task, onlineTask, port }) => [task, onlineTask, port.task]),
  ]
}

/**
 * Whether the agent that runs ends in this task, by itself: nothing keeps it, and nothing else is left to do. Where it
 * may still hear of what does not keep it, it ends in a task of its own: what comes meanwhile may come before that.
 */
export function endsNow(site: number): boolean {
  const agent = currentAgent()
  const engine = hooks(site)
  const { ending } = agent
  agent.ending = false
  if (agent.main !== undefined || !engine.isIdle()) return false
  if (ending || !engine.mayHear(unheardOf(agent))) return true
  const end = atOnce(() => {
    agent.ending = true
  })
  engine.task('end', site, () => task(site, end))
  return false
}

/** What becomes of a port that is sent to a worker which has ended. */
export const LOST =
  'a worker ends before it takes a message with a port in it: whether it still takes it is not explored'
export const PARENT = 'a worker ends while one that it has started still runs, and would be ended with it'

/** What a worker has thrown that nobody caught. */
interface Failed {
  readonly error: unknown
}

/** The worker ends in the task that it is in, and keeps itself. */
function* endWorker(site: number, worker: Worker, ending: Ending, code: number, failed?: Failed): Twin<never> {
  // A listener for `exit` may end it as well: none is called after that.
  if (!worker.ended) yield* hearExit(site, worker, ending, code)
  yield* tellEnd(site, worker, code, failed)
  hooks(site).stop()
  for (;;) yield
}

function* hearExit(site: number, worker: Worker, { process }: Ending, code: number): Twin<void> {
  worker.ended = true
  yield* emit(site, (process as { emit?: () => void }).emit!, process, ['exit', code])
}

/** The worker is over, and its parent hears of it. */
function* tellEnd(site: number, worker: Worker, code: number, failed?: Failed): Twin<void> {
  const agent = currentAgent()
  const engine = hooks(site)
  if (workersOf(agent).length > 0) refuse(site, PARENT)
  if (engine.awaitsNotify()) refuse(site, WAITS)
  for (const port of agent.ports as Set<Port>) {
    if (port.agent !== agent || port.closed) continue
    if (port.queue.slice(port.head).some((item) => 'ports' in item && item.ports.length > 0)) refuse(site, LOST)
    if (port === worker.port.other) port.closed = true
    else yield* close(site, port)
  }
  engine.leave()
  engine.settle(undefined)
  if (failed !== undefined) {
    worker.ends.push({ error: yield* carried(site, failed.error) })
    if (!runtime.op(POST, site, undefined, worker.end, worker.ends.length)) yield
    worker.told = 'error'
  }
  worker.ends.push({ code: failed === undefined ? code : 1 })
  if (!runtime.op(POST, site, undefined, worker.end, worker.ends.length)) yield
  worker.told = 'code'
}

/** What is thrown, as it comes to another agent: cloned, and told with the place where it was thrown. */
function* carried(site: number, error: unknown): Twin {
  let clone: unknown
  try {
    clone = yield* cloned(site, error, new Map(), () => undefined)
  } catch (reason) {
    if (isA(reason, Refusal)) throw reason
    clone = new Error(String(error))
  }
  const { latestThrow } = runtime
  if (latestThrow !== null && latestThrow.value === error) runtime.latestThrow = { ...latestThrow, value: clone }
  return clone
}

/** All workers of one execution. */
const children: { execution: number; of: Worker[] } = { execution: -1, of: [] }

/** Those that an agent has started. */
const allOf = (agent: Agent): Worker[] =>
  children.execution === runtime.execution ? children.of.filter(({ parent }) => parent === agent) : []

/** And of whose end it has not heard. */
export const workersOf = (agent: Agent): Worker[] => allOf(agent).filter(({ gone }) => !gone)

/** Notes a worker that starts; gives how many there have been. */
export function noteWorker(worker: Worker): number {
  if (children.execution !== runtime.execution) {
    children.execution = runtime.execution
    children.of = []
  }
  return children.of.push(worker)
}
