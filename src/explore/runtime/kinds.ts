/**
 * The kinds of operation, in one table: number, name, class, flags.
 *
 * To add a kind, add an entry with the next free number: numbers stand in replay lines, so none is given twice and none
 * is changed. What the hot path looks up are arrays, which `engine/access.ts` derives from the flags.
 */

/**
 * What an operation does, if it succeeds, to the bytes it touches: reads them, writes them, joins the wait queue of a
 * cell, takes waiters off it, goes on after that (or leaves it), queues a callback, sees which callbacks are queued,
 * comes after all that came before.
 */
export type KindClass = 'nothing' | 'reads' | 'writes' | 'queues' | 'notifies' | 'wakes' | 'defers' | 'bars' | 'passes'

export type Flag =
  /** It touches `view[index]`. */
  | 'touches'
  /** It stores to memory itself, so that a page becomes dirty. */
  | 'stores'
  /** It may have to wait. It is no event before it can go on. */
  | 'blocks'
  /** Its class depends on the state: where it fails, it reads. */
  | 'conditional'
  /** It is several events: the thread is not resumed after the first one. */
  | 'several'
  /** The engine itself performs its effect. */
  | 'engine'
  /** It is a later step of an operation that takes several, which no code announces. */
  | 'later'
  /** A function of `Atomics`, which round an index. */
  | 'rounds'
  /** Others could see it though it is handed no view. */
  | 'viewless'
  /** Where it reads, it may stand in a turn of a loop that only looks. */
  | 'looks'
  /** It is about the lock at its place, and not the word under it. */
  | 'lock'
  /** It is about what a turn of a loop has read. */
  | 'spins'
  /** It ends an agent, and depends on that one's steps. */
  | 'ends'
  /** It is atomic on the bytes it touches. */
  | 'atomic'
  /** It reads atomically, and so synchronizes with the atomic store it reads from. */
  | 'acquires'
  /** A marked load: plain, but it may race with what is atomic or written once. */
  | 'marked'
  /** A marked store: plain, but marked loads may race with it. */
  | 'once'
  /** It changes who owns what it touches. */
  | 'owns'

export interface Kind {
  readonly number: number
  /** For reports. */
  readonly name: string
  readonly class: KindClass
  readonly flags: readonly Flag[]
}

const table: Kind[] = []

/** The table, by number. */
export const KINDS: readonly Kind[] = table

function kind(number: number, name: string, does: KindClass, ...flags: Flag[]): number {
  if (number !== table.length) throw new Error(`kind ${name}: got the number ${number}, expected ${table.length}`)
  table.push({ number, name, class: does, flags })
  return number
}

/** Plain load: `view[index]`. */
export const READ = kind(0, 'read', 'reads', 'touches', 'looks')
/** Plain store: `view[index] = v`. */
export const WRITE = kind(1, 'write', 'writes', 'touches', 'stores')
/** `Atomics.load`. */
export const ALOAD = kind(2, 'load', 'reads', 'touches', 'rounds', 'looks', 'atomic', 'acquires')
/** `Atomics.store`. */
export const ASTORE = kind(3, 'store', 'writes', 'touches', 'stores', 'rounds', 'atomic')
/** `Atomics.add`, `sub`, `and`, `or`, `xor`, `exchange`. */
export const RMW = kind(4, 'rmw', 'writes', 'touches', 'stores', 'rounds', 'atomic', 'acquires')
/** `Atomics.compareExchange`; a = expected, b = replacement. */
export const CAS = kind(5, 'cas', 'writes', 'touches', 'stores', 'conditional', 'rounds', 'looks', 'atomic', 'acquires')
/** `Atomics.wait`; a = expected, b = timeout. The answer ('ok', 'not-equal', 'timed-out') is in `runtime.result`. */
export const WAIT = kind(
  6,
  'wait',
  'queues',
  'touches',
  'conditional',
  'several',
  'engine',
  'rounds',
  'looks',
  'atomic',
  'acquires',
)
/** `Atomics.notify`; a = count. How many were woken is in `runtime.result`. */
export const NOTIFY = kind(7, 'notify', 'notifies', 'touches', 'engine', 'rounds', 'atomic')
/** Plain read of the elements `index` up to, not including, `a`. */
export const RANGE_READ = kind(8, 'range read', 'reads', 'touches', 'looks')
/** Plain write of the elements `index` up to, not including, `a`. */
export const RANGE_WRITE = kind(9, 'range write', 'writes', 'touches', 'stores')
/** A dependency-ordered plain load of a pointer (`rcu_dereference`); the value read is an element index of `view`. */
export const DEREF = kind(10, 'dereference', 'reads', 'touches', 'looks', 'marked')
/** A marked plain load that may race with atomic stores (READ_ONCE): a hint to look again, deciding nothing else. */
export const HINT = kind(11, 'hint', 'reads', 'touches', 'looks', 'marked')
/** Takes the lock at `view[index]`, waiting for it; a = its class (a string), by default the lock itself. */
export const LOCK = kind(12, 'lock', 'writes', 'touches', 'blocks', 'engine', 'lock', 'atomic')
/** Releases the lock at `view[index]`. */
export const UNLOCK = kind(13, 'unlock', 'writes', 'touches', 'engine', 'lock', 'atomic')
/** Takes the lock if it is free; `runtime.result` says whether. a = its class. */
export const TRYLOCK = kind(14, 'trylock', 'writes', 'touches', 'conditional', 'engine', 'looks', 'lock', 'atomic')
/** Waits until `a(value)` holds for the value of `view[index]`, as one atomic step. `runtime.result` is that value. */
export const AWAIT = kind(15, 'await', 'reads', 'touches', 'blocks', 'engine', 'looks', 'atomic', 'acquires')
/**
 * A spin loop says that it waits. As an event: it has waited, at its head, until a word that its last turn read
 * changed.
 */
