/**
 * The smallest steps with their implementation: exchanges and counters, references at their limits, and the words that
 * a CPU writes for others to read, as the watchdog does.
 */

import { HEADER, SOCK } from '../../src/shared/records.ts'
import { atomicAdd, atomicRead, atomicSub, xchg } from '../../src/sync/cmpxchg.ts'
import { beginWait, endWait, PERCPU, WAITING_LOCK } from '../../src/sync/cpu.ts'
import { lockOwner } from '../../src/sync/lock-word.ts'
import { rcuOffline } from '../../src/sync/quiescent-state.ts'
import {
  REFCOUNT_SATURATED,
  refcountDecAndTest,
  refcountInc,
  refcountIncNotZero,
  refcountRead,
} from '../../src/sync/refcount.ts'
import { spinLock, spinUnlock } from '../../src/sync/spin-lock.ts'
import { RAW_AT_ONCE } from './beneath-tags.ts'
import { type Setting, setting } from './setting.ts'

/** A word and a lock that nobody here has another use for. */
const WORD = HEADER.fdHint
const LOCK = HEADER.fdLock

function cpusAlone(word: number): Setting {
  const given = setting({ maps: 0, sockets: 0 })
  given.memory.words[WORD] = word
  rcuOffline(given.cpus[2])
  return given
}

const holds =
  (expected: number) =>
  ({ memory }: Setting): void => {
    if (memory.words[WORD] !== expected) throw new Error(`got ${memory.words[WORD]}, expected ${expected}`)
  }

/** Two exchanges: each value is got by one, and the last one stays. */
export const twoExchanges = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(0),
  threads: [0, 1].map(
    (id) =>
      ({ memory }: Setting): number =>
        xchg(memory.words, WORD, 1 + id),
  ),
  after({ memory }: Setting, got: readonly unknown[]): void {
    const all = [...got, memory.words[WORD]]
    if (new Set(all).size !== 3) throw new Error(`got ${all}, expected 0, 1 and 2, each once`)
  },
}

/** A counter that goes up and down. */
export const addAgainstSub = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(2),
  threads: [
    ({ memory }: Setting): void => atomicAdd(memory.words, WORD, 5),
    ({ memory }: Setting): void => atomicSub(memory.words, WORD, 1),
  ],
  after: holds(6),
}

/** And is read meanwhile. */
export const readAgainstAdd = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(2),
  threads: [
    ({ memory }: Setting): number => atomicRead(memory.words, WORD),
    ({ memory }: Setting): void => atomicAdd(memory.words, WORD, 5),
  ],
}

/** A count of references is read while one is taken. */
export const refcountReadAgainstInc = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(1),
  threads: [
    ({ memory }: Setting): number => refcountRead(memory.words, WORD),
    ({ memory }: Setting): void => refcountInc(memory.words, WORD),
  ],
  after: holds(2),
}

/** Two references more than can be counted: the count saturates, whichever way they are taken. */
export const twoReferencesAtTheTop = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(0x7fff_ffff),
  threads: [
    ({ memory }: Setting): void => refcountInc(memory.words, WORD),
    ({ memory }: Setting): boolean => refcountIncNotZero(memory.words, WORD),
  ],
  after({ memory }: Setting): void {
    const count = memory.words[WORD]
    if (Math.abs(count - REFCOUNT_SATURATED) > 1) throw new Error(`got ${count}, expected it saturated`)
  },
}

/** A reference is dropped of a count that has saturated, while the count is read: it stays saturated. */
export const putAtTheTopAgainstRead = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(REFCOUNT_SATURATED),
  threads: [
    ({ memory }: Setting): boolean => refcountDecAndTest(memory.words, WORD),
    ({ memory }: Setting): boolean => refcountRead(memory.words, WORD) < 0,
  ],
  after: holds(REFCOUNT_SATURATED),
}

/** Who has a lock may be asked while it changes hands. */
export const ownerAgainstLocker = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(0),
  threads: [
    ({ memory }: Setting): number => lockOwner(memory.words, LOCK),
    ({ cpus: [, cpu] }: Setting): void => {
      spinLock(cpu, LOCK)
      spinUnlock(cpu, LOCK)
    },
  ],
}

/** The watchdog reads what a CPU waits for while its wait begins and ends. */
export const watchdogAgainstWait = {
  ...RAW_AT_ONCE,
  setup: () => cpusAlone(0),
  threads: [
    ({ cpus: [, { words, base }] }: Setting): string => {
      const kind = Atomics.load(words, base + PERCPU.waitingKind)
      const at = Atomics.load(words, base + PERCPU.waitingAt)
      return `${kind} at ${at}, wait ${Atomics.load(words, base + PERCPU.waits)}`
    },
    ({ cpus: [, cpu] }: Setting): void => {
      beginWait(cpu, WAITING_LOCK, SOCK.SIZE)
      endWait(cpu)
    },
  ],
}
