/**
 * The modules that an agent evaluates for itself: a worker's file and all that it imports or requires, each once, in
 * the order in which Node evaluates them.
 */

import { AGENT_GLOBALS, type AgentFiles, agentFiles, type Found } from '../runtime/agent-files.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import { setterTwin } from '../twins/members.ts'
import { compiledAs, type Native } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { currentAgent } from './agent.ts'
import { hold, hooks, task } from './event-loop.ts'
import { atOnce, createPromise, isPromise, passRefusal, react, reject, resolve, stateOf, twinned } from './promise.ts'

/** What an agent has for itself of what its files find. */
export interface Modules {
  /** By name, what stands for a global. */
  readonly globals: Readonly<Record<string, unknown>>
  /** By name, what stands for a module of Node's. */
  readonly builtins: Readonly<Record<string, object>>
  readonly instances: Map<string, Instance>
  /** In a browser, what files take in place of globals, and of Node's modules there is none. */
  readonly scope?: object
}

/** A file, evaluated or on the way. */
interface Instance {
  /** What importers see. */
  space: object
  /** Of a CommonJS file, its `module`. */
  readonly module: { exports: unknown } | undefined
  /** What an async function of the file gave. */
  promise: unknown
}

type Members = Record<PropertyKey, unknown>

const OUTSIDE =
  'a worker of a file is explored by the command and by loadInstrumented alone; expected one of them, or a thread in its place'

/** Where files are found. Refused where nobody has loaded a program from files. */
export const filesHere = (site: number): AgentFiles => agentFiles.now ?? refuse(site, OUTSIDE)

/**
 * Begins the agent that runs with a file, and with those that it requires before. Node evaluates an ES module in a job:
 * what it queues for the next tick comes behind its promises.
 */
export function* beginWith(site: number, modules: Modules, file: string, before: readonly string[] = []): Twin<void> {
  const agent = currentAgent()
  agent.importLater = (request) => importLater(site, modules, request, file)
  const require = requireFrom(site, modules, file)
  for (const each of before) yield* call(site, require, undefined, [each])
  if (filesHere(site).load(file).format === 'module') agent.jobs.push(evaluate)
  else yield* evaluate()
  function* evaluate(): Twin<void> {
    const { promise } = yield* instanceOf(site, modules, file)
    if (isPromise(promise)) awaited(site, promise)
  }
}

/** Begins an agent of a browser with a file: of a worker a classic script, if it says so. */
export function* beginInBrowser(site: number, modules: Modules, file: string): Twin<void> {
  const agent = currentAgent()
  agent.importLater = (request) => importLater(site, modules, request, file)
  const { promise } = yield* instanceOf(site, modules, file)
  if (isPromise(promise)) awaited(site, promise)
}

/** The agent that runs has begun with a file that awaits something. */
function awaited(site: number, promise: Promise<unknown>): void {
  const agent = currentAgent()
  agent.main = stateOf(promise, site)
  agent.main.handled = true
  agent.unheard.delete(agent.main)
}

/**
 * `new Function('path', 'return import(path)')`, by which CommonJS files import where a compiler would take it away.
 */
compiledAs.known = ([name, body, ...more]) => {
  const [, asked] = /^\s*return import\((\w+)\);?\s*$/.exec(String(body)) ?? []
  if (more.length > 0 || asked === undefined || asked !== String(name).trim()) return undefined
  const agent = currentAgent()
  if (agent.importLater === undefined) return undefined
  return twinned((request) => agent.importLater!(String(request)))
}

function* instanceOf(site: number, modules: Modules, file: string): Twin<Instance> {
  const known = modules.instances.get(file)
  if (known !== undefined) return known
  const { format, make } = filesHere(site).load(file)
  const globals = modules.scope === undefined ? AGENT_GLOBALS.map((name) => modules.globals[name]) : [modules.scope]
  const evaluate = yield* call(site, make, undefined, globals)
  if (format === 'script') return yield* script(site, modules, file, evaluate)
  if (format === 'commonjs') return yield* commonJs(site, modules, file, evaluate)
  const space = Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } }) as Members
  const instance: Instance = { space, module: undefined, promise: undefined }
  modules.instances.set(file, instance)
  const waited: unknown[] = []
  const importing = twinned((request) => imported(site, modules, String(request), file, waited))
  const later = twinned((request) => importLater(site, modules, String(request), file))
  const waiting = twinned(() => call(site, Promise.all, Promise, [waited]), 0)
  const given = [exporterOf(space), importing, later, metaOf(site, file), waiting]
  instance.promise = yield* call(site, evaluate, undefined, given)
  return instance
}

/** Puts what a module exports into its space: getters by name, and all names of other spaces that it lacks. */
function exporterOf(space: Members): Native {
  const plain = (getters: Record<string, () => unknown>, others: readonly Members[] = []): void => {
    for (const [name, get] of Object.entries(getters)) Object.defineProperty(space, name, { get, enumerable: true })
    for (const other of others)
      for (const name of Object.keys(other))
        if (name !== 'default' && !(name in space))
          Object.defineProperty(space, name, { get: () => other[name], enumerable: true })
  }
  ;(plain as unknown as Members)[TWIN] = null
  return plain
}

