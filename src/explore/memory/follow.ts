/**
 * One execution of a memory model along a schedule: whose step is next, which store a load reads.
 *
 * Events are numbered as steps are, but from 0 on; so a load reads the event before the step that its schedule names,
 * and `r0` is INIT.
 */
import { nameOfThread } from '../engine/state.ts'
import type { MemoryModel } from '../result.ts'
import { readStep } from '../schedule/schedule.ts'
import type { Access, Value } from './access.ts'
import { seenFrom, sourcesFor } from './bytes.ts'
import { isOrdered, mayRead } from './ecma.ts'
import {
  addEvent,
  addStore,
  atomicStoresTo,
  cellsOf,
  createGraph,
  type Graph,
  INIT,
  placeStore,
  removeEvent,
  type Sources,
  storesTo,
  unplaceStore,
} from './graph.ts'
import { MODELS, machinesOf } from './hardware.ts'
import { splitWord } from './places.ts'
import { initially, type Setting, startThreads } from './setting.ts'
import type { Step } from './step.ts'
import type { Stuck } from './walk.ts'

export interface Followed {
  readonly g: Graph
  /** At which step the schedule could not be followed, from 0, and why. Undefined: it was. */
  readonly diverged: { readonly step: number; readonly why: string } | undefined
}

/** What a step does besides: which store it reads, or which ones byte by byte, and which one its own stands before. */
export interface Choice {
  readonly from?: Sources | undefined
  readonly before?: number | undefined
}

/** Follows a schedule from the start of all threads, and goes on behind it up to so many steps. */
export function follow(setting: Setting, steps: readonly (number | string)[], goesOnTo = 0): Followed {
  for (;;) {
    startThreads(setting)
    const followed = followOnce(setting, steps)
    if (followed.diverged === undefined) goOn(setting, followed.g, goesOnTo)
    if (!setting.asking.learned.isNew) return followed
  }
}

function followOnce(setting: Setting, steps: readonly (number | string)[]): Followed {
  const { threads, program } = setting
  const { labels } = program.x.program
  const g = createGraph(threads.length)
  for (const [step, wanted] of steps.entries()) {
    // What is there does not know yet which words overlap.
    if (setting.asking.learned.isNew) break
    const said = typeof wanted === 'string' ? readStep(wanted) : undefined
    const t = typeof wanted === 'string' ? labels.indexOf(said?.label ?? '') : wanted
    const choice = {
      from: said?.from?.map((step) => step - 1),
      before: said?.before === undefined ? undefined : said.before - 1,
    }
    const why = threads[t] === undefined ? `there is no thread ${wanted}` : takeStep(setting, g, t, choice)
    if (why !== undefined) return { g, diverged: { step, why } }
  }
  return { g, diverged: undefined }
}

/** Goes on with the thread that ran last, or else the first that can, to the end; loads read the latest store. */
function goOn(setting: Setting, g: Graph, maxSteps: number): void {
  const { threads, asking } = setting
  while (g.thread.length < maxSteps && !asking.learned.isNew) {
    const last = g.thread.at(-1) ?? 0
    if (takeStep(setting, g, last, {}) === undefined) continue
    if (!threads.some((_, t) => t !== last && takeStep(setting, g, t, {}) === undefined)) return
  }
}

/** Those that wait for what does not come, where all others have ended. */
export const stuckIn = ({ threads }: Setting): Stuck[] =>
  threads.flatMap((each, thread) => {
    const access = each.pending()
    return access === undefined ? [] : [{ thread, access }]
  })

/** The stores that the next access of a thread may read and go on with, the latest of them last. */
export function readable(setting: Setting, g: Graph, t: number, access: Access): Sources[] {
  if (!access.reads) return []
  return sourcesFor(g, t, access).filter((from) => {
    const seen = seenFrom(g, access, from, initially(setting))
    if (access.goesOn !== undefined && !access.goesOn(seen)) return false
    addEvent(g, t, access, from, seen)
    const may = mayRead(g) && isOrdered(g) && (!storesIf(access as Step, seen) || hasPlace(g))
    removeEvent(g)
    return may
  })
}

