/**
 * Which machines have an execution: by what JavaScript's accesses are compiled to, and the axioms of the machines.
 *
 * - sc: all accesses in one order, as they stand in their threads.
 * - x86, TSO: Owens, Sarkar, Sewell (TPHOLs 2009); herd's x86tso.cat. A SeqCst load is a mov, a SeqCst store an xchg.
 * - arm, ARMv8: Pulte, Flur, Deacon, French, Sarkar, Sewell (POPL 2018); herd's aarch64.cat. A SeqCst load is an ldar,
 *   a SeqCst store an stlr, a read-modify-write a loop of ldaxr and stlxr: a processor with single instructions for it
 *   does less. Of dependencies only that of an address on a dereference counts.
 *
 * Each says that a union of relations has no circle, for some order of all stores to each word. Where words overlap
 * there is such an order for each byte; an access is one event all the same, of all its bytes at once, as aligned ones
 * of up to 64 bits are: who reads, overwrites or comes before whom is so if it is for one byte. That no thread sees a
 * word go back in time (*coherence*) is asked of each byte alone.
 */
import type { MemoryModel } from '../result.ts'
import { acyclic, type Edges } from './acyclic.ts'
import { atomicStoresTo, cellsOf, type Graph, happensBefore, INIT, storesTo } from './graph.ts'

/** From the strongest to the weakest. */
export const MODELS: readonly MemoryModel[] = ['sc', 'x86', 'arm', 'ecma']

/** By cell, all stores to it in one order. */
export type Coherence = ReadonlyMap<number, readonly number[]>

/** The strongest model, and an order of all stores to each cell with which it has the execution. */
export interface Machine {
  readonly model: MemoryModel
  readonly coherence: Coherence
}

/** By what is at the end, as text that `endKey` makes of the last store to each cell. */
export type Machines = ReadonlyMap<string, Machine>

export const endKey = (last: ReadonlyMap<number, number>): string =>
  [...last].map(([place, w]) => `${place}:${w}`).join()

/** For each choice of last stores that a machine has, the strongest of sc, x86 and arm. What is missing: ecma alone. */
export function machinesOf(g: Graph): Machines {
  const found = new Map<string, Machine>()
  const places = [...g.stores].filter(([, stores]) => stores.length > 0).map(([place]) => place)
  const chosen = new Map<number, readonly number[]>()
  const keyOf = () => endKey(new Map(places.map((place) => [place, chosen.get(place)!.at(-1)!])))
  // Where all is SeqCst, ECMA-262 asks for one order of all in which each load reads the latest store.
  if (g.atomics.length === g.thread.length && !hasBytes(g)) {
    for (const place of places) chosen.set(place, [...atomicStoresTo(g, place)])
    return found.set(keyOf(), { model: 'sc', coherence: chosen })
  }
  const kept = keptBy(g)
  const choose = (k: number): void => {
    if (k === places.length) {
      const key = keyOf()
      const known = found.get(key)?.model
      const model = strongest(g, kept, chosen, known)
      if (model !== undefined && model !== known) found.set(key, { model, coherence: new Map(chosen) })
      return
    }
    for (const order of ordersOf(g, places[k], chosen)) {
      chosen.set(places[k], order)
      choose(k + 1)
    }
    chosen.delete(places[k])
  }
  choose(0)
  return found
}

/**
 * Whether a machine has what there is so far, with some order of its stores. What it has not it has in no continuation:
 * what lies behind takes no pair away. And what it has can go on, if each load reads the latest store of that order.
 */
export function isOfMachine(g: Graph, model: MemoryModel): boolean {
  const within = MODELS.indexOf(model)
  const cells = [...g.stores].filter(([, stores]) => stores.length > 0).map(([cell]) => cell)
  const chosen = new Map<number, readonly number[]>()
  const kept = keptBy(g)
  const some = (k: number): boolean => {
    if (k === cells.length) return MODELS.indexOf(strongest(g, kept, chosen, undefined) ?? 'ecma') <= within
    const found = ordersOf(g, cells[k], chosen).some((order) => {
      chosen.set(cells[k], order)
      return some(k + 1)
    })
    chosen.delete(cells[k])
    return found
  }
  return some(0)
}

