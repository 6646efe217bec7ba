/**
 * What each thread has for itself of the modules: records of variables, made anew in each execution when a thread first
 * comes to one. Outside of threads the modules' own variables stand for them.
 */

import { ofAllCopies } from '../runtime/all-copies.ts'
import { bundled, COPY, ownModules } from '../runtime/own-modules.ts'
import { isProxy } from '../runtime/proxies.ts'
import { runtime } from '../runtime/runtime.ts'
import { bufferOf, isSharedMemory } from '../runtime/shared-view.ts'
import { TWIN, type Twin } from '../runtime/twin.ts'
import { drive } from './checked-calls.ts'
import { type NamedSpace, spaceOf } from './own-spaces.ts'
import { refuse } from './refuse.ts'

/** The variables of a module, by name. */
type Record_ = Record<string, unknown>

/** A module of which threads have something for themselves. */
interface Owned {
  /** By agent, its record, and the start of the agent that it was made in. */
  readonly records: Record_[]
  readonly starts: number[]
  readonly file: string
  /** Those of the same load, in the order of their evaluation: a thread has either all or none. */
  readonly load: Owned[]
  /** The module's own variables. */
  readonly main: Record_
  /** Evaluates what makes them; undefined: it has none, and imports those of others. */
  readonly making: (() => Twin) | undefined
  /** Whether that awaits what a thread can wait for. */
  readonly awaits: boolean
  /** Those of the load that await and that it waited for when it was loaded, since it imports them. */
  readonly after: readonly Owned[]
  /** Whether it has been evaluated outside of threads. */
  isEvaluated: boolean
}

/** How a module comes to what belongs to the thread that runs. */
interface Records {
  (): Record_
  /** Whether it is there. */
  ready(): boolean
  make(): Twin<void>
  /**
   * They are made of what the module awaits at its top. Gives whether the thread waits for it now; where it can't, it
   * is refused once it asks for one of them.
   */
  awaits(names: readonly string[], site: number): boolean
  /** The module has come to its end. */
  evaluated(): void
  /** The record of the module imported as that one of the files it named. */
  of(at: number): Record_
  /** A class of that name is about to evaluate its static members. */
  begins(name: string, its: object): void
  /** That class, where the module's own variable does not stand for it yet. Throws `error` if there is none. */
  begun(name: string, error: unknown): object
  /** Whether a constant is a primitive, which need not be made again: then the thread has it. */
  keeps(name: string): boolean
  /** A namespace, with what belongs to the thread: it is that one of those that were named. */
  space(at: number, namespace: object): object
}

/** All copies of the package know of the same. */
const loads = ofAllCopies('own state', () => new Map<string, Owned[]>())

/**
 * What modules that may import each other have in common: the folder of their copy, or that a bundler serves them. A
 * text that is no file imports nothing.
 */
function loadOf(where: unknown): Owned[] {
  const isRequire = typeof where === 'function'
  if (!isRequire && String(where).startsWith('data:')) return []
  const folder = isRequire ? ((where as { [COPY]?: string })[COPY] ?? '') : folderOf(String(where))
  const copy = bundled.has(folder) ? '' : folder
  let load = loads.get(copy)
  if (load === undefined) loads.set(copy, (load = []))
  return load
}

const folderOf = (url: string): string => /^file:.*[\\/](explore-\d+-[^\\/]+)[\\/][^\\/]*$/.exec(url)?.[1] ?? ''

/** The agent that runs, from 1; 0: a thread of no program. */
const agentNow = (): number => (runtime.hooks() === undefined ? runtime.thread() : runtime.agent()) + 1

/** What a thread has of that module; undefined: nothing as yet. */
function present({ records, starts }: Owned): Record_ | undefined {
  const agent = agentNow()
  return starts[agent] === (runtime.starts[agent - 1] ?? 0) ? records[agent] : undefined
}

/** Registers a module. */
export function own(
  where: unknown,
  file: string,
  files: readonly string[],
  main: Record_,
  making: (() => Twin) | undefined,
  awaits = false,
  spaces: readonly NamedSpace[] = [],
): Records {
  const load = loadOf(where)
  const after = load.filter((each) => each.awaits && each.isEvaluated)
  const it: Owned = { records: [], starts: [], file, load, main, making, awaits, after, isEvaluated: false }
  load.push(it)
  const found: (Owned | undefined)[] = []
  const begun = new Map<string, object>()
  const imported = (at: number): Owned => (found[at] ??= load.findLast((each) => each.file === files[at])!)
  const known = {
    ready: () => !runtime.running || present(it) !== undefined,
    make: () => evaluate(it),
  }
  ownModules.push({ main, now: () => recordOf(it), ...known })
  return Object.assign(() => recordOf(it), {
    ...known,
    keeps(name: string) {
      const value = main[name]
      if (value !== null && (typeof value === 'object' || typeof value === 'function')) return false
      it.records[agentNow()][name] = value
      return true
    },
    begins(name: string, its: object) {
      const record = runtime.running ? present(it) : undefined
      if (record === undefined) begun.set(name, its)
      else record[name] = its
    },
    begun(name: string, error: unknown) {
      const its = begun.get(name)
      if (its === undefined) throw error
      return its
    },
    awaits: (names: readonly string[], site: number) => {
      const record = it.records[agentNow()]
      if (waiting.has(record)) return true
      for (const name of names) refuseToAwait(record, name, site)
      return false
    },
    evaluated() {
      it.isEvaluated = true
    },
    of: (at: number) => recordOf(imported(at)),
    space: (at: number, namespace: object) =>
      runtime.running ? spaceOf(namespace, at, spaces, agentNow(), (file) => recordOf(imported(file))) : namespace,
  })
}

