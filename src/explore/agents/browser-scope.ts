/**
 * The global object of an agent of a browser: a page's or a dedicated worker's.
 *
 * What the language and Node have as browsers do is Node's own; what an agent has for itself stands here. What a
 * browser has beyond that is refused by name when it is asked for, and what only Node has is not there.
 */

import { BROWSER_GLOBALS, NOT_IN_BROWSERS } from '../runtime/agent-files.ts'
import { TWIN } from '../runtime/twin.ts'
import { call } from '../twins/calls.ts'
import type { Handler, Native } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { currentAgent } from './agent.ts'
import { consoleOf, type Self } from './agent-globals.ts'
import {
  BrowserWorker,
  DedicatedWorkerGlobalScope,
  ErrorEvent,
  PromiseRejectionEvent,
  Window,
  WorkerGlobalScope,
} from './browser-classes.ts'
import { workersOf } from './worker.ts'

/** Functions of global objects, which look after the agent that calls them, and what they do. */
export const scopeFunctions: [Native, Handler][] = []

/** A function that only a thread may call. */
export function known(name: string, work: Handler): Native {
  const plain = { [name]: () => refuse(-1, `${name} is called by code that is not followed`) }[name]
  scopeFunctions.push([plain, work])
  return plain
}

/** So many processors a page is told of: enough for two workers of a pool. */
const PROCESSORS = 2

const SPINS =
  'Atomics.wait in the task that started a worker: Chromium begins a worker when the task that started it is over, so this may wait for ever; wait in a later task, as behind a message of that worker'

/** `Atomics.wait`: a page can't, and who does it before a worker of its own could begin may wait in vain. */
const wait = known('wait', function* (site, _, __, args) {
  const agent = currentAgent()
  if (agent.browser?.isPage) throw new TypeError('Atomics.wait cannot be called in this context')
  if (workersOf(agent).some(({ begun }) => begun === agent.tasks)) refuse(site, SPINS)
  return yield* call(site, Atomics.wait, Atomics, args)
})
const atomics = Object.create(Object.prototype, {
  ...Object.getOwnPropertyDescriptors(Atomics),
  wait: { value: wait, writable: true, configurable: true },
}) as object

const onScope = (name: 'addEventListener' | 'removeEventListener' | 'dispatchEvent'): Native =>
  known(name, (site, _, __, args) => call(site, EventTarget.prototype[name], currentAgent().browser!.self, args))

/** What both kinds have, and whatever else the process has that browsers have, too. */
const shared: Record<string, unknown> = {
  ...{ Atomics: atomics, Worker: BrowserWorker, ErrorEvent, PromiseRejectionEvent },
  ...{ isSecureContext: true, crossOriginIsolated: true },
  addEventListener: onScope('addEventListener'),
  removeEventListener: onScope('removeEventListener'),
  dispatchEvent: onScope('dispatchEvent'),
}

const refusal = (name: string, why: string): string => `${name} of a browser is not explored; ${why}`
const OUTSIDE = 'put what it would give in its place'

/** What is not there, and what calls or asks of it get. */
const FUNCTIONS = {
  both: 'fetch XMLHttpRequest WebSocket EventSource OffscreenCanvas Notification',
  page: 'postMessage close requestAnimationFrame cancelAnimationFrame requestIdleCallback alert confirm prompt open stop SharedWorker',
  worker: 'importScripts FileReaderSync requestAnimationFrame cancelAnimationFrame',
}
const OBJECTS = { both: 'indexedDB caches', page: 'document history screen localStorage sessionStorage', worker: '' }
const HANDLERS = 'onlanguagechange onoffline ononline onload onunload onbeforeunload'