function metaOf(site: number, file: string): object {
  const { dirname } = pathOf()
  const url = filesHere(site).url(file)
  const { pathToFileURL } = builtin('url') as { pathToFileURL(path: string): URL }
  const resolve = twinned(
    atOnce((request) => {
      const found = filesHere(site).find(String(request), file, 'import')
      if ('builtin' in found) return `node:${found.builtin}`
      return 'file' in found ? pathToFileURL(found.file).href : refuse(site, `import.meta.resolve(${String(request)})`)
    }),
  )
  const ofNode = filesHere(site).globals === 'node' ? { dirname: dirname(file), filename: file } : {}
  return Object.assign(Object.create(null), { ...ofNode, url, resolve }) as object
}

const builtin = (name: string): object =>
  (globalThis as { process?: NodeJS.Process }).process?.getBuiltinModule?.(`node:${name}`) as unknown as object
const pathOf = () => builtin('path') as { dirname(path: string): string }

function* commonJs(site: number, modules: Modules, file: string, evaluate: unknown): Twin<Instance> {
  const folder = pathOf().dirname(file)
  const module: Members & { exports: unknown } = { exports: {}, id: file, filename: file, path: folder, loaded: false }
  const instance: Instance = { space: {}, module, promise: undefined }
  modules.instances.set(file, instance)
  const require = requireFrom(site, modules, file)
  Object.assign(module, { require, children: [], paths: [] })
  yield* call(site, evaluate, module.exports, [module.exports, require, module, file, folder])
  module.loaded = true
  instance.space = spaceOf(module.exports)
  return instance
}

/** A classic script, of whose variables the global object tells. */
function* script(site: number, modules: Modules, file: string, evaluate: unknown): Twin<Instance> {
  const scope = modules.scope!
  const instance: Instance = { space: {}, module: undefined, promise: undefined }
  modules.instances.set(file, instance)
  const showing = twinned(function* (shown) {
    for (const [name, [get, set]] of Object.entries(shown as Record<string, [() => unknown, () => unknown]>)) {
      if (!(name in scope)) Object.defineProperty(scope, name, { get, set, enumerable: true })
      else yield* (setterTwin(scope, name) ?? refuseGlobal(site, name)).call(scope, yield* call(site, get, scope, []))
    }
  })
  const later = twinned((request) => importLater(site, modules, String(request), file))
  yield* call(site, evaluate, scope, [showing, later, metaOf(site, file)])
  return instance
}

const refuseGlobal = (site: number, name: string): never =>
  refuse(site, `a classic script declares ${name}, which is a global already; expected another name`)

/** What an import of a CommonJS file, or of a module of Node's, sees. */
function spaceOf(exports: unknown): object {
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null)
    return Object.assign(Object.create(null), { default: exports }) as object
  return Object.create(exports, { default: { value: exports } }) as object
}

/** `require` for a file of the agent that runs. */
function requireFrom(site: number, modules: Modules, file: string): Native {
  const require = twinned(function* (request) {
    const found = filesHere(site).find(String(request), file, 'require')
    if ('builtin' in found) return ofNode(site, modules, found.builtin, file)
    if ('value' in found) return found.value
    const its = yield* instanceOf(site, modules, found.file)
    return its.module === undefined ? settledSpace(site, its, found.file) : its.module.exports
  })
  const resolve = twinned(
    atOnce((request) => {
      const found = filesHere(site).find(String(request), file, 'require')
      return 'file' in found ? found.file : String(request)
    }),
  )
  return Object.assign(require, { resolve, cache: Object.create(null) as object, main: undefined })
}

/** A module of Node's, as far as agents have something for themselves in it. */
function ofNode(site: number, modules: Modules, name: string, file: string): object {
  if (modules.scope !== undefined)
    refuse(site, `${file} imports node:${name}, which no browser has; expected what browsers have, or globals: 'node'`)
  const own = modules.builtins[name]
  if (own !== undefined) return own
  const its = builtin(name)
  if (name !== 'module') return its
  const createRequire = twinned(
    atOnce((from) => requireFrom(site, modules, String(from).startsWith('file:') ? file : String(from))),
  )
  return Object.create(its, { createRequire: { value: createRequire } }) as object
}

/** What `import ... from request` sees. */
function* imported(site: number, modules: Modules, request: string, from: string, waited: unknown[]): Twin<object> {
  const found: Found = filesHere(site).find(request, from, 'import')
  if ('builtin' in found) return spaceOf(ofNode(site, modules, found.builtin, from))
  if ('value' in found) return found.isModule ? (found.value as object) : spaceOf(found.value)
  const { space, promise } = yield* instanceOf(site, modules, found.file)
  if (promise !== undefined) waited.push(promise)
  return space
}

function settledSpace(site: number, { space, promise }: Instance, file: string): object {
  if (promise !== undefined) refuse(site, `${file} awaits at its top, and is required, which would not wait for it`)
  return space
}

/** `import(request)`: a task of its own evaluates the file, since Node takes its time to read it. */
function* importLater(site: number, modules: Modules, request: string, from: string): Twin {
  const state = createPromise()
  yield* hold(site)
  hooks(site).task(`import ${request}`, site, () =>
    task(site, function* () {
      try {
        const found = filesHere(site).find(request, from, 'import')
        if (!('file' in found)) return yield* resolve(state, yield* imported(site, modules, request, from, []))
        const { space, promise } = yield* instanceOf(site, modules, found.file)
        if (promise === undefined) return yield* resolve(state, space)
        react(stateOf(promise as Promise<unknown>, site), {
          fulfilled: () => resolve(state, space),
          rejected: atOnce((reason) => reject(state, reason)),
          derived: undefined,
        })
      } catch (error) {
        passRefusal(error)
        reject(state, error)
      }
    }),
  )
  return state.promise
}
