/**
 * Our own uses of plain accesses that race, as small as they can be, for the memory models: which must hold under arm.
 */
import {
  hlistAddHeadRcu,
  hlistAddHeadRcuLockless,
  hlistDelInitRcuLockless,
  hlistUnhashedLockless,
} from '../../../src/shared/hlist.ts'
import type { Sk } from '../../../src/shared/pointer.ts'
import { HEADER, HLIST_NODE, SOCK } from '../../../src/shared/records.ts'
import { omemCharge, omemUncharge } from '../../../src/shared/sk-storage-elem.ts'
import { cmpxchg } from '../../../src/sync/cmpxchg.ts'
import type { Cpu } from '../../../src/sync/cpu.ts'
import { nextGracePeriod, pushGracePeriod } from '../../../src/sync/grace-period.ts'
import { rcuOnline, rcuQuiescentState } from '../../../src/sync/quiescent-state.ts'
import { hintLoad, rcuAssignPointer, rcuDereference } from '../../../src/sync/rcu.ts'
import { cpuBase, initRcu, RCU } from '../../../src/sync/rcu-layout.ts'
import { refcountDecAndTest, refcountIncNotZero, refcountSet } from '../../../src/sync/refcount.ts'

const RCU_AT = 128
const HEAP = cpuBase(RCU_AT, 2)
/** Words of the heap. */
const POINTER = HEAP
const FLAG = HEAP + 1
const LIST = HEAP + 2
const COUNT = HEAP + 16
const FIELD = COUNT + 1
const NODE = HEAP + 32
const OTHER = HEAP + 48
const GOOD = 7
const POISON = 66

interface Given {
  readonly words: Int32Array
  readonly cpus: readonly Cpu[]
}

/** @explore alloc words[result] size=16 kind='object' */
function object(words: Int32Array, at: number): number {
  return words === null ? 0 : at
}

function setup(): Given {
  const words = new Int32Array(new SharedArrayBuffer(4 * (HEAP + 64)))
  initRcu(words, RCU_AT, 2)
  const bytes = new Uint8Array(words.buffer)
  const cpus = [0, 1].map(
    (id): Cpu => ({ id, words, bytes, base: cpuBase(RCU_AT, id), rcu: RCU_AT, callbacks: [], mayPark: false }),
  )
  words[HEADER.optmemMax] = 5
  for (const at of [COUNT, NODE, OTHER]) object(words, at)
  return { words, cpus }
}

const never = (value: number, what: string) => (_: Given, results: readonly unknown[]) => {
  if (results.includes(value)) throw new Error(what)
}

/** A CPU that comes online and reads, against one that unlinks, sees a grace period end and frees. */
export const comingOnline = {
  setup: () => {
    const given = setup()
    given.words[FIELD] = GOOD
    given.words[POINTER] = COUNT
    return given
  },
  threads: [
    ({ cpus: [cpu], words }: Given) => {
      rcuOnline(cpu)
      const at = rcuDereference(words, POINTER)
      return at === 0 ? 0 : words[at + 1]
    },
    ({ cpus: [, cpu], words }: Given) => {
      rcuAssignPointer(words, POINTER, 0)
      const target = nextGracePeriod(cpu)
      pushGracePeriod(cpu)
      if (Atomics.load(words, RCU_AT + RCU.completed) !== target) return 0
      words[FIELD] = POISON
      return 1
    },
  ],
  after: never(POISON, 'read what was freed'),
}

/** A reader between two sections, which reports, against one that unlinks and frees. */
export const quiescentState = {
  setup: () => {
    const given = setup()
    given.words[FIELD] = GOOD
    given.words[POINTER] = COUNT
    rcuOnline(given.cpus[0])
    return given
  },
  threads: [
    ({ cpus: [cpu], words }: Given) => {
      rcuQuiescentState(cpu)
      const at = rcuDereference(words, POINTER)
      return at === 0 ? 0 : words[at + 1]
    },
    ({ cpus: [, cpu], words }: Given) => {
      rcuAssignPointer(words, POINTER, 0)
      const target = nextGracePeriod(cpu)
      pushGracePeriod(cpu)
      pushGracePeriod(cpu)
      if (Atomics.load(words, RCU_AT + RCU.completed) !== target) return 0
      words[FIELD] = POISON
      return 1
    },
  ],
  after: never(POISON, 'read what was freed'),
}

