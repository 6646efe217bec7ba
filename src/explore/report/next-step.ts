/**
 * What to do about each kind of violation: one sentence, for somebody who meets it for the first time.
 */
import type { Violation, ViolationKind } from '../result.ts'

const NEXT_STEP: Readonly<Record<ViolationKind, string>> = {
  'data-race':
    'make both accesses atomic and of one size, or order them: by a lock around both, or by an atomic store after the one and an atomic load of it before the other',
  'use-after-free':
    'free only what nobody can hold any more: unlink it, then wait for a grace period, or let the last of counted references free it',
  'double-free':
    'let one atomic operation decide who frees: an exchange that takes the pointer away, or a count that reaches zero',
  overflow: 'compare the index with the size that the object was allocated with',
  leak: 'free the object on this path, or store its pointer where whoever frees will find it',
  'lost-update':
    'make the update one atomic operation (Atomics.add; in C __sync_fetch_and_add), or hold one lock from the load to the store (bpf_spin_lock)',
  deadlock: 'take the locks in one order everywhere, none twice, and hold none while waiting for another thread',
  'lock-order':
    'choose one order for these locks and take them in it everywhere; only a trylock, which does not wait, may go against it',
  'lock-misuse':
    'release each lock once, on every path, in the thread that took it; and before that thread waits for anything else',
  livelock:
    'look what the loop stores or changes while it waits: without that, the explorer would see it wait; if it only takes long, allow more steps (maxSteps, --max-steps)',
  assertion:
    'look among the steps for a value that was out of date when it was used: between those two steps an order is missing',
  invariant:
    'make the stores that must be seen together one atomic operation, or check the invariant only where no one is between them',
  linearizability:
    'look for the step at which each operation takes effect: it has to be one atomic step between its beginning and its end',
  nondeterminism:
    'keep what threads change in shared memory or in variables of their own, make the rest in setup, and ask no clock and no Math.random',
  refused:
    'docs/explore-dialect.md lists what can be followed; most often it helps to move the access into a plain function that the thread calls itself',
}

/** A deadlock of one thread that nobody will ever wake. */
const STUCK =
  'look who should change what it waits for: that must be sure to come, and to be noticed, so store before you notify, and look again before you wait; a thread that serves for ever, and may be left waiting, is to be one of the daemons of its scenario'

/** A loop, or calls, that take no step. */
const ENDLESS =
  'let the loop end by itself, or look at shared memory in each turn: what it waits for, no other thread can bring about'

/** What its author may do about a violation. */
export function nextStep({ kind, inflection, message }: Pick<Violation, 'kind' | 'inflection' | 'message'>): string {
  const claimed = kind === 'assertion' || kind === 'invariant' || kind === 'linearizability'
  if (claimed && inflection === 0) {
    return 'look for the mistake as in code on one thread: it needs no other thread, since every execution fails'
  }
  if (kind === 'refused' && message.includes('without a visible step, still going on')) return ENDLESS
  return kind === 'deadlock' && message.startsWith('stuck') ? STUCK : NEXT_STEP[kind]
}
