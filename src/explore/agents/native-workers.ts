/**
 * What code calls of workers: `new Worker`, and the methods of what that gives.
 */

import { POST } from '../runtime/kinds.ts'
import { portPrototype, QUEUE_BYTES } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { ordinary } from '../twins/calls.ts'
import { startedWorkers } from '../twins/native-agents.ts'
import { silently } from '../twins/native-events.ts'
import type { Family, Handler, Native } from '../twins/native-table.ts'
import { primitive } from '../twins/primitive.ts'
import { refuse } from '../twins/refuse.ts'
import { threads, workers } from '../twins/watched-ports.ts'
import { currentAgent } from './agent.ts'
import { modulesOf } from './agent-builtins.ts'
import type { Self } from './agent-globals.ts'
import { beginWith, filesHere } from './agent-modules.ts'
import { terminated } from './ended-worker.ts'
import { hold, hooks } from './event-loop.ts'
import { emit } from './native-events.ts'
import { packed } from './native-ports.ts'
import { preloads, wordsOf } from './node-options.ts'
import { keep } from './port.ts'
import { add } from './port-events.ts'
import { createPair, listen, put } from './ports.ts'
import { print } from './prints.ts'
import { createPromise, resolve, twinned } from './promise.ts'
import { awaitEnd, awaitOnline, type Ending, exitWorker, LOST, lifeOf, noteWorker, type Worker } from './worker.ts'

type Methods = Record<string, Native | undefined>
const methods = (workers ?? {}) as Methods
const known = new WeakMap<object, Worker>()

const { process: host } = globalThis as unknown as { process: NodeJS.Process }

interface Options {
  readonly eval?: unknown
  readonly workerData?: unknown
  readonly transferList?: unknown
  readonly env?: unknown
  readonly argv?: unknown
  readonly name?: unknown
  readonly execArgv?: unknown
  readonly stdin?: unknown
  readonly stdout?: unknown
  readonly stderr?: unknown
}

/** What a worker is started with that would make it another one than is explored. */
function refuseOptions(site: number, { stdin, stdout, stderr, env }: Options): void {
  if (stdin === true || stdout === true || stderr === true)
    refuse(site, 'a worker with a stream of its own (stdin, stdout, stderr) is not explored; post what it prints')
  if (env === threads?.SHARE_ENV)
    refuse(site, 'a worker that shares process.env is not explored; hand it a copy, as env or as workerData')
}

/** The files that are required before the worker's own, by NODE_OPTIONS of its own and by `execArgv`. */
function preloadsOf(site: number, { execArgv, env }: Options): string[] {
  const ofParent = currentAgent().process?.env ?? host.env
  const its = (typeof env === 'object' && env !== null ? env : {}) as { readonly NODE_OPTIONS?: unknown }
  const own = 'NODE_OPTIONS' in its && its.NODE_OPTIONS !== ofParent.NODE_OPTIONS ? String(its.NODE_OPTIONS ?? '') : ''
  return [
    ...preloads(site, 'NODE_OPTIONS of its own', wordsOf(own)),
    ...preloads(site, 'execArgv', Array.isArray(execArgv) ? execArgv.map(String) : []),
  ]
}

/** `new Worker(file, options)` */
export const startWorker: Handler = function* (site, _, __, [named, given]) {
  const options = (given ?? {}) as Options
  const files = filesHere(site)
  refuseOptions(site, options)
  const isText = options.eval === true || options.eval === 1
  const file = isText
    ? files.text(String(named))
    : files.worker(named instanceof URL ? named : String(yield* primitive(named)))
  const before = preloadsOf(site, options)
  const { data, ports: handed } = yield* packed(site, options.workerData, options.transferList)
  const parent = currentAgent()
  yield* hold(site)
  const engine = hooks(site)
  const make = () => Object.create(portPrototype as object) as object
  const at = engine.place(2 * QUEUE_BYTES)
  const [port, inner] = createPair(make(), at, make(), at + QUEUE_BYTES)
  port.agent = parent
  // Only who starts workers, too, depends on how many there are.
  const count = engine.placeOf('workers', 4)
  engine.call(count, 4, 'the start of a worker')
  if (!runtime.op(POST, site, undefined, count, -1)) yield
  const object = Object.create(workers as object) as object
  const base = typeof options.name === 'string' && options.name !== '' ? options.name : file.replace(/.*[\\/]/, '')
  const [online, end] = [engine.place(4), engine.place(4)]
  const worker: Worker = {
    ...{ execution: runtime.execution, parent, begun: parent.tasks, object, port, online, end, ends: [], heard: 0 },
    ...{
      hears: 'no',
      keeps: true,
      task: undefined,
      onlineTask: undefined,
      ended: false,
      gone: false,
      name: base,
      agent: undefined,
      up: false,
      told: 'nothing',
      number: -1,
      given: handed,
    },
    resolvers: [],
  }
  const threadId = noteWorker(worker)
  Object.assign(worker, { name: threadId === 1 ? base : `${base} ${threadId}` })
  engine.call(at, QUEUE_BYTES, `${engine.name(parent.number)} from ${worker.name}`)
  engine.call(at + QUEUE_BYTES, QUEUE_BYTES, worker.name)
  engine.call(online, 4, `that ${worker.name} is online`)
  engine.call(end, 4, `the end of ${worker.name}`)
  known.set(object, worker)
  startedWorkers.add(object)
  standFor(object, threadId)
  listenTo(site, worker)
  const ending: Ending = { process: { env: {} } }
  const self = selfOf(site, options, file, worker, ending)
  const modules = modulesOf(self, { workerData: data, threadId, parentPort: inner.object, isMainThread: false })
  ending.process = modules.globals.process as Ending['process']
  worker.number = engine.worker(worker.name, () =>
    lifeOf(site, worker, ending, () => beginWith(site, modules, file, before)),
  )
  runtime.changes++
  return object
}