/** Publishes an object with a count of 1, drops that reference, and poisons what nobody holds; a reader takes one. */
export const takingReference = {
  setup,
  threads: [
    ({ words }: Given) => {
      words[FIELD] = GOOD
      refcountSet(words, COUNT, 1)
      rcuAssignPointer(words, POINTER, COUNT)
      if (refcountDecAndTest(words, COUNT)) words[FIELD] = POISON
    },
    ({ words }: Given) => {
      const count = rcuDereference(words, POINTER)
      if (count === 0 || !refcountIncNotZero(words, count)) return GOOD
      return words[FIELD]
    },
  ],
  after: (_: Given, [, read]: readonly unknown[]) => {
    if (read !== GOOD) throw new Error(`took a reference and read ${read}`)
  },
}

/** An object that is filled in and published where nobody was first, as a socket's storage is. */
export const publishedOnce = {
  setup,
  threads: [
    ({ words }: Given) => {
      words[FIELD] = GOOD
      return cmpxchg(words, POINTER, 0, COUNT)
    },
    ({ words }: Given) => {
      const at = rcuDereference(words, POINTER)
      return at === 0 ? GOOD : words[at + 1]
    },
  ],
  after: (_: Given, [, read]: readonly unknown[]) => {
    if (read !== GOOD) throw new Error(`found an object with ${read} in it`)
  },
}

/** A node that is filled in and put at the front of a list that a reader walks. */
export const publishedNode = {
  setup,
  threads: [
    ({ words }: Given) => {
      words[NODE + HLIST_NODE.SIZE] = GOOD
      hlistAddHeadRcu(words, NODE, LIST)
    },
    ({ words }: Given) => {
      const node = rcuDereference(words, LIST)
      return node === 0 ? GOOD : words[node + HLIST_NODE.SIZE]
    },
  ],
  after: (_: Given, [, read]: readonly unknown[]) => {
    if (read !== GOOD) throw new Error(`found a node with ${read} in it`)
  },
}

/** The node of an element that is taken off its list, told by an atomic store. */
export const unlinkedNode = {
  setup: () => {
    const given = setup()
    hlistAddHeadRcuLockless(given.words, OTHER, LIST)
    hlistAddHeadRcuLockless(given.words, NODE, LIST)
    return given
  },
  threads: [
    ({ words }: Given) => {
      hlistDelInitRcuLockless(words, NODE)
      Atomics.store(words, FLAG, 1)
    },
    ({ words }: Given) => {
      if (Atomics.load(words, FLAG) === 0) return 'not yet'
      return `${hlistUnhashedLockless(words, NODE)} ${rcuDereference(words, LIST) === OTHER} ${hintLoad(words, OTHER + HLIST_NODE.pprev) === LIST}`
    },
  ],
  after: (_: Given, [, saw]: readonly unknown[]) => {
    if (saw !== 'not yet' && saw !== 'true true true') throw new Error(`told that it is off the list, and saw ${saw}`)
  },
}

/** Two who charge a socket up to its limit, one of whom takes it back. */
export const charging = {
  setup,
  threads: [
    ({ cpus: [cpu] }: Given) => {
      if (!omemCharge(cpu, NODE as Sk, 3)) return 0
      omemUncharge(cpu, NODE as Sk, 3)
      return 0
    },
    ({ cpus: [, cpu] }: Given) => (omemCharge(cpu, NODE as Sk, 2) ? 2 : 0),
  ],
  after: ({ words }: Given, [, charged]: readonly unknown[]) => {
    const now = words[NODE + SOCK.omemAlloc]
    if (now !== charged) throw new Error(`charged ${now}, expected ${charged}`)
  },
}

/** One who takes back its charge and looks who waits for room, against one who says that it waits and tries again. */
export const chargingAgain = {
  setup: () => {
    const given = setup()
    given.words[NODE + SOCK.omemAlloc] = 3
    return given
  },
  threads: [
    ({ cpus: [cpu], words }: Given) => {
      omemUncharge(cpu, NODE as Sk, 3)
      return Atomics.load(words, FLAG)
    },
    ({ cpus: [, cpu], words }: Given) => {
      Atomics.store(words, FLAG, 1)
      return omemCharge(cpu, NODE as Sk, 3)
    },
  ],
  after: (_: Given, [waits, charged]: readonly unknown[]) => {
    if (waits === 0 && charged !== true) throw new Error('refused by a charge that was taken back, and nobody was told')
  },
}

/** One who sets a count and looks who asks for a reference, against one who says that it asks and tries to take one. */
export const takingFirstReference = {
  setup,
  threads: [
    ({ words }: Given) => {
      refcountSet(words, COUNT, 1)
      return Atomics.load(words, FLAG)
    },
    ({ words }: Given) => {
      Atomics.store(words, FLAG, 1)
      return refcountIncNotZero(words, COUNT)
    },
  ],
  after: (_: Given, [asks, taken]: readonly unknown[]) => {
    if (asks === 0 && taken !== true) throw new Error('refused by a count of 0 that was 1 already, and nobody was told')
  },
}