/** Whether words overlap. */
const hasBytes = (g: Graph): boolean => g.access.some(({ bytes }) => bytes !== undefined)

/**
 * The orders of all stores to a cell that keep that of the SeqCst stores, and happens-before: where that holds between
 * two of a cell, each machine has them so. And in all bytes two stores come in the same order.
 */
function ordersOf(g: Graph, cell: number, chosen: Coherence): (readonly number[])[] {
  const stores = storesTo(g, cell)
  const atomic = atomicStoresTo(g, g.access[stores[0]].place)
  if (atomic.length === stores.length) return [[...atomic]]
  const isChosen = (a: number, b: number): boolean =>
    g.access[a].bytes !== undefined && [...chosen.values()].some((order) => inOrder(order, a, b))
  const first = (a: number, b: number): boolean =>
    happensBefore(g, a, b) || inOrder(atomicStoresTo(g, g.access[a].place), a, b) || isChosen(a, b)
  const extend = (left: readonly number[]): number[][] =>
    left.length === 0
      ? [[]]
      : left
          .filter((w) => !left.some((v) => v !== w && first(v, w)))
          .flatMap((w) => extend(left.filter((v) => v !== w)).map((rest) => [w, ...rest]))
  return extend(stores)
}

const inOrder = (order: readonly number[], a: number, b: number): boolean =>
  order.includes(a) && order.indexOf(a) < order.indexOf(b)

/** Of the order within threads: what sc and x86 keep, and any machine of one cell; and whether words overlap. */
const keptBy = (g: Graph): Readonly<Record<'sc' | 'x86' | 'cell', Edges>> & { readonly byBytes: boolean } => ({
  sc: inThreads(g),
  x86: keptByTso(g),
  cell: ofCells(g),
  byBytes: hasBytes(g),
})

/** The strongest machine with that coherence, if it is stronger than what is known. */
function strongest(
  g: Graph,
  kept: ReturnType<typeof keptBy>,
  coherence: Coherence,
  known: MemoryModel | undefined,
): MemoryModel | undefined {
  if (known === 'sc') return known
  const n = g.thread.length
  const { rf, co, fr } = communication(g, coherence, 1)
  if (acyclic(n, [rf, co, fr, kept.sc])) return 'sc'
  if (known === 'x86') return known
  if (!(kept.byBytes ? isCoherentByBytes(g, coherence) : acyclic(n, [rf, co, fr, kept.cell]))) return known
  if (acyclic(n, [between(g, rf), co, fr, kept.x86])) return 'x86'
  if (known === 'arm') return known
  return isArm(g, communication(g, coherence)) ? 'arm' : undefined
}

/** Those of different threads. */
const between = (g: Graph, edges: Edges): Edges => edges.filter(([a, b]) => g.thread[a] !== g.thread[b])

/** Reads-from, coherence, and from-reads: a load comes before the stores behind the one that it reads. */
export interface Communication {
  readonly rf: Edges
  readonly co: Edges
  readonly fr: Edges
}

/**
 * `reach` is how many stores behind are paired: one leaves out what follows from two pairs. `of`: of that cell alone.
 */
export function communication(
  g: Graph,
  coherence: Coherence,
  reach = Number.POSITIVE_INFINITY,
  of?: number,
): Communication {
  const rf: [number, number][] = []
  const fr: [number, number][] = []
  forEachRead(
    g,
    (r, w, cell) => {
      if (w !== INIT) rf.push([w, r])
      const order = coherence.get(cell) ?? []
      const behind = w === INIT ? 0 : order.indexOf(w) + 1
      for (const v of order.slice(behind, behind + reach)) if (v !== r) fr.push([r, v])
    },
    of,
  )
  const co = [...coherence.values()].flatMap((order) =>
    order.flatMap((w, k) => order.slice(k + 1, k + 1 + reach).map((v) => [w, v] as const)),
  )
  return { rf, co, fr }
}

/** Each load with what it reads, cell by cell; or of one cell alone. */
function forEachRead(g: Graph, told: (r: number, w: number, cell: number) => void, of?: number): void {
  g.access.forEach((access, r) => {
    if (!access.reads) return
    for (const [k, cell] of cellsOf(access).entries()) if (of === undefined || cell === of) told(r, g.from[r][k], cell)
  })
}

