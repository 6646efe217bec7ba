/** What threads do with RCU. Each job is handed its CPU and what the test gave it. */

import { PERCPU } from '../../../dist/src/sync/cpu.js'
import { queueWork, runDeferredWork } from '../../../dist/src/sync/deferred-work.js'
import { rcuOffline, rcuOnline, rcuQuiescentState } from '../../../dist/src/sync/quiescent-state.js'
import { rcuDereference, rcuReadLock, rcuReadUnlock } from '../../../dist/src/sync/rcu.js'
import { callRcu } from '../../../dist/src/sync/rcu-callback.js'
import { rcuBarrier, runOrphans, synchronizeRcu } from '../../../dist/src/sync/synchronize-rcu.js'
import { readWorkBell, waitForWorkBell } from '../../../dist/src/sync/work-bell.js'

/** An object: two words of callback head, then words that all hold its number. */
const SIZE = 16
const HEAD = 2
const POISON = -0x7777_7777

/** This thread's free objects. */
const free = []
let freed = 0

function poison(words, object) {
  words.fill(POISON, object + HEAD, object + SIZE)
  freed++
}

/** By number, for all threads: 0 poisons an object and frees it here, 1 counts itself at the word behind its head. */
export const callbacks = [
  (cpu, head) => {
    poison(cpu.words, head)
    free.push(head)
  },
  (cpu, head) => Atomics.add(cpu.words, head + 2, 1),
]

/** Sleeps until a word of another thread's is not 0: it may come out of the start barrier much later than we. */
function untilSet(words, at) {
  while (Atomics.load(words, at) === 0) Atomics.wait(words, at, 0, 1)
}

/**
 * Reads the published object until told to stop, in sections of different lengths. Some readers go offline in between.
 * Sets `seen` where that is given and the object is poisoned.
 */
export function read(cpu, { slot, stop, online, seen }) {
  const { words } = cpu
  let reads = 0
  let poisoned = 0
  rcuOnline(cpu)
  Atomics.store(words, online, 1)
  for (; Atomics.load(words, stop) === 0; reads++) {
    rcuReadLock(cpu)
    const object = rcuDereference(words, slot)
    const number = words[object + HEAD]
    let bad = number === POISON
    // Stay a while with the pointer in hand, and look at all of it again.
    for (let turn = reads % 64; turn >= 0; turn--) {
      for (let i = HEAD; i < SIZE; i++) if (words[object + i] !== number) bad = true
    }
    if (bad) {
      poisoned++
      if (seen !== undefined) Atomics.store(words, seen, 1)
    }
    rcuReadUnlock(cpu)
    if (cpu.id % 2 === 1 && reads % 16 === 0) {
      rcuOffline(cpu)
      rcuOnline(cpu)
    } else {
      rcuQuiescentState(cpu)
    }
  }
  rcuOffline(cpu)
  return { reads, poisoned }
}

/**
 * Publishes `rounds` new objects, or fewer where a reader sets `seen`, once those read that set a word of `behind`;
 * `dispose` does something about each old one.
 */
function update(cpu, { slot, stop, left, pool, rounds, behind, seen }, dispose) {
  const { words } = cpu
  for (const online of behind) untilSet(words, online)
  for (let i = 0; i < 64; i++) free.push(pool + i * SIZE)
  rcuOnline(cpu)
  for (let round = 0; round < rounds; round++) {
    if (seen !== undefined && Atomics.load(words, seen) !== 0) break
    while (free.length === 0) rcuQuiescentState(cpu)
    const object = free.pop()
    words.fill(cpu.id * rounds + round, object + HEAD, object + SIZE)
    dispose(Atomics.exchange(words, slot, object))
    rcuQuiescentState(cpu)
  }
  // What waits yet is nobody's but ours: other threads can't count it.
  while (cpu.words[cpu.base + PERCPU.callbacks] !== 0) rcuQuiescentState(cpu)
  rcuOffline(cpu)
  if (Atomics.sub(words, left, 1) === 1) Atomics.store(words, stop, 1)
  return { freed }
}

/** Frees each old object after waiting for a grace period. */
export function updateAndWait(cpu, args) {
  return update(cpu, args, (old) => {
    synchronizeRcu(cpu)
    callbacks[0](cpu, old)
  })
}