function recordOf(it: Owned): Record_ {
  if (!runtime.running) return it.main
  const record = present(it)
  if (record !== undefined) return record
  drive(evaluate(it), `${it.file} is evaluated in a thread, and can't be interrupted there`)
  return present(it)!
}

/** Gives the thread that runs records, still empty, of those that it has nothing of. */
function begin(load: readonly Owned[], asked: readonly Owned[]): readonly Owned[] {
  const agent = agentNow()
  // A file that was loaded twice, as in a server that watches it, counts as it is now.
  const inForce = new Map([...load, ...asked].map((each) => [each.file, each] as const))
  // Those that it has already were there before this one was loaded.
  const missing = [...inForce.values()].filter((each) => present(each) === undefined)
  for (const { records, starts } of missing) {
    records[agent] = Object.create(null) as Record_
    starts[agent] = runtime.starts[agent - 1] ?? 0
  }
  return missing
}

/** Gives the thread that runs its own of that module, and of all others of the load. */
function* evaluate(asked: Owned): Twin<void> {
  for (const each of begin(asked.load, [asked])) yield* evaluateOne(each)
}

function* evaluateOne(it: Owned): Twin<void> {
  if (it.making === undefined) return
  yield* evaluated(it.making())
  keepGiven(it.records[agentNow()], it.main)
}

/** Records that are filled by who waits for what their modules await. */
const waiting = new WeakSet<Record_>()

/** A module that the thread that runs has to evaluate. */
export interface Unevaluated {
  /** Those that come first. */
  readonly after: readonly object[]
  /** What stands for it among those. */
  readonly module: object
  /** Evaluates it, if it awaits nothing. */
  readonly evaluate: () => Twin<void>
  /** Evaluates it, if it does; `end` is called then. */
  readonly awaiting: (() => Twin) | undefined
  readonly end: () => void
}

/** Whether threads can wait for what modules of that load await at their tops. */
export const hasAwaiting = (place: string): boolean => loadOf(place).some(({ awaits }) => awaits)

/** The modules of that load of which the thread that runs has nothing, in the order of their evaluation. */
export function unevaluated(place: string): readonly Unevaluated[] {
  const missing = begin(loadOf(place), [])
  return missing.map((it) => {
    const record = it.records[agentNow()]
    if (it.awaits) waiting.add(record)
    return {
      after: it.after.filter((each) => missing.includes(each)),
      module: it,
      evaluate: () => evaluateOne(it),
      awaiting: it.awaits ? it.making : undefined,
      end: () => keepGiven(record, it.main),
    }
  })
}

/** Steps through the making of a module's variables, which may ask and not wait. */
function* evaluated(making: Twin): Twin<void> {
  for (let step = making.next(true); !step.done; step = making.next(true)) {
    // An `await` yields what it waits for.
    const awaited = step.value as { readonly site: number } | undefined
    if (awaited !== undefined) refuse(awaited.site, AWAITS)
    yield
  }
}

const AWAITS = 'a module that awaits at its top is evaluated in each thread, where nobody can wait for it'

/** Not among the names of the record, so that whoever goes through them asks for nothing. */
function refuseToAwait(record: Record_, name: string, site: number): void {
  const store = (value: unknown): void => {
    Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true })
  }
  Object.defineProperty(record, name, { get: () => refuse(site, AWAITS), set: store, configurable: true })
}

/**
 * Memory that the module shares with all threads, since `setup` returned it, stays that; and a weak map knows the
 * objects that it knew before there were threads.
 */
function keepGiven(record: Record_, main: Record_): void {
  for (const name of Object.keys(record)) {
    const value = record[name]
    if (typeof value !== 'object' || value === null || isProxy(value)) continue
    const before = main[name]
    if (isSharedMemory(value)) {
      if (isSharedMemory(before) && runtime.handedOver.has(ArrayBuffer.isView(before) ? bufferOf(before) : before))
        record[name] = before
    } else if (value instanceof WeakMap && before instanceof WeakMap) seeBefore(value, before, ['get', 'has'])
    else if (value instanceof WeakSet && before instanceof WeakSet) seeBefore(value, before, ['has'])
  }
}

const { get, has } = WeakMap.prototype
const { has: hasOf } = WeakSet.prototype

/** What is not known to the one is asked of the other, under these names. */
function seeBefore(value: object, before: object, names: readonly ('get' | 'has')[]): void {
  const isKnown = (of: object, key: WeakKey): boolean =>
    of instanceof WeakMap ? has.call(of, key) : hasOf.call(of as WeakSet<WeakKey>, key)
  for (const name of names) {
    const look = (key: WeakKey): unknown => {
      const at = isKnown(value, key) ? value : before
      return name === 'has' ? isKnown(at, key) : get.call(at as WeakMap<WeakKey, unknown>, key)
    }
    ;(look as unknown as Record<symbol, unknown>)[TWIN] = null
    Object.defineProperty(value, name, { value: look })
  }
}
