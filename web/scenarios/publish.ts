/**
 * One CPU fills an object in and publishes a pointer to it; the other follows the pointer.
 */

import { setting } from '../../props/scenarios/setting.ts'
import { kfree, kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuAssignPointer, rcuDereference, rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'

/** Words of an object. Its first one holds what a reader wants. */
const SIZE = 16

interface Shared {
  readonly cpus: readonly Cpu[]
  /** A word that others read to find the object. */
  readonly head: number
}

function setup(): Shared {
  const { cpus } = setting({ maps: 0, sockets: 0 })
  const head = kmalloc(cpus[2], KIND.file, SIZE)
  cpus[2].words[head] = 0
  return { cpus, head }
}

function fillAndPublish({ cpus, head }: Shared): void {
  const { words } = cpus[0]
  const object = kmalloc(cpus[0], KIND.elem, SIZE)
  words[object] = 42
  rcuAssignPointer(words, head, object)
}

function follow({ cpus, head }: Shared): number {
  const { words } = cpus[1]
  rcuReadLock(cpus[1])
  const object = rcuDereference(words, head)
  const value = object === 0 ? -1 : words[object]
  rcuReadUnlock(cpus[1])
  return value
}

/** The reader finds nothing, or 42. */
export const publish = { setup, threads: [fillAndPublish, follow], outcome: outcomeOfReader }

function withObject(): Shared {
  const shared = setup()
  fillAndPublish(shared)
  return shared
}

function unlinkAndFree({ cpus, head }: Shared): void {
  const { words } = cpus[0]
  const object = words[head]
  rcuAssignPointer(words, head, 0)
  synchronizeRcu(cpus[0])
  kfree(cpus[0], KIND.elem, SIZE, object)
}

/** The writer frees the object once nobody can still be looking at it. */
export const gracePeriod = { setup: withObject, threads: [unlinkAndFree, follow], outcome: outcomeOfReader }

function outcomeOfReader(_: Shared, results: readonly unknown[]): string {
  return results[1] === -1 ? 'the reader found nothing' : `the reader read ${results[1]}`
}
