/**
 * The built machine for tests: threads run what is in dist, so the main thread does too.
 *
 * Every test goes through onMachine, which turns a hang into a failure that tells what each CPU was waiting for.
 */

import { expect, vi } from 'vitest'
import type { BootOptions, Machine } from '../../src/index.ts'

const importer = 'data:text/javascript,export default (url) => import(url)'
/**
 * Node's own import, which a data: URL gets us: the test runner's would transform the build, and the threads would run
 * another text than we.
 */
const { default: nativeImport } = (await import(/* @vite-ignore */ importer)) as {
  default: (url: string) => Promise<unknown>
}

/**
 * A module of the build, with the types of its source. By a computed URL, so that types are checked without a build.
 */
export async function built<Module>(path: string): Promise<Module> {
  return (await nativeImport(new URL(`../../dist/${path}.js`, import.meta.url).href)) as Module
}

export const sk = await built<typeof import('../../src/index.ts')>('src/index')
const { describeWord } = await built<typeof import('../../src/shared/describe.ts')>('src/shared/describe')
const { cpuBase } = await built<typeof import('../../src/sync/rcu-layout.ts')>('src/sync/rcu-layout')
const { PERCPU } = await built<typeof import('../../src/sync/cpu.ts')>('src/sync/cpu')
const { HEADER } = await built<typeof import('../../src/shared/records.ts')>('src/shared/records')

/** A worker module under test/workers/modules. */
export function moduleUrl(name: string): URL {
  return new URL(`./modules/${name}.js`, import.meta.url)
}

// The runner's own limit would fail a test without its story; ours comes first.
vi.setConfig({ testTimeout: 120_000 })

/** What a test that is not told otherwise may take before it counts as hung, in seconds. */
const PATIENCE = 60

/** Resolves as `promise` does, or fails after so many seconds with the story of the machine. */
export async function within<T>(machine: Machine, promise: Promise<T>, seconds = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hung for ${seconds} s; ${tellCpus(machine)}`)), seconds * 1000)
  })
  try {
    return await Promise.race([promise, hung])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Boots a machine, lets the test act on it, and expects it clean at the end: at rest nothing wrong, at shutdown nothing
 * left.
 */
export async function onMachine<T>(
  options: BootOptions,
  act: (machine: Machine) => Promise<T>,
  seconds = PATIENCE,
): Promise<T> {
  const machine = await sk.boot({ memory: 16 << 20, maxFds: 4096, ...options })
  try {
    const result = await within(machine, act(machine), seconds)
    await within(machine, machine.settle(), 20)
    expect(machine.check()).toEqual([])
    const { leaks } = await within(machine, machine.shutdown(), 20)
    expect(leaks).toEqual({ objects: 0, bytes: 0 })
    return result
  } finally {
    await machine.destroy()
  }
}

/** Boots a machine for a test that breaks it, and destroys it in the end. */
export async function onDoomedMachine<T>(options: BootOptions, act: (machine: Machine) => Promise<T>): Promise<T> {
  const machine = await sk.boot({ memory: 8 << 20, maxFds: 4096, watchdogMs: 500, ...options })
  try {
    return await within(machine, act(machine))
  } finally {
    await machine.destroy()
  }
}

/** 'CPU 1: depth 1, 0 locks, waits for the lock of bucket 0 of map 3', for each CPU that is online. */
function tellCpus({ memory }: Machine): string {
  const { words } = memory
  const stories: string[] = []
  for (let id = 0; id < words[HEADER.cpus]; id++) {
    const base = cpuBase(words[HEADER.rcu], id)
    const nesting = words[base + PERCPU.nesting]
    const kind = Atomics.load(words, base + PERCPU.waitingKind)
    const at = words[base + PERCPU.waitingAt]
    const waits = kind === 0 ? '' : `, waits (${kind}) for ${describeWord(memory, at)} at word ${at}`
    const state = nesting < 0 ? 'offline' : `depth ${nesting}, ${words[base + PERCPU.locksHeld]} locks`
    stories.push(`CPU ${id}: ${state}${waits}`)
  }
  return stories.join('; ')
}