function refusing(kind: 'page' | 'worker'): PropertyDescriptorMap {
  const words = (all: typeof OBJECTS): string[] => `${all.both} ${all[kind]}`.split(' ').filter((each) => each !== '')
  const asked = (name: string): PropertyDescriptor => {
    const get = (): unknown => refuse(-1, refusal(name, OUTSIDE))
    return { get: Object.assign(get, { [TWIN]: null }), configurable: true }
  }
  const called = (name: string): PropertyDescriptor => {
    const why = name === 'importScripts' ? "expected new Worker(url, { type: 'module' }) and imports" : OUTSIDE
    const value = known(name, (site) => refuse(site, refusal(name, why)))
    return { value, writable: true, configurable: true }
  }
  const handled = (name: string): PropertyDescriptor => {
    const set = (): unknown => refuse(-1, refusal(name, 'nobody tells of it'))
    return { get: Object.assign(() => null, { [TWIN]: null }), set: Object.assign(set, { [TWIN]: null }) } as never
  }
  return Object.fromEntries([
    ...words(OBJECTS).map((name) => [name, asked(name)]),
    ...words(FUNCTIONS).map((name) => [name, called(name)]),
    ...HANDLERS.split(' ').map((name) => [name, handled(name)]),
  ]) as PropertyDescriptorMap
}

/** Made now, so that what they do is in the table of natives. */
const refused = { page: refusing('page'), worker: refusing('worker') }

/** Properties of this process's global object, each read when it is asked for. */
function fromHere(): PropertyDescriptorMap {
  const host = globalThis as unknown as Record<string, unknown>
  const names = Object.getOwnPropertyNames(host).filter(
    (name) => !BROWSER_GLOBALS.has(name) && !NOT_IN_BROWSERS.has(name),
  )
  return Object.fromEntries(
    names.map((name) => {
      const get = Object.assign(() => host[name], { [TWIN]: null })
      function set(this: object, value: unknown): void {
        Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
      }
      return [name, { get, set: Object.assign(set, { [TWIN]: null }), configurable: true }]
    }),
  )
}

/** What a page and a worker inherit, made when it is first asked for. */
const inherited: { page?: object; worker?: object } = {}

function inheritedBy(kind: 'page' | 'worker'): object {
  const classes = { Window, WorkerGlobalScope, DedicatedWorkerGlobalScope }
  const [own, others] = kind === 'page' ? [Window, { Window }] : [DedicatedWorkerGlobalScope, classes]
  const { Window: _, ...ofWorker } = others as typeof classes
  const values = { ...shared, ...(kind === 'page' ? others : ofWorker) }
  return (inherited[kind] ??= Object.create(own.prototype, {
    ...fromHere(),
    ...refused[kind],
    ...Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { value, writable: true, configurable: true }]),
    ),
  }) as object)
}

const NAVIGATOR =
  'userAgent platform language languages onLine locks gpu storage serviceWorker deviceMemory mediaDevices clipboard'

function navigatorHere(): object {
  const refused = NAVIGATOR.split(' ').map((name): [string, PropertyDescriptor] => {
    const get = (): unknown => refuse(-1, refusal(`navigator.${name}`, OUTSIDE))
    return [name, { get: Object.assign(get, { [TWIN]: null }), configurable: true }]
  })
  return Object.create(null, {
    ...Object.fromEntries(refused),
    hardwareConcurrency: { value: PROCESSORS, enumerable: true },
  }) as object
}

/** What an agent has for itself, beyond what its kind has. */
export interface Own {
  readonly kind: 'page' | 'worker'
  readonly url: string
  readonly name: string
  readonly print: Self['print']
  readonly members: Readonly<Record<string, unknown>>
}

/** A new global object. */
export function createScope({ kind, url, name, print, members }: Own): object {
  const self = Object.create(inheritedBy(kind)) as Record<string, unknown>
  const itself = kind === 'page' ? 'self globalThis window frames parent top' : 'self globalThis'
  const values: Record<string, unknown> = {
    ...Object.fromEntries(itself.split(' ').map((each) => [each, self])),
    ...{ name, location: new URL(url), origin: new URL(url).origin, navigator: navigatorHere() },
    ...(kind === 'page' && { opener: null }),
    console: consoleOf({ print } as Self),
    ...members,
  }
  for (const [key, value] of Object.entries(values))
    Object.defineProperty(self, key, { value, writable: true, configurable: true })
  return self
}