/** Coherence, where words overlap: of each byte alone. */
function isCoherentByBytes(g: Graph, coherence: Coherence): boolean {
  for (const [cell, order] of coherence) {
    const { rf, co, fr } = communication(g, new Map([[cell, order]]), 1, cell)
    if (!acyclic(g.thread.length, [rf, co, fr, ofCells(g, cell)])) return false
  }
  return true
}

/** The order within threads; what follows from two pairs is left out, here and in the two below. */
export const inThreads = (g: Graph): Edges =>
  g.events.flatMap((own) => own.slice(1).map((b, k) => [own[k], b] as const))

/** The order of each thread's accesses to the same cell; or to one cell alone. */
function ofCells(g: Graph, of?: number): Edges {
  const edges: [number, number][] = []
  for (const own of g.events) {
    const latest = new Map<number, number>()
    for (const b of own) {
      for (const cell of cellsOf(g.access[b])) {
        if (of !== undefined && cell !== of) continue
        const a = latest.get(cell)
        if (a !== undefined) edges.push([a, b])
        latest.set(cell, b)
      }
    }
  }
  return edges
}

/** All of the order within threads but a store before a load: that needs a locked instruction between, or to be one. */
function keptByTso(g: Graph): Edges {
  const edges: [number, number][] = []
  for (const own of g.events) {
    let load: number | undefined
    let store: number | undefined
    for (const b of own) {
      const { reads, writes, atomic } = g.access[b]
      if (load !== undefined) edges.push([load, b])
      if (store !== undefined && writes) edges.push([store, b])
      if (reads || (atomic && writes)) load = b
      if (writes) store = b
    }
  }
  return edges
}

/**
 * ARMv8: "ordered before" has no circle. Event `i` is node `i`; the store of a read-modify-write is one of its own,
 * `n + i`. That nobody stores between the two follows from coherence, where it is one event.
 */
function isArm(g: Graph, { rf, co, fr }: Communication): boolean {
  const n = g.thread.length
  const isSplit = (i: number): boolean => g.access[i].reads && g.stored[i] !== undefined
  const loadOf = (i: number): number | undefined => (g.access[i].reads ? i : undefined)
  const storeOf = (i: number): number | undefined => (g.stored[i] === undefined ? undefined : isSplit(i) ? n + i : i)
  const edges: [number, number][] = []
  const add = (a: number | undefined, b: number | undefined): void => {
    if (a !== undefined && b !== undefined) edges.push([a, b])
  }
  for (const [w, r] of between(g, rf)) add(storeOf(w), loadOf(r))
  for (const [w, v] of between(g, co)) add(storeOf(w), storeOf(v))
  for (const [r, v] of between(g, fr)) add(loadOf(r), storeOf(v))
  for (let i = 0; i < n; i++) if (isSplit(i)) add(loadOf(i), storeOf(i))
  for (const own of g.events) for (const [k, a] of own.entries()) for (const b of own.slice(k + 1)) inOneThread(a, b)
  return acyclic(2 * n, [edges])

  /** Acquire, release, and the dependency on a dereference, of two events of a thread. */
  function inOneThread(a: number, b: number): void {
    const isAcquire = g.access[a].atomic && loadOf(a) !== undefined
    if (isAcquire) add(loadOf(a), loadOf(b))
    if (isAcquire || g.access[b].atomic) add(loadOf(a), storeOf(b))
    if (g.access[b].atomic) add(storeOf(a), storeOf(b))
    if (g.access[a].atomic && g.access[b].atomic) add(storeOf(a), loadOf(b))
    if (g.access[b].through === g.order[a]) dependsOn(a, b)
  }

  /** The address of `b` depends on dereference `a`. */
  function dependsOn(a: number, b: number): void {
    add(a, loadOf(b))
    add(a, storeOf(b))
    // No store goes ahead of an access whose address is not known; and who reads from b's store comes after a.
    for (const c of g.events[g.thread[a]].slice(g.order[b] + 1)) {
      add(a, storeOf(c))
      if (g.stored[b] !== undefined && g.from[c].includes(b)) add(a, loadOf(c))
    }
  }
}