/** Whether a read-modify-write stores something when it reads that. */
const storesIf = ({ atomic, writes, fails, makes }: Step, seen: Value): boolean =>
  atomic && writes && fails?.(seen) !== true && (makes === undefined || makes(seen) !== undefined)

/** Whether the store of the latest event can stand anywhere among the SeqCst ones of its word. */
function hasPlace(g: Graph): boolean {
  addStore(g, 0)
  for (let at = atomicStoresTo(g, g.access.at(-1)!.place).length; at >= 0; at--) {
    placeStore(g, at)
    const may = isOrdered(g)
    unplaceStore(g, at)
    if (may) return true
  }
  return false
}

/**
 * The stores that the next access of a thread may read and go on with in an execution of that model, the latest last.
 */
export function readableIn(setting: Setting, g: Graph, t: number, model: MemoryModel): Sources[] {
  const access = setting.threads[t].pending()
  if (access === undefined) return []
  return readable(setting, g, t, access).filter((from) => {
    if (takeStep(setting, g, t, { from }) !== undefined) return false
    const isOf = isOfModel(g, model)
    takeBack(setting, g)
    return isOf
  })
}

/** Takes the latest step back. */
function takeBack({ threads }: Setting, g: Graph): void {
  const i = g.thread.length - 1
  const { atomic, place } = g.access[i]
  if (atomic && g.stored[i] !== undefined) unplaceStore(g, atomicStoresTo(g, place).indexOf(i))
  threads[g.thread[i]].cut(g.order[i])
  removeEvent(g)
}

/** Whether the model has what there is so far, with some order of its stores. */
export const isOfModel = (g: Graph, model: MemoryModel): boolean =>
  model === 'ecma' || [...machinesOf(g).values()].some(({ model: its }) => MODELS.indexOf(its) <= MODELS.indexOf(model))

/** The stores that a choice names, one for each cell; or why it can't be. */
function chosenSources(setting: Setting, g: Graph, access: Access, from: Sources, name: string): Sources | string {
  if (!access.reads) return `${name} reads nothing there`
  const cells = cellsOf(access)
  if (from.length > 1 && access.bytes === undefined) splitWord(setting.asking, access.place)
  const all = from.length === 1 ? cells.map(() => from[0]) : from
  if (all.length !== cells.length) return `${name} reads ${cells.length} bytes there, not ${from.length}`
  const wrong = all.find((w, k) => w !== INIT && !storesTo(g, cells[k]).includes(w))
  if (wrong === undefined) return all
  return wrong < g.thread.length
    ? `step ${wrong + 1} does not store to what ${name} reads`
    : `step ${wrong + 1} comes later`
}

/** Takes the next step of a thread. Returns why that can't be; undefined: it was taken. */
export function takeStep(setting: Setting, g: Graph, t: number, choice: Choice): string | undefined {
  const thread = setting.threads[t]
  const access = thread.pending()
  const name = nameOfThread(setting.program.x, t)
  if (access === undefined) return `${name} has ended`
  const { place, reads, atomic } = access
  if (choice.before !== undefined && !(atomic && access.writes)) return `${name} stores nothing atomically there`
  const latest = () => readable(setting, g, t, access).at(-1) ?? cellsOf(access).map(() => INIT)
  const from = choice.from === undefined ? latest() : chosenSources(setting, g, access, choice.from, name)
  if (typeof from === 'string') return from
  const seen = reads ? seenFrom(g, access, from, initially(setting)) : 0
  if (reads && access.goesOn?.(seen) === false) return `${name} waits`
  const count = g.events[t].length
  addEvent(g, t, access, from, seen)
  if (!reads || mayRead(g)) {
    const stored = thread.take(seen)
    if (stored !== undefined) addStore(g, stored)
    if (!atomic) return undefined
    const order = atomicStoresTo(g, place)
    const at = choice.before === undefined ? order.length : order.indexOf(choice.before)
    if (at < 0) {
      thread.cut(count)
      removeEvent(g)
      return `step ${choice.before! + 1} is no atomic store to what ${name} stores to`
    }
    if (stored !== undefined) placeStore(g, at)
    if (isOrdered(g)) return undefined
    if (stored !== undefined) unplaceStore(g, at)
    thread.cut(count)
  }
  removeEvent(g)
  return `what ${name} would read there is overwritten for it`
}
