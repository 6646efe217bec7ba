/**
 * A module is unloaded: its last entry is freed by a callback, and the callback needs the module.
 */

import { setting } from '../../props/scenarios/setting.ts'
import { CALLBACK } from '../../src/shared/callbacks.ts'
import { kfree, kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { rcuAssignPointer, rcuDereference, rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { callRcu } from '../../src/sync/rcu-callback.ts'
import { rcuBarrier } from '../../src/sync/synchronize-rcu.ts'

/** An entry, and the module that it belongs to: what its entries are worth together. */
const ENTRY = { value: 0, module: 1, rcu: 2, SIZE: 16 } as const

/** The number of the module's own callback, behind those of the storage. */
const FREE_ENTRY = Object.keys(CALLBACK).length

interface Shared {
  readonly cpus: readonly Cpu[]
  /** A word that others read to find the entry. */
  readonly head: number
  readonly module: number
  readonly fields: readonly string[]
}

/** Takes an entry's value off its module, and frees the entry. */
function freeEntry(cpu: Cpu, rcu: number): void {
  const { words } = cpu
  const entry = rcu - ENTRY.rcu
  words[words[entry + ENTRY.module]] -= words[entry + ENTRY.value]
  kfree(cpu, KIND.elem, ENTRY.SIZE, entry)
}

function setup(): Shared {
  const given = setting({ maps: 0, sockets: 0 })
  const cpus = given.cpus.map((cpu) => ({ ...cpu, callbacks: { ...cpu.callbacks, [FREE_ENTRY]: freeEntry } }))
  const { words } = cpus[2]
  const head = kmalloc(cpus[2], KIND.file, ENTRY.SIZE)
  const module = kmalloc(cpus[2], KIND.elem, ENTRY.SIZE)
  const entry = kmalloc(cpus[2], KIND.elem, ENTRY.SIZE)
  words[module] = 42
  words[module + ENTRY.module] = 0
  words[entry + ENTRY.value] = 42
  words[entry + ENTRY.module] = module
  words[head] = entry
  return { cpus, head, module, fields: ['value', 'module'] }
}

function unload({ cpus, head, module }: Shared): void {
  const cpu = cpus[0]
  const entry = cpu.words[head]
  rcuAssignPointer(cpu.words, head, 0)
  callRcu(cpu, entry + ENTRY.rcu, FREE_ENTRY)
  rcuBarrier(cpu)
  kfree(cpu, KIND.elem, ENTRY.SIZE, module)
}

function look({ cpus, head }: Shared): number {
  const { words } = cpus[1]
  rcuReadLock(cpus[1])
  const entry = rcuDereference(words, head)
  const value = entry === 0 ? -1 : words[entry + ENTRY.value]
  rcuReadUnlock(cpus[1])
  return value
}

/** The module goes when nobody needs it: neither a reader nor a callback. */
export const moduleUnload = {
  setup,
  threads: [unload, look],
  outcome: (_: Shared, results: readonly unknown[]) =>
    results[1] === -1 ? 'the reader found nothing' : `the reader read ${results[1]}`,
}
