/**
 * A reader that wants to keep an object beyond its read section loads the pointer and then takes a reference.
 */

import { setting } from '../../props/scenarios/setting.ts'
import { kfree, kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuAssignPointer, rcuDereference, rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { refcountDecAndTest, refcountIncNotZero, refcountSet } from '../../src/sync/refcount.ts'
import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'

/** An object. Whoever can find it by the pointer holds one reference for that. */
const OBJECT = { value: 0, refcount: 1, SIZE: 16 } as const

interface Shared {
  readonly cpus: readonly Cpu[]
  /** A word that others read to find the object. */
  readonly head: number
  readonly fields: readonly string[]
}

function setup(): Shared {
  const { cpus } = setting({ maps: 0, sockets: 0 })
  const { words } = cpus[2]
  const head = kmalloc(cpus[2], KIND.file, OBJECT.SIZE)
  const object = kmalloc(cpus[2], KIND.elem, OBJECT.SIZE)
  words[object + OBJECT.value] = 42
  refcountSet(words, object + OBJECT.refcount, 1)
  words[head] = object
  return { cpus, head, fields: ['value', 'refcount'] }
}

/** Drops a reference. Who drops the last one waits for those who still look at the count, and frees. */
function put(cpu: Cpu, object: number): void {
  if (!refcountDecAndTest(cpu.words, object + OBJECT.refcount)) return
  synchronizeRcu(cpu)
  kfree(cpu, KIND.elem, OBJECT.SIZE, object)
}

function unlink({ cpus, head }: Shared): void {
  const { words } = cpus[0]
  const object = words[head]
  rcuAssignPointer(words, head, 0)
  put(cpus[0], object)
}

function keep({ cpus, head }: Shared): number {
  const { words } = cpus[1]
  rcuReadLock(cpus[1])
  const object = rcuDereference(words, head)
  const held = object !== 0 && refcountIncNotZero(words, object + OBJECT.refcount)
  rcuReadUnlock(cpus[1])
  if (!held) return -1
  const value = words[object + OBJECT.value]
  put(cpus[1], object)
  return value
}

/** The reader finds nothing, or keeps the object for as long as it needs it. */
export const takeReference = {
  setup,
  threads: [unlink, keep],
  outcome: (_: Shared, results: readonly unknown[]) =>
    results[1] === -1 ? 'the reader got nothing' : `the reader kept the object and read ${results[1]}`,
}
