/**
 * What the runtime is answered while threads run that the walk sends forth and back.
 */
import { elementOf } from '../engine/announce.ts'
import type { Memory } from '../engine/memory.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { allocationAt, type Shadow } from '../engine/shadow.ts'
import type { Engine, Veil } from '../runtime/engine.ts'
import { ALLOC, ALLOC_BEGIN, ARENA, DEREF, FREE, FREE_END, KINDS } from '../runtime/kinds.ts'
import { Refusal } from '../runtime/refusal.ts'
import { runtime } from '../runtime/runtime.ts'
import { isSharedMemory } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { createLearned, type Learned, lives } from './learned.ts'
import { createPlaces, initial, type Places, peek, poke } from './places.ts'
import type { Made, Step, ThreadEnd } from './step.ts'
import { type Asker, stepOf } from './steps.ts'

/** A thread that asks. */
export interface Asked {
  readonly thread: number
  /** The execution that it believes to be in: another each time that it runs from its start. */
  execution: number
  /** How deep it is in read sections. */
  depth: number
  /** How many callbacks it has queued. */
  queued: number
  /** Its accesses, of which the first `count()` lie behind it. */
  readonly made: readonly Made[]
  readonly count: () => number
}

export interface Asking {
  readonly places: Places
  readonly learned: Learned
  readonly engine: Engine
  /** A number for a thread that runs from its start. */
  newExecution(): number
  /** Lets a thread run up to its next access, or its end. */
  resume(asked: Asked, generator: Twin): Step | ThreadEnd
}

/** What the allocator's marks say of places, which is all that a dereference asks of them. */
const MARKS: readonly number[] = [ALLOC_BEGIN, FREE, FREE_END, ARENA]

/** The latest dereference of that thread whose pointer leads to an address. */
function dereferenceOf(
  { made, count }: Asked,
  address: number,
  objectAt: (address: number) => { readonly start: number; readonly end: number } | undefined,
): number | undefined {
  for (let k = count() - 1; k >= 0; k--) {
    const { step, seen } = made[k]
    if (step.kind !== DEREF) continue
    const { base, size } = step.shape!
    const target = base + Number(seen) * size
    const object = objectAt(target) ?? { start: target, end: target + size }
    if (address >= object.start && address < object.end) return k
  }
  return undefined
}

/** By the author's word code reads elements and no event says so: then it sees what its thread saw and stored. */
function veilOver(places: Places, { made, count }: Asked): Veil {
  return {
    did() {},
    lift() {
      const behind = made.slice(0, count())
      const last = behind.at(-1)
      if (last !== undefined && places.words.has(last.step.place)) last.holds ??= peek(places, last.step.place)
      for (const place of places.words.keys()) poke(places, place, initial(places, place))
      for (const { step, holds } of behind) if (holds !== undefined) poke(places, step.place, holds)
    },
    drop(stores) {
      if (stores) throw new Refusal('a tag with body=run')
    },
  }
}

/** An object begins at that element; nothing is learned where the view is none of the shared memory. */
function allocated(memory: Memory, learned: Learned, view: unknown, index: number, length: number): void {
  const shape = memory.shapes.get(view as object)
  if (shape === undefined) return
  const start = shape.base + index * shape.size
  lives(learned, start, start + length * shape.size)
}

/** Refuses what is done at that site. */
function refuse(what: string, site: number): never {
  const where = whereIs(site)
  throw new Refusal(`${what}${where === '' ? '' : ` (${where})`}`)
}

/** `tears`: whether what ECMA-262 lets be torn may be. */
export function createAsking(memory: Memory, shadow: Shadow, timeouts: 'idle' | boolean, tears: boolean): Asking {
  const places = createPlaces()
  const learned = createLearned()
  const objectAt = (address: number) => learned.objects.get(address) ?? allocationAt(shadow, address)
  let current: Asked | null = null
  let next: Step | undefined
  let latest = runtime.execution

  const asker: Asker = {
    thread: -1,
    depth: 0,
    queued: 0,
    learned,
    memory,
    places,
    timeouts,
    tears,
    through: (address) => (current === null ? undefined : dereferenceOf(current, address, objectAt)),
  }

  const engine: Engine = {
    op(kind, site, view, index, a, b) {
      if (current === null || MARKS.includes(kind)) return true
      if (kind === ALLOC) {
        allocated(memory, learned, view, index, Number(a))
        return true
      }
      const asked = current
      asker.thread = asked.thread
      asker.depth = asked.depth
      asker.queued = asked.queued
      try {
        const element = typeof index === 'number' && index === (index | 0) ? index : elementOf(kind, index, view)
        next = stepOf(asker, kind, site, view, element, a, b)
      } catch (error) {
        if (error instanceof Refusal) refuse(error.message, site)
        throw error
      }
      asked.depth = asker.depth
      asked.queued = asker.queued
      return next === undefined
    },
    turn: () => true,
    thread: () => current?.thread ?? -1,
    made: () => current === null || refuse('a shared buffer that a thread makes', -1),
    plain(kind, site, view) {
      if (current === null || !isSharedMemory(view)) return
      refuse(`${KINDS[kind].name} of shared memory in code that can't be interrupted`, site)
    },
    refuse: (site, reason) => {
      if (current !== null) refuse(reason, site)
    },
    endless: (site) => refuse('a loop without a visible step, still going on after millions of turns', site),
  }

  return {
    places,
    learned,
    engine,
    newExecution: () => ++latest,
    resume(asked, generator) {
      current = asked
      runtime.execution = asked.execution
      next = undefined
      runtime.running = true
      runtime.hide(veilOver(places, asked))
      try {
        const { done, value } = generator.next(true)
        if (done === true) return { returned: value }
        if (next === undefined) throw new Refusal('a thread stopped without an access')
        return next
      } catch (error) {
        return { threw: error }
      } finally {
        current = null
        runtime.hide(null)
        runtime.running = false
        runtime.execution = latest
      }
    },
  }
}
