/**
 * What an operation that a thread asks for is to a memory model: which accesses to which words.
 *
 * Locks and read sections are SeqCst read-modify-writes of words of their own. A grace period is one of each other
 * thread's section word, which stores what it has read: so it stands before or behind every section, and what it stands
 * behind it waits for.
 */
import { misplaced } from '../engine/announce.ts'
import type { Memory, Shape } from '../engine/memory.ts'
import { coerced, shapeOf } from '../engine/memory.ts'
import {
  ALOAD,
  ASTORE,
  AWAIT,
  BEGIN,
  CALLBACK,
  CAS,
  DEREF,
  END,
  GRACE,
  HINT,
  KINDS,
  LOCK,
  NOTIFY,
  READ,
  READ_ENTER,
  READ_EXIT,
  RMW,
  TRYLOCK,
  UNLOCK,
  WAIT,
  WRITE,
  WRITE_ONCE,
} from '../runtime/kinds.ts'
import { Refusal } from '../runtime/refusal.ts'
import { isWaitable, typeOf } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import type { Value } from './access.ts'
import { helperOf, type Learned, readsInSection } from './learned.ts'
import { lockAt, type Places, queuedAt, sectionOf, wordOf } from './places.ts'
import type { Step } from './step.ts'
import { notifyStep, waitStep } from './waits.ts'

/** Who asks. It may be another one after the call. */
export interface Asker {
  thread: number
  readonly learned: Learned
  readonly memory: Memory
  readonly places: Places
  /** What the scenario says of timeouts. */
  readonly timeouts: 'idle' | boolean
  /** How deep it is in read sections. */
  depth: number
  /** How many callbacks it has queued. */
  queued: number
  /** Which of its accesses is the latest dereference of a pointer to that address. */
  readonly through: (address: number) => number | undefined
}

