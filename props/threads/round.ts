/**
 * One thread of a scenario on real threads: a worker. Each round begins with the memory that setup made; the first
 * thread puts it back and judges.
 */

import { parentPort } from 'node:worker_threads'
import { loadInstrumented } from '../../src/explore/index.ts'
import { below, createRandom } from '../../src/random/random.ts'
import { checkInvariants } from '../../src/shared/invariants.ts'
import { attach } from '../../src/shared/memory.ts'
import type { Cpu } from '../../src/sync/cpu.ts'
import { deferredWorkPending, runDeferredWork } from '../../src/sync/deferred-work.ts'
import { rcuOffline, rcuOnline } from '../../src/sync/quiescent-state.ts'
import { rcuBarrier } from '../../src/sync/synchronize-rcu.ts'
import type { Setting } from '../scenarios/setting.ts'
import { BOARD } from './board.ts'
import type { ThreadFinding, ThreadOrder, ThreadWord } from './rounds.ts'

interface ThreadScenario {
  readonly setup: () => Setting
  readonly threads: readonly ((given: Setting) => unknown)[]
  readonly after?: (given: Setting, results: readonly unknown[]) => void
}

/** Looks at the barrier before napping: there may be more threads than cores. */
const SPINS = 2000
/** Milliseconds between two looks at whether somebody wants to stop. */
const NAP = 20

const port = parentPort!
const tell = (word: ThreadWord) => port.postMessage(word)

let work: { scenario: ThreadScenario; given: Setting; board: Int32Array; id: number; gang: number } | undefined

port.on('message', async (order: ThreadOrder) => {
  if ('join' in order) {
    tell({ ended: rounds(order.join) })
    return
  }
  try {
    const { load, board, id, gang } = order
    const exports = await loadInstrumented(load.file, { edits: load.edits })
    const scenario = exports[load.name] as ThreadScenario
    work = { scenario, given: scenario.setup(), board, id, gang }
    tell({ ready: work.given.memory.buffer as SharedArrayBuffer })
  } catch (error) {
    tell({ failed: (error as Error).message })
  }
})

/** Runs rounds on the memory of the first thread until one goes wrong or the time is over. */
function rounds(buffer: SharedArrayBuffer): ThreadFinding | null {
  const { scenario, given, board, id, gang } = work!
  // Each thread ran setup, for CPUs whose callbacks are functions of its own. All of it but the memory is alike.
  const memory = attach(buffer)
  const cpus = given.cpus.map((cpu) => ({ ...cpu, words: memory.words, bytes: memory.bytes }))
  const shared = { ...given, memory, cpus }
  // Grace periods would wait for the CPUs that no thread runs.
  if (id === 0) for (const cpu of cpus.slice(gang)) rcuOffline(cpu)
  const fresh = id === 0 ? memory.words.slice() : undefined
  let turn = 0
  const random = createRandom(id + 1)
  /** Waits for the others. Returns false if somebody wants no further round. */
  const together = () => barrier(board, ++turn * gang)
  for (;;) {
    if (fresh !== undefined) {
      memory.words.set(fresh)
      Atomics.add(board, BOARD.rounds, 1)
    }
    if (!together()) return null
    // Not all at once each time, and not always equally late: windows meet in all positions.
    for (let idle = below(random, 8 << below(random, 8)); idle > 0; idle--) Atomics.load(board, BOARD.idle)
    try {
      const result = scenario.threads[id](shared)
      rcuOffline(cpus[id])
      if (scenario.after !== undefined) writeResult(board, id, result)
      if (!together()) return null
      if (id === 0) judge(scenario, shared, board, gang)
    } catch (error) {
      Atomics.store(board, BOARD.stop, 1)
      return findingOf(error)
    }
  }
}

/** Brings what is left to rest and throws if something is wrong there. */
function judge({ after }: ThreadScenario, given: Setting, board: Int32Array, gang: number): void {
  const { cpus, fds } = given
  const cpu: Cpu = cpus[cpus.length - 1]
  rcuOnline(cpu)
  rcuBarrier(cpu)
  while (deferredWorkPending(cpu) !== 0) runDeferredWork(cpu)
  after?.(
    given,
    Array.from({ length: gang }, (_, id) => readResult(board, id)),
  )
  // What has no descriptor they would take for lost.
  if (after !== undefined || fds.length === 0) return
  const wrong = checkInvariants(cpu)
  if (wrong.length > 0) throw new Error(wrong.join('; '))
}

/** Results are few and short: each is text in the thread's corner of the board. */
function writeResult(board: Int32Array, id: number, result: unknown): void {
  const text = JSON.stringify(result) ?? ''
  const at = BOARD.results + id * BOARD.RESULT
  if (text.length >= BOARD.RESULT)
    throw new RangeError(`got a result of ${text.length} characters, expected fewer than ${BOARD.RESULT}`)
  board[at] = text.length
  for (let i = 0; i < text.length; i++) board[at + 1 + i] = text.charCodeAt(i)
}

function readResult(board: Int32Array, id: number): unknown {
  const at = BOARD.results + id * BOARD.RESULT
  const text = String.fromCharCode(...board.slice(at + 1, at + 1 + board[at]))
  return text === '' ? undefined : JSON.parse(text)
}

/** Waits until there were so many arrivals. */
function barrier(board: Int32Array, arrivals: number): boolean {
  if (Atomics.add(board, BOARD.arrived, 1) + 1 === arrivals) Atomics.notify(board, BOARD.arrived)
  for (let spin = 0; ; spin++) {
    const arrived = Atomics.load(board, BOARD.arrived)
    if (arrived >= arrivals || Atomics.load(board, BOARD.stop) !== 0) break
    if (spin > SPINS) Atomics.wait(board, BOARD.arrived, arrived, NAP)
  }
  return Atomics.load(board, BOARD.stop) === 0
}

/** A code of the sanitizer or of a broken rule, 'assertion' for what a judge threw, else the name of the error. */
function findingOf(error: unknown): ThreadFinding {
  const { code, name, message } = error as Error & { code?: string }
  return { kind: code ?? (name === 'Error' ? 'assertion' : name), message }
}