/** Frees each old object by a callback. */
export function updateAndCall(cpu, args) {
  return update(cpu, args, (old) => callRcu(cpu, old, 0))
}

/** Frees each old object at once, as one must not. */
export function updateAtOnce(cpu, args) {
  return update(cpu, args, (old) => callbacks[0](cpu, old))
}

/**
 * Waits for `rounds` grace periods, one behind the other, and counts those it got. Begins when those CPUs are online
 * that set a word of `behind`.
 */
export function synchronize(cpu, { rounds, counter, stop, left, behind = [] }) {
  const { words } = cpu
  for (const online of behind) untilSet(words, online)
  rcuOnline(cpu)
  for (let round = 0; round < rounds; round++) {
    synchronizeRcu(cpu)
    Atomics.add(words, counter, 1)
  }
  rcuOffline(cpu)
  if (left !== undefined && Atomics.sub(words, left, 1) === 1) Atomics.store(words, stop, 1)
}

/** Reports quiescent states, and nothing else, until told to stop. */
export function report(cpu, { stop, online }) {
  rcuOnline(cpu)
  Atomics.store(cpu.words, online, 1)
  while (Atomics.load(cpu.words, stop) === 0) rcuQuiescentState(cpu)
  rcuOffline(cpu)
}

/**
 * Queues callbacks that count themselves, and comes and goes, until told to stop. `queued` says how many, before each
 * is queued at the latest.
 */
export function queue(cpu, { stop, heads, count, queued }) {
  const { words } = cpu
  let next = 0
  rcuOnline(cpu)
  for (let round = 0; Atomics.load(words, stop) === 0; round++) {
    if (next < count && round % 3 === 0) {
      callRcu(cpu, heads + 3 * next, 1)
      Atomics.store(words, queued, ++next)
    }
    if (round % 50 === 49) {
      rcuOffline(cpu)
      rcuOnline(cpu)
    } else {
      rcuQuiescentState(cpu)
    }
  }
  rcuOffline(cpu)
}

/** Looks how far the queuers are, waits for the barrier, and counts callbacks from before it that have not run. */
export function barrier(cpu, { stop, queues, rounds, left }) {
  const { words } = cpu
  let missed = 0
  let checked = 0
  for (const { queued } of queues) untilSet(words, queued)
  for (let round = 0; round < rounds; round++) {
    const before = queues.map(({ queued }) => Atomics.load(words, queued))
    rcuBarrier(cpu)
    queues.forEach(({ heads }, i) => {
      for (let at = 0; at < before[i]; at++) if (Atomics.load(words, heads + 3 * at + 2) !== 1) missed++
      checked += before[i]
    })
  }
  if (Atomics.sub(words, left, 1) === 1) Atomics.store(words, stop, 1)
  return { missed, checked }
}

/**
 * Runs what others leave behind and keeps grace periods coming, until told to stop: a CPU with few callbacks does not
 * ask for one.
 */
export function kworker(cpu, { stop }) {
  let orphans = 0
  while (Atomics.load(cpu.words, stop) === 0) {
    orphans += runOrphans(cpu)
    synchronizeRcu(cpu)
  }
  return { orphans }
}

/** Queues work that counts itself. */
export function queueWorks(cpu, { heads, count }) {
  for (let i = 0; i < count; i++) queueWork(cpu, heads + 3 * i, 1)
}

/**
 * A kworker that sleeps when there is nothing to do and ends when it has done enough. The naps are long: a missed bell
 * is a hang.
 */
export function workUntil(cpu, { total }) {
  let done = 0
  while (done < total) {
    const bell = readWorkBell(cpu)
    done += runDeferredWork(cpu)
    if (done < total) waitForWorkBell(cpu, bell, 600_000)
  }
  return done
}

/** Sleeps a moment on a bell that nobody rings. */
export function nap(cpu) {
  waitForWorkBell(cpu, readWorkBell(cpu), 10)
}

/** One rcuBarrier, slow to get up: behind each park it lies until `hold` is 0. Says in `done` when it returned. */
export function slowBarrier(cpu, { hold, done }) {
  const { words } = cpu
  const { wait } = Atomics
  Atomics.wait = (...args) => {
    const result = wait(...args)
    while (Atomics.load(words, hold) !== 0);
    return result
  }
  rcuBarrier(cpu)
  Atomics.store(words, done, 1)
}
