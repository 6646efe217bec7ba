/**
 * Dedicated workers of browsers: agents that begin with a script and go on for ever, until `close()` or `terminate()`.
 *
 * Unlike one of Node's, such a worker tells nobody of its end; what was posted and not heard when it is ended by
 * `terminate()` is lost; and what goes wrong in it does not end it.
 */

import { POST } from '../runtime/kinds.ts'
import { QUEUE_BYTES } from '../runtime/message-port.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA } from '../runtime/thrown-value.ts'
import type { Twin } from '../runtime/twin.ts'
import type { Handler } from '../twins/native-table.ts'
import { primitive } from '../twins/primitive.ts'
import { refuse } from '../twins/refuse.ts'
import { type Agent, currentAgent, drain, type InBrowser } from './agent.ts'
import { beginInBrowser, filesHere, type Modules } from './agent-modules.ts'
import { BrowserWorker } from './browser-classes.ts'
import { tellError, tellRejection, type Uncaught, uncaught } from './browser-errors.ts'
import { createScope, known } from './browser-scope.ts'
import { terminated } from './ended-worker.ts'
import { hold, hooks, task } from './event-loop.ts'
import { packed } from './native-ports.ts'
import { ends, type Port, known as ports } from './port.ts'
import { close, createPair, listen, put } from './ports.ts'
import { print } from './prints.ts'
import { passRefusal } from './promise.ts'
import { noteWorker, PARENT, WAITS, type Worker, workersOf } from './worker.ts'

/** An error of a worker, on its way to the one who started it. */
interface Failed extends Uncaught {
  /** Somebody has listened on the way. */
  readonly heard: boolean
  readonly thrown: typeof runtime.latestThrow
}

/** What a browser's worker has beside what one of Node's has. */
interface Dedicated {
  readonly worker: Worker
  readonly failed: Failed[]
}

const started = new WeakMap<object, Dedicated>()
/** By agent. */
const running = new WeakMap<Agent, Dedicated>()

/** What an agent of a browser is. `report` tells of what was thrown, and gives whether anybody heard. */
export function inBrowser(
  agent: Agent,
  { report, ...its }: Pick<InBrowser, 'isPage' | 'self' | 'url'> & { report: (error: unknown) => Twin<boolean> },
): InBrowser {
  return {
    ...its,
    closing: false,
    *callback(work) {
      try {
        yield* work
      } catch (error) {
        passRefusal(error)
        if (!(yield* report(error))) throw error
      }
      yield* drain(agent)
    },
  }
}

