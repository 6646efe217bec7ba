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
import { bytesAt, isIntegers, lockAt, type Places, placeOf, queuedAt, sectionOf, valueAs, waitersAt } from './places.ts'
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
  /** Whether what ECMA-262 lets be torn may be: on machines no aligned access of up to 64 bits is. */
  readonly tears: boolean
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
  const word = wordOf(asker, { kind, shape, index, atomic, bytes: a })
  const { place } = word
  const access = { kind, site, ...word, shape, atomic, reads: !STORES.includes(kind), writes: !LOADS.includes(kind) }
  if (kind === AWAIT) {
    if (word.bytes !== undefined) throw new Refusal('an await of a word that others overlap or that may be torn')
    const holds = a as (value: Value) => boolean
    // Values are told as the view has them by which the word was met first: another may have another sign.
    return { ...access, goesOn: (seen) => holds(valueAs(shape, seen)), answers: (seen) => valueAs(shape, seen) }
  }
  if (kind === CAS) {
    const expected = coerced(places.words.get(place)!.shape, coerced(shape, a))
    return { ...access, fails: (seen) => seen !== expected }
  }
  return atomic ? access : { ...access, through: asker.through(addressAt(shape, index)) }
}

const addressAt = ({ base, size }: Shape, index: number): number => base + index * size

/** What Atomics.wait and notify do. */
function waitersStep(
  asker: Asker,
  kind: number,
  site: number,
  shape: Shape,
  index: number,
  a: unknown,
  b: unknown,
): Step {
  const { thread, timeouts } = asker
  const list = waitersAt(addressAt(shape, index))
  if (kind === NOTIFY) return notifyStep(site, list, a)
  const word = wordOf(asker, { kind, shape, index, atomic: true, bytes: undefined })
  return waitStep({ thread, site, list, word, shape, expected: a, timeout: Number(b), timeouts })
}

/** An access to an element, or by a DataView to so many bytes. */
interface Element {
  readonly kind: number
  readonly shape: Shape
  readonly index: number
  readonly atomic: boolean
  readonly bytes: unknown
}

/** The word that an access goes to, and what it says of its bytes. */
function wordOf(asker: Asker, { kind, shape, index, atomic, bytes }: Element): Pick<Step, 'place' | 'bytes'> {
  const { memory, places, learned, tears } = asker
  const type = typeOf(shape.view)
  if (kind === DEREF && !isIntegers(shape)) throw new Refusal(`a dereference of a ${type ?? 'DataView'}'s element`)
  const size = type === undefined ? Number(bytes) : shape.size
  const address = addressAt(shape, index)
  if (address % size !== 0) throw new Refusal('an access by a DataView to bytes that are not aligned')
  const mayTear = tears && !atomic && size > 1 && !(isIntegers(shape) && size <= 4)
  const place = placeOf({ places, learned }, memory, { shape, address, size }, mayTear)
  return { place, bytes: bytesAt(places, place, mayTear) }
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