const PLAIN_READS: readonly number[] = [READ, DEREF, HINT]
const PLAIN_WRITES: readonly number[] = [WRITE, WRITE_ONCE]
const LOADS: readonly number[] = [...PLAIN_READS, ALOAD, AWAIT]
const STORES: readonly number[] = [...PLAIN_WRITES, ASTORE]
const LOCKING: readonly number[] = [LOCK, UNLOCK, TRYLOCK]
const INTEGERS = new Set(['Int8Array', 'Uint8Array', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'])

/**
 * The access that an operation is. Undefined: it is none that others could see; what is outside of its view Atomics
 * throw for by themselves. Throws a Refusal.
 */
export function stepOf(
  asker: Asker,
  kind: number,
  site: number,
  view: unknown,
  index: number,
  a: unknown,
  b: unknown,
): Step | undefined {
  const { thread, learned, memory, places } = asker
  const base = { kind, site, atomic: true, reads: true, writes: true }
  if (kind === READ_ENTER || kind === READ_EXIT) {
    asker.depth += kind === READ_ENTER ? 1 : -1
    if (asker.depth !== (kind === READ_ENTER ? 1 : 0)) return undefined
    readsInSection(learned, thread)
    return { ...base, place: sectionOf(thread), makes: (seen) => Number(seen) + 1 }
  }
  if (kind === GRACE) return asker.depth > 0 ? waitsForItself(asker, site) : gracePeriod({ thread, learned }, site)
  if (kind === CALLBACK) {
    const helper = helperOf(learned, thread, asker.queued++, view as () => Twin)
    return { ...base, reads: false, place: queuedAt(helper), makes: () => 1 }
  }
  if (KINDS[kind].flags.includes('viewless') || kind === BEGIN || kind === END)
    throw new Refusal(`a ${KINDS[kind].name}`)
  const shape = shapeOf(memory, view)
  if (shape === null) return undefined
  const isInside = index >= 0 && index < shape.length
  if (!isInside && (LOCKING.includes(kind) || kind === AWAIT)) throw misplaced(kind, shape, index, 1)
  if (LOCKING.includes(kind)) return lockStep(kind, site, thread, lockAt(shape.base + index * shape.size))
  if ((kind === WAIT || kind === NOTIFY) && !(isInside && isWaitable(shape.view))) return undefined
  if (kind === WAIT || kind === NOTIFY) return waitersStep(asker, kind, site, shape, index, a, b)
  if (!LOADS.includes(kind) && !STORES.includes(kind) && kind !== RMW && kind !== CAS)
    throw new Refusal(`a ${KINDS[kind].name}`)
  if (!isInside) return undefined
  const atomic = !PLAIN_READS.includes(kind) && !PLAIN_WRITES.includes(kind)
  const place = placeOf(places, shape, index, atomic)
  const access = { kind, site, place, atomic, reads: !STORES.includes(kind), writes: !LOADS.includes(kind) }
  if (kind === AWAIT) {
    const holds = a as (value: Value) => boolean
    // Values are told as the view has them by which the word was met first: another may have another sign.
    return { ...access, goesOn: (seen) => holds(coerced(shape, seen)), answers: (seen) => coerced(shape, seen) }
  }
  if (kind === CAS) {
    const expected = coerced(places.words.get(place)!.shape, coerced(shape, a))
    return { ...access, fails: (seen) => seen !== expected }
  }
  return atomic ? access : { ...access, through: asker.through(place) }
}

/** What Atomics.wait and notify do. */
function waitersStep(
  { thread, places, timeouts }: Asker,
  kind: number,
  site: number,
  shape: Shape,
  index: number,
  a: unknown,
  b: unknown,
): Step {
  const place = placeOf(places, shape, index, true)
  if (kind === NOTIFY) return notifyStep(site, place, a)
  return waitStep({ thread, site, place, shape, expected: a, timeout: Number(b), timeouts })
}

function placeOf(places: Places, shape: Shape, index: number, atomic: boolean): number {
  const type = typeOf(shape.view) ?? 'DataView'
  if (!INTEGERS.has(type) && !atomic) throw new Refusal(`a plain access to a ${type}, which may be torn`)
  const place = wordOf(places, shape, index)
  if (place === undefined) throw new Refusal('accesses of different sizes to the same bytes')
  return place
}

function lockStep(kind: number, site: number, thread: number, place: number): Step {
  const base = { kind, site, place, atomic: true, reads: kind !== UNLOCK, writes: true }
  if (kind === UNLOCK) return { ...base, makes: () => 0 }
  if (kind === LOCK) return { ...base, goesOn: (seen) => seen === 0, makes: () => thread + 1 }
  return {
    ...base,
    makes: (seen) => (seen === 0 ? thread + 1 : undefined),
    answers: (seen) => seen === 0,
  }
}

/**
 * Looks at the sections of all other threads, from the `k`th that has any, one after the other, and waits for those
 * that are open.
 */
function gracePeriod(asker: Pick<Asker, 'thread' | 'learned'>, site: number, k = 0): Step | undefined {
  const u = asker.learned.sections[k]
  if (u === undefined) return undefined
  if (u === asker.thread) return gracePeriod(asker, site, k + 1)
  const base = { kind: GRACE, site, place: sectionOf(u), atomic: true, reads: true }
  const after = () => gracePeriod(asker, site, k + 1)
  return {
    ...base,
    writes: true,
    makes: (seen) => seen,
    next: (seen) =>
      Number(seen) % 2 === 0 ? after() : { ...base, writes: false, goesOn: (now) => now !== seen, next: after },
  }
}

/** What a callback begins with: it waits until it is queued, and for a grace period then. */
export function callbackBegins(learned: Learned, helper: number, thread: number): Step {
  return {
    kind: CALLBACK,
    site: -1,
    place: queuedAt(helper),
    atomic: true,
    reads: true,
    writes: false,
    goesOn: (seen) => seen !== 0,
    next: () => gracePeriod({ thread, learned }, -1),
  }
}

/** In a read section of its own it would wait for ever. */
function waitsForItself({ thread }: Asker, site: number): Step {
  const place = sectionOf(thread)
  return { kind: GRACE, site, place, atomic: true, reads: true, writes: false, goesOn: () => false }
}
