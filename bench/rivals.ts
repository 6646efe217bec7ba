/**
 * Other ways to count a socket's packets: what one would write without sk storage, and what can be installed for it.
 */

import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Packets, Run } from './egress.ts'
import { peer } from './peers.ts'
import type { MeasuredCase } from './suite.ts'
import { Unavailable } from './unavailable.ts'

/** The unshared bound: a Map of this thread's own. */
export function loadPrivateMap(counters: Map<number, { count: number }>, { sks }: Packets): Run {
  return (count) => {
    for (let i = 0; i < count; i++) {
      const sk = sks[i]
      const counter = counters.get(sk)
      if (counter === undefined) counters.set(sk, { count: 1 })
      else counter.count++
    }
  }
}

/** One table in shared memory, open addressing, twice as many places as keys; one mutex for all of it. */
export interface MutexTable {
  readonly words: Int32Array
  readonly mask: number
}

const FREE = 0
const LOCKED = 1
const CONTENDED = 2
/** The lock has a line to itself. */
const TABLE = 16

export function makeMutexTable(keys: number): MutexTable {
  const places = 2 ** Math.ceil(Math.log2(2 * keys))
  return { words: new Int32Array(new SharedArrayBuffer(4 * (TABLE + 2 * places))), mask: places - 1 }
}

/** The three-state mutex of "Futexes are tricky". */
function lock(words: Int32Array): void {
  if (Atomics.compareExchange(words, 0, FREE, LOCKED) === FREE) return
  while (Atomics.exchange(words, 0, CONTENDED) !== FREE) Atomics.wait(words, 0, CONTENDED)
}

function unlock(words: Int32Array): void {
  if (Atomics.exchange(words, 0, FREE) === CONTENDED) Atomics.notify(words, 0, 1)
}

/** Word of the counter under a key, which is made if there is none. Under the lock. */
export function placeOf({ words, mask }: MutexTable, key: number): number {
  let place = Math.imul(key, 0x9e3779b1) >>> 16
  for (;;) {
    const at = TABLE + 2 * (place & mask)
    if (words[at] === key) return at + 1
    if (words[at] === 0) {
      words[at] = key
      return at + 1
    }
    place++
  }
}

export function loadMutexTable(table: MutexTable, { sks }: Packets): Run {
  const { words } = table
  return (count) => {
    for (let i = 0; i < count; i++) {
      lock(words)
      words[placeOf(table, sks[i])]++
      unlock(words)
    }
  }
}

/** Nanoseconds a packet of the fastest batch, of those that fit into the time. */
async function fastest(ms: number, count: number, batch: () => void | Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  const end = performance.now() + ms
  do {
    const begin = performance.now()
    await batch()
    best = Math.min(best, ((performance.now() - begin) * 1e6) / count)
  } while (performance.now() < end)
  return best
}

/** A message to the owning thread for each packet, and one answer for each batch. */
export function ownerThreadCase(name: string, { sks }: Packets, count: number): MeasuredCase {
  let worker: Worker | undefined
  let sent = 0
  return {
    name,
    measure: ({ time }) => {
      worker ??= new Worker(new URL('./owner-worker.js', import.meta.url))
      const owner = worker
      return fastest(time, count, async () => {
        for (let i = 0; i < count; i++) owner.postMessage(sks[i])
        sent += count
        const handled = await new Promise<number>((resolve) => {
          owner.once('message', resolve)
          owner.postMessage(0)
        })
        if (handled !== sent) throw new Error(`${name}: got ${handled} packets handled, expected ${sent}`)
      })
    },
    end: async () => {
      await worker?.terminate()
    },
  }
}

/** What we use of lmdb. */
interface Database {
  get(key: number): number | undefined
  putSync(key: number, value: number): void
  transactionSync(work: () => void): void
  close(): Promise<void>
}

/** f_type of a tmpfs. */
const TMPFS_MAGIC = 0x01021994
const SHM = '/dev/shm'

function isTmpfs(path: string): boolean {
  try {
    return statfsSync(path).type === TMPFS_MAGIC
  } catch {
    return false
  }
}

/**
 * A database in memory that processes can share: a transaction for each packet, as each stands for itself. By putSync:
 * a put leaves a promise that only the event loop takes away.
 */
export function lmdbCase(name: string, { sks }: Packets, count: number): MeasuredCase {
  let path: string | undefined
  let database: Database | undefined
  let bumps = 0
  return {
    name,
    measure: async ({ time }) => {
      if (database === undefined) {
        if (!isTmpfs(SHM)) throw new Unavailable(`skipped: ${SHM} is no tmpfs here`)
        const { open } = (await peer('lmdb')) as { open(options: object): Database }
        path = mkdtempSync(join(SHM, 'sk-storage-bench-'))
        database = open({ path, noSync: true })
      }
      const db = database
      return fastest(time, count, () => {
        for (let i = 0; i < count; i++) {
          const key = sks[i]
          db.transactionSync(() => db.putSync(key, (db.get(key) ?? 0) + 1))
        }
        bumps += count
      })
    },
    end: async () => {
      let sum = 0
      if (database !== undefined) for (const key of new Set(sks.subarray(0, count))) sum += database.get(key) ?? 0
      await database?.close()
      if (path !== undefined) rmSync(path, { recursive: true })
      if (sum !== bumps) throw new Error(`${name}: got a sum of ${sum} over all counters, expected ${bumps}`)
    },
  }
}
