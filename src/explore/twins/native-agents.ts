/**
 * Natives that reach other agents, or let code of another language at shared memory: messages, workers, WebAssembly.
 *
 * What goes that way is ordered by no event. In a thread a message is refused, and so is whatever hands shared memory
 * to a worker. Where no thread runs, as in setup, a message may go; but memory that a worker has been handed, and
 * functions of WebAssembly that work on shared memory, are noted and refused when a thread comes to them.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { TWIN } from '../runtime/twin.ts'
import { type Guard, type Guarded, type Native, unfollowed } from './native-table.ts'
import { refuse } from './refuse.ts'
import { isSharedWasmMemory } from './strangers.ts'
import { workers } from './watched-ports.ts'

type Methods = Record<string, Native | undefined>

/** Workers that threads have started. */
export const startedWorkers: WeakSet<object> = ofAllCopies('started workers', () => new WeakSet())

const refuseMessage: Guard = (site, fn, self) =>
  startedWorkers.has(self as object) ||
  refuse(
    site,
    `${fn.name} in a thread: a message is a step that the explorer does not order; use words of shared memory`,
  )

/** What hears of a message runs when no thread does. */
const refuseListener: Guard = (site, fn, self, args) => {
  const hears = workers?.isPrototypeOf?.call(workers, self as object) === true
  if (hears && !startedWorkers.has(self as object) && args.some((each) => typeof each === 'function' && TWIN in each))
    refuse(site, `what ${fn.name} is handed would run when no thread does, and its accesses would be no events`)
}

/** Is there a shared memory among what a module of WebAssembly imports or exports? */
function reachesShared(imports: unknown, exports: object): boolean {
  const modules = typeof imports === 'object' && imports !== null ? Object.values(imports as object) : []
  const imported = modules.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  return [...imported, ...Object.values(exports)].some(isSharedWasmMemory)
}

/** Notes the functions of an instance that work on shared memory, as far as it exports them. */
function noteInstance(exports: object, imports: unknown): void {
  if (!reachesShared(imports, exports)) return
  for (const [name, value] of Object.entries(exports))
    if (typeof value === 'function')
      unfollowed.set(value, `${name} is code of WebAssembly with shared memory, whose loads and stores can't be seen`)
}

interface Instance {
  readonly exports: object
}
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly?: Methods }
/** What makes instances, as it stands there now. */
const makers: (Native | undefined)[] = []

function putBack(name: string, fn: Native): void {
  Object.defineProperty(wasm, name, { value: fn, writable: true, configurable: true })
  makers.push(fn)
}
if (wasm?.Instance !== undefined) {
  putBack(
    'Instance',
    new Proxy(wasm.Instance, {
      construct(target, args: unknown[], given) {
        const made = Reflect.construct(target, args, given) as Instance
        noteInstance(made.exports, args[1])
        return made
      },
    }),
  )
}
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = wasm?.[name]
  if (original === undefined) continue
  const watched = async (...args: unknown[]): Promise<unknown> => {
    const made = (await Reflect.apply(original, wasm, args)) as Instance | { instance: Instance }
    noteInstance(('instance' in made ? made.instance : made).exports, args[1])
    return made
  }
  putBack(name, Object.defineProperty(watched, 'name', { value: name, configurable: true }))
}

/** Instantiating runs code of the module. */
const refuseInstance: Guard = (site, fn, _, args) => {
  if (reachesShared(args[1], {}))
    refuse(site, `WebAssembly.${fn.name} is handed shared memory in a thread, and its loads and stores can't be seen`)
}

const listening = ['on', 'once', 'addListener', 'prependListener', 'addEventListener']

export const agents: Guarded = [
  [workers?.postMessage, refuseMessage],
  ...listening.map((name) => workers?.[name]).map((fn) => [fn, refuseListener] as const),
  ...makers.map((fn) => [fn, refuseInstance] as const),
]