/** What an object of the class has from Node's own threads. */
function standFor(object: object, threadId: number): void {
  const values = { threadId, stdin: null, resourceLimits: {} }
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(object, name, { value, writable: true, configurable: true })
  for (const name of ['stdout', 'stderr', 'performance']) {
    const get = (): unknown => refuse(-1, `${name} of a worker is not explored; post what it prints`)
    Object.defineProperty(object, name, { get, configurable: true })
  }
}

/** Hears of all that the worker tells from now on. */
function listenTo(site: number, worker: Worker): void {
  const { object, port } = worker
  const tell = twinned((message) => emit(site, methods.emit!, object, ['message', message]))
  add(site, port, 'message', tell, 'value', false)
  keep(site, port, false)
  const heard = listen(site, port).next()
  if (heard.done !== true) throw new Error('a port of a worker that has to wait for its agent')
  awaitEnd(site, worker)
  const added = (event: unknown): void => {
    if (event !== 'online' || worker.hears !== 'no') return
    if (currentAgent().tasks !== worker.begun)
      refuse(
        site,
        "a listener for 'online' that comes later than the task that started the worker may miss it; add it there",
      )
    awaitOnline(site, worker)
  }
  ;(added as unknown as Record<symbol, unknown>)[TWIN] = null
  Reflect.apply(methods.on!, object, ['newListener', added])
}

function selfOf(site: number, { argv, execArgv, env }: Options, file: string, worker: Worker, ending: Ending): Self {
  return {
    argv: [host.argv[0], file, ...(Array.isArray(argv) ? argv.map(String) : [])],
    execArgv: Array.isArray(execArgv) ? execArgv.map(String) : [],
    env:
      typeof env === 'object' && env !== null
        ? (env as Record<string, string>)
        : (worker.parent.process?.env ?? host.env),
    exit: (code) => exitWorker(site, worker, ending, code),
    print: (stream, text) => print(worker.name, stream, text),
  }
}

const ofWorker = (work: (site: number, worker: Worker, args: unknown[]) => Twin): Handler =>
  function* (site, fn, self, args) {
    if (!startedWorkers.has(self as object)) return yield* ordinary(site, fn, self, args)
    const worker = known.get(self as object)
    if (worker?.execution !== runtime.execution || worker.parent !== currentAgent())
      refuse(site, 'a worker that another thread, or another execution, has started; it belongs to the one who did')
    return yield* work(site, worker, args)
  }

const post = ofWorker(function* (site, { port }, args) {
  if (args.length === 0)
    throw Object.assign(new TypeError('The "message" argument must be specified'), { code: 'ERR_MISSING_ARGS' })
  const { data, ports } = yield* packed(site, args[0], args[1])
  if (port.closed) return
  if (ports.length > 0 && port.other.closed) refuse(site, LOST)
  yield* put(site, port.other, { data, ports, from: hooks(site).name(currentAgent().number) })
})

const keeping = (keeps: boolean): Handler =>
  ofWorker(
    // biome-ignore lint/correctness/useYield: there is nothing to be seen
    function* (site, worker) {
      worker.keeps = keeps
      if (!worker.gone && worker.task !== undefined) hooks(site).keep(worker.task, keeps)
      runtime.changes++
    },
  )

/** `terminate()` */
const terminate = ofWorker(function* (site, worker) {
  const state = createPromise()
  if (worker.gone) {
    yield* resolve(state, undefined)
    return state.promise
  }
  yield* hold(site)
  worker.resolvers.push((code) => resolve(state, code))
  yield* terminated(site, worker)
  return state.promise
})

export const workerMethods: Family = [
  [methods.postMessage, post],
  [methods.ref, keeping(true)],
  [methods.unref, keeping(false)],
  [methods.terminate, terminate],
  [methods.getHeapSnapshot, silently((site) => refuse(site, 'getHeapSnapshot of a worker is not explored'))],
]

/** The class, where there is one. */
export const WorkerClass: Native | undefined = threads?.Worker ?? (globalThis as unknown as { Worker?: Native }).Worker