/** `new Worker(url, { type, name })` */
export const startDedicated: Handler = function* (site, _, __, [named, given]) {
  const parent = currentAgent()
  const { browser } = parent
  if (browser === undefined) refuse(site, "a worker of a browser is started in a program with globals: 'browser'")
  const { type = 'classic', name = '' } = (given ?? {}) as { type?: unknown; name?: unknown }
  if (type !== 'classic' && type !== 'module')
    throw new TypeError(`The provided value '${String(type)}' is not a valid enum value of type WorkerType.`)
  const url = hrefOf(named instanceof URL ? named.href : String(yield* primitive(named)), browser.url)
  const files = filesHere(site)
  const file = files.at(url, type === 'module' ? 'module' : 'script')
  if (file === undefined) refuse(site, `a worker of ${url} is not explored; expected a URL of a file, or data:`)
  yield* hold(site)
  const worker = create(
    site,
    parent,
    String(name) ||
      files
        .url(file)
        .replace(/^data:.*/s, 'data:')
        .replace(/.*\//, ''),
  )
  const { object, port } = worker
  const inner = port.other
  const self = createScope({
    ...{ kind: 'worker', url: files.url(file), name: String(name) },
    print: (stream, text) => print(worker.name, stream, text),
    members: { postMessage: postingUp, close: closing, reportError: reporting },
  })
  inner.object = self
  ports.set(self, inner)
  ends.add(self)
  const dedicated: Dedicated = { worker, failed: [] }
  started.set(object, dedicated)
  const modules: Modules = { globals: {}, builtins: {}, instances: new Map(), scope: self }
  port.receives = true
  yield* listen(site, port)
  awaitError(site, dedicated, 0)
  worker.number = hooks(site).worker(worker.name, () =>
    lifeOf(site, dedicated, inner, function* () {
      yield* beginInBrowser(site, modules, file)
      inner.receives = true
      yield* listen(site, inner)
    }),
  )
  runtime.changes++
  return object
}

function hrefOf(url: string, base: string): string {
  try {
    return new URL(url, base).href
  } catch {
    throw new DOMException(`Failed to construct 'Worker': '${url}' is not a valid URL.`, 'SyntaxError')
  }
}

/** The two ends, and the words by which it is counted and tells of errors. */
function create(site: number, parent: Agent, name: string): Worker {
  const engine = hooks(site)
  const object = Object.create(BrowserWorker.prototype) as object
  const at = engine.place(2 * QUEUE_BYTES)
  const [port] = createPair(object, at, {}, at + QUEUE_BYTES)
  port.agent = parent
  ends.add(object)
  const [online, end] = [engine.place(4), engine.place(4)]
  const worker: Worker = {
    ...{ execution: runtime.execution, parent, begun: parent.tasks, object, port, online, end, ends: [], heard: 0 },
    ...{ hears: 'no', keeps: false, task: undefined, onlineTask: undefined, ended: false, gone: false, name },
    ...{ agent: undefined, up: false, told: 'nothing', number: -1, given: [], resolvers: [] },
  }
  const number = noteWorker(worker)
  Object.assign(worker, { name: number === 1 ? name : `${name} ${number}` })
  engine.call(at, QUEUE_BYTES, `${engine.name(parent.number)} from ${worker.name}`)
  engine.call(at + QUEUE_BYTES, QUEUE_BYTES, worker.name)
  engine.call(online, 4, `the errors of ${worker.name}`)
  engine.call(end, 4, `the end of ${worker.name}`)
  return worker
}

/** The whole of it: its first task, which evaluates its script, and what it is told later. */
function* lifeOf(site: number, its: Dedicated, inner: Port, begin: () => Twin<void>): Twin<void> {
  const agent = currentAgent()
  const { worker } = its
  runtime.starts[agent.number] = runtime.started++
  agent.held = true
  worker.agent = inner.agent = agent
  agent.ports.add(inner)
  running.set(agent, its)
  const report = (error: unknown): Twin<boolean> => reported(site, its, inner, uncaught(error))
  const url = (inner.object as { location: URL }).location.href
  agent.browser = inBrowser(agent, { isPage: false, self: inner.object, url, report })
  agent.failing = {
    goesOn: true,
    thrown: report,
    *rejected(state) {
      state.agent.unheard.delete(state)
      return (yield* tellRejection(site, inner, state)).heard
    },
  }
  agent.life = (work) => within(site, its, work, report)
  yield* task(site, function* () {
    worker.up = true
    yield* begin()
  })
}

function* within(
  site: number,
  its: Dedicated,
  work: Twin<void>,
  report: (error: unknown) => Twin<boolean>,
): Twin<void> {
  try {
    yield* work
  } catch (error) {
    // A rejection that nobody hears of is nobody else's business, and a finding.
    if (isA(error, Refusal) || runtime.unheard !== null) throw error
    yield* report(error)
  }
  const agent = currentAgent()
  if (agent.browser!.closing) yield* closed(site, its.worker)
}

/** Tells of an error: the worker's own listeners, and, if none has dealt with it, who started it. */
function* reported(site: number, its: Dedicated, inner: Port, error: Uncaught, before = false): Twin<boolean> {
  const { thrown } = { thrown: runtime.latestThrow }
  const { heard, prevented } = yield* tellError(site, inner, error, true)
  if (prevented) return true
  its.failed.push({ ...error, heard: heard || before, thrown })
  if (!runtime.op(POST, site, undefined, its.worker.online, its.failed.length)) yield
  return true
}

/** Has its parent hear of the next error. */
function awaitError(site: number, its: Dedicated, nth: number): void {
  const { worker } = its
  const hear = (): Twin<void> => task(site, () => hearError(site, its, nth))
  hooks(site).receiver(`error of ${worker.name}`, site, hear, worker.online, nth, false)
}

function* hearError(site: number, its: Dedicated, nth: number): Twin<void> {
  const { worker, failed } = its
  const { message, error, heard, thrown } = failed[nth]
  if (worker.gone && worker.port.closed) return
  awaitError(site, its, nth + 1)
  const told = yield* tellError(site, worker.port, { message, error: null }, false)
  if (told.prevented) return
  const agent = currentAgent()
  const up = running.get(agent)
  if (up !== undefined) {
    yield* reported(site, up, up.worker.port.other, { message, error: null }, heard || told.heard)
    return
  }
  const page = yield* tellError(site, ports.get(agent.browser!.self)!, { message, error: null }, true)
  if (heard || told.heard || page.heard) return
  runtime.latestThrow = thrown
  throw error
}

/** `close()`: the task that is under way has gone on to its end. It keeps its agent: no other one begins. */
function* closed(site: number, worker: Worker): Twin<never> {
  const agent = currentAgent()
  const engine = hooks(site)
  worker.ended = worker.gone = true
  if (workersOf(agent).length > 0) refuse(site, PARENT)
  if (engine.awaitsNotify()) refuse(site, WAITS)
  for (const port of agent.ports as Set<Port>) {
    if (port.agent !== agent || port.closed) continue
    if (port === worker.port.other) port.closed = true
    else yield* close(site, port)
  }
  engine.leave()
  engine.settle(undefined)
  engine.stop()
  for (;;) yield
}

/** `close` of a worker's global object. */
// biome-ignore lint/correctness/useYield: there is nothing to be seen
export const closing = known('close', function* () {
  currentAgent().browser!.closing = true
  runtime.changes++
})

/** `reportError(error)` */
export const reporting = known('reportError', function* (_, __, ___, [error]) {
  if (!(yield* currentAgent().failing!.thrown(error, 'uncaughtException'))) throw error
})

/** `postMessage` of a worker's global object. */
export const postingUp = known('postMessage', function* (site, _, __, args) {
  const { worker } = running.get(currentAgent())!
  yield* posting(site, worker.port, args)
})

function* posting(site: number, to: Port, args: unknown[]): Twin<void> {
  if (args.length === 0)
    throw new TypeError("Failed to execute 'postMessage': 1 argument required, but only 0 present.")
  const { data, ports } = yield* packed(site, args[0], args[1])
  if (to.closed || to.other.closed) return
  yield* put(site, to, { data, ports, from: hooks(site).name(currentAgent().number) })
}

const ofWorker = (name: string, work: (site: number, worker: Worker, args: unknown[]) => Twin) =>
  known(name, function* (site, _, self, args) {
    const its = started.get(self as object)
    if (its === undefined) throw new TypeError('Illegal invocation')
    const { worker } = its
    if (worker.execution !== runtime.execution || worker.parent !== currentAgent())
      refuse(site, 'a worker that another agent, or another execution, has started; it belongs to the one who did')
    return yield* work(site, worker, args)
  })

const postMessage = ofWorker('postMessage', function* (site, { port }, args) {
  yield* posting(site, port.other, args)
})

/** `terminate()`: what it has posted and nobody has heard is lost. */
const terminate = ofWorker('terminate', function* (site, worker) {
  if (worker.gone) return
  worker.gone = worker.port.closed = true
  yield* hold(site)
  yield* terminated(site, worker)
})
for (const [name, value] of Object.entries({ postMessage, terminate }))
  Object.defineProperty(BrowserWorker.prototype, name, { value, writable: true, configurable: true })