export const PAUSE = kind(16, 'pause', 'reads', 'blocks', 'engine', 'viewless', 'spins')
/** Enters an RCU read section (they nest). */
export const READ_ENTER = kind(17, 'read-section enter', 'writes', 'engine', 'viewless')
/** Leaves an RCU read section. */
export const READ_EXIT = kind(18, 'read-section exit', 'writes', 'engine', 'viewless')
/** Waits until every read section that is open now has ended. */
export const GRACE = kind(19, 'grace period', 'reads', 'several', 'engine', 'viewless')
/** Queues a callback: `view` is a function that returns its generator; it runs a grace period later, as a thread. */
export const CALLBACK = kind(20, 'queue callback', 'defers', 'engine', 'viewless')
/** Waits until every callback queued so far has run. */
export const BARRIER = kind(21, 'callback barrier', 'bars', 'several', 'engine', 'viewless')
/** An object begins at `view[index]`: a elements long; b = its kind (a string). Ends the allocator's own work. */
export const ALLOC = kind(22, 'alloc', 'writes', 'touches', 'engine', 'owns')
/** The object at `view[index]` dies. Begins the allocator's own work, which FREE_END ends. */
export const FREE = kind(23, 'free', 'writes', 'touches', 'engine', 'owns')
/** The allocator's own work begins: until the matching ALLOC it may touch memory that nobody owns. */
export const ALLOC_BEGIN = kind(24, 'allocator begins', 'nothing', 'viewless')
/** The allocator's own work ends (after FREE, or after an allocation that failed). */
export const FREE_END = kind(25, 'allocator ends', 'nothing', 'viewless')
/** The elements `index` up to, not including, `a` belong to an allocator: access outside a live object is wild. */
export const ARENA = kind(26, 'arena', 'nothing')
/**
 * An operation of a history begins: see history.ts. What matters of a history is which operation ended before which one
 * began.
 */
export const BEGIN = kind(27, 'operation begins', 'bars')
/** An operation of a history ends. */
export const END = kind(28, 'operation ends', 'defers')
/** A marked plain store that dereferences and hints may race with (WRITE_ONCE); it publishes nothing. a = the value. */
export const WRITE_ONCE = kind(29, 'write once', 'writes', 'touches', 'stores', 'once')
/** A waiter that was taken off its queue goes on. */
export const WOKEN = kind(30, 'goes on', 'wakes', 'blocks', 'engine', 'later', 'atomic')
/** Waits for the end of one read section that a grace period saw open. */
export const SECTION_AWAIT = kind(31, 'goes on', 'reads', 'blocks', 'engine', 'later')
/** Waits for the end of a helper thread. */
export const EXIT_AWAIT = kind(32, 'goes on', 'reads', 'blocks', 'engine', 'later')
/** A helper thread ends. */
export const EXIT = kind(33, 'goes on', 'writes', 'engine', 'later')
/** A waiter with a timeout goes on: it was woken, or else its time has run out and it leaves the queue. */
export const TIMED = kind(34, 'goes on', 'wakes', 'engine', 'later', 'atomic')
/**
 * A turn of a counted loop was like the one before: if the next one would be, all but the last ones are taken at once.
 */
export const POLL = kind(35, 'goes on', 'reads', 'engine', 'later', 'spins')
/** A waiter with a timeout goes on where time passes only when nobody can: it was woken, or its time has come. */
export const DUE = kind(36, 'goes on', 'wakes', 'blocks', 'engine', 'later', 'atomic')
/** Nobody can go on, so time passes, to the end of the next sleep. */
export const PASS = kind(37, 'time passes', 'passes', 'blocks', 'engine', 'later')
/**
 * `Atomics.waitAsync`; a = expected, b = an `AsyncWait`. `runtime.result` is 'waits' if a task of its own waits now, or
 * 'not-equal'.
 */
export const WAIT_ASYNC = kind(
  38,
  'waitAsync',
  'queues',
  'touches',
  'conditional',
  'engine',
  'rounds',
  'atomic',
  'acquires',
)
/**
 * A message is posted; `index` is the address that stands for its place in the queue, a = how many have been posted
 * there and before, -1: one more than before.
 */
export const POST = kind(39, 'post', 'writes', 'engine', 'viewless', 'atomic')
/** Looks whether a message has been posted; `index` as of a post. */
export const RECEIVE = kind(40, 'receive', 'reads', 'engine', 'viewless', 'looks', 'atomic')
/** A task that waits for a message goes on, when more than a have been posted. */
export const ARRIVES = kind(41, 'message comes', 'reads', 'blocks', 'engine', 'later', 'atomic')
/** An agent is ended by another one, wherever it is; a = a `Cut`. */
export const ENDS = kind(42, 'ends', 'passes', 'engine', 'later', 'ends')

/** What a kind is called after an article: "it was a ..."; also for a number that is none. */
export function nounOf(number: number): string {
  const known = KINDS[number]
  return known === undefined || known.flags.includes('later') ? 'step' : known.name
}
