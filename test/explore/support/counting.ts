/** Small programs over named words, and how many executions an exact search makes of them. */
import { announce } from '../../../src/explore/engine/announce.ts'
import { createExecution, type Execution } from '../../../src/explore/engine/state.ts'
import { beginTurn } from '../../../src/explore/engine/turns.ts'
import { litmus } from '../../../src/explore/litmus.ts'
import { ALOAD, ASTORE, AWAIT, CAS, LOCK, RMW, TRYLOCK, UNLOCK } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { createOptimal } from '../../../src/explore/search/optimal.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'

export interface Counts {
  complete: number
  blocked: number
  redundant: number
  failing: number
  outcomes: Map<string, number>
  peakAhead: number
  newPoints: number
}

/** Runs `work` with the runtime answered by this execution. */
export function answering<T>(x: Execution, work: () => T): T {
  const before = runtime.install({
    op: (kind, site, view, index, a, b) => announce(x, kind, site, view, index, a, b),
    turn: (loop, left, values) => beginTurn(x, loop, left, values),
    plain: () => {},
    refuse: () => {},
  })
  try {
    return work()
  } finally {
    runtime.install(before)
  }
}

function count(threads: readonly (() => Twin)[], final: () => string = () => ''): Counts {
  const x = createExecution(
    threads,
    threads.map((_, t) => `${t}`),
  )
  x.limits.stopAtFinding = false
  const counts: Counts = {
    complete: 0,
    blocked: 0,
    redundant: 0,
    failing: 0,
    outcomes: new Map(),
    peakAhead: 0,
    newPoints: 0,
  }
  return answering(x, () => {
    const search = createOptimal(x)
    for (let ending = nextExecution(x, search); ending !== undefined; ending = nextExecution(x, search)) {
      if (ending === 'stopped') throw new Error(`stopped: ${x.position.stopped} ${JSON.stringify(x.findings)}`)
      counts[ending]++
      if (x.findings.length > 0) counts.failing++
      const key = `${JSON.stringify(x.position.results)} ${final()} ${ending}`
      counts.outcomes.set(key, (counts.outcomes.get(key) ?? 0) + 1)
    }
    counts.peakAhead = search.peakAhead()
    counts.newPoints = x.totals.newSteps
    return counts
  })
}

export function countLitmus(text: string): Counts {
  const { threads, final } = litmus(text)
  return count(threads, final)
}

/** The words of a hand-written program, by name, and its operations. */
export function program(build: (p: Words) => (() => Twin)[]): Counts {
  const words = new Int32Array(new SharedArrayBuffer(256))
  return count(build(wordsOf(words)), () => words.join())
}

export interface Words {
  w(name: string, value: number): Twin<void>
  r(name: string): Twin<number>
  add(name: string, value: number): Twin<number>
  cas(name: string, expected: number, next: number): Twin<number>
  lock(name: string): Twin<void>
  unlock(name: string): Twin<void>
  tryLock(name: string): Twin<boolean>
  until(name: string, holds: (value: number) => boolean): Twin<void>
  words: Int32Array
  at(name: string): number
}

export function wordsOf(words: Int32Array): Words {
  const names: string[] = []
  const at = (name: string) => {
    if (!names.includes(name)) names.push(name)
    return names.indexOf(name)
  }
  return {
    words,
    at,
    *w(name, value) {
      runtime.op(ASTORE, 0, words, at(name)) || (yield)
      Atomics.store(words, at(name), value)
    },
    *r(name) {
      runtime.op(ALOAD, 0, words, at(name)) || (yield)
      return Atomics.load(words, at(name))
    },
    *add(name, value) {
      runtime.op(RMW, 0, words, at(name)) || (yield)
      return Atomics.add(words, at(name), value)
    },
    *cas(name, expected, next) {
      runtime.op(CAS, 0, words, at(name), expected, next) || (yield)
      return Atomics.compareExchange(words, at(name), expected, next)
    },
    *lock(name) {
      runtime.op(LOCK, 0, words, at(name)) || (yield)
    },
    *unlock(name) {
      runtime.op(UNLOCK, 0, words, at(name)) || (yield)
    },
    *tryLock(name) {
      runtime.op(TRYLOCK, 0, words, at(name)) || (yield)
      return runtime.result as boolean
    },
    *until(name, holds) {
      runtime.op(AWAIT, 0, words, at(name), holds) || (yield)
    },
  }
}
