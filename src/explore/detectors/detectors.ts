/**
 * All detectors together, hung into an execution.
 */
import type { Ending } from '../engine/ending.ts'
import { type Finding, fail } from '../engine/finding.ts'
import { SECTIONS } from '../engine/memory.ts'
import { allocationAt } from '../engine/shadow.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { DONE } from '../engine/thread-status.ts'
import { FREE, KINDS } from '../runtime/kinds.ts'
import { createRaceDetector, type RaceDetector } from './data-race.ts'
import { judgeEnd } from './deadlock.ts'
import { does, judgeAccess, nameOf } from './heap.ts'
import { leaks } from './leaks.ts'
import { createLockOrder, heldAtExit, judgeLocking } from './lock-rules.ts'

export interface Detectors {
  /** Looks at an execution that has ended by itself. */
  atEnd(ending: Ending): void
  /** From now on judges each execution as if there had been no other. */
  judgeAlone(): void
  readonly races: RaceDetector
}

/** Which detectors look. All of them unless switched off. */
export interface DetectorOptions {
  /** Accesses that nothing orders. */
  dataRaces?: boolean
  /** Use after free, double free and overflow, for allocators that are tagged. */
  heap?: boolean
  /** Objects that no word points to at the end. */
  leaks?: boolean
  /** Lock order and misuse. */
  locks?: boolean
  /** Threads that can't go on. */
  deadlocks?: boolean
}

/** Hangs detectors into an execution. `placeName` names an address for a reader. */
export function attachDetectors(
  x: Execution,
  options: DetectorOptions,
  placeName: (address: number) => string,
): Detectors {
  const { trace } = x
  const races = createRaceDetector(x)
  const order = createLockOrder()
  const report = (i: number, fault: Omit<Finding, 'at' | 'thread'>) =>
    fail(x, {
      ...fault,
      at: i,
      thread: trace.thread[i],
      message: `${nameOfThread(x, trace.thread[i])}: ${fault.message}`,
    })

  x.hooks.detect = (i) => {
    if (trace.address[i] >= SECTIONS || trace.shape[i] === null) {
      if (options.dataRaces !== false) races.look(i)
      if (options.locks !== false) {
        const fault = judgeLocking(x, i, order, placeName)
        if (fault !== undefined) report(i, fault)
      }
      return
    }
    if (options.heap !== false && x.primitives.shadow.used) {
      const fault = judgeAccess(x, i)
      if (fault !== undefined) {
        report(i, fault)
        return
      }
    }
    if (options.dataRaces !== false) {
      const j = races.look(i)
      if (j >= 0) report(i, raceFinding(x, i, j, placeName))
    }
    if (options.locks !== false) {
      const fault = judgeLocking(x, i, order, placeName)
      if (fault !== undefined) report(i, fault)
    }
  }

  return {
    races,
    judgeAlone() {
      order.alone = true
    },
    atEnd(ending) {
      if (ending === 'blocked' && options.deadlocks !== false) {
        const deadlock = judgeEnd(x, placeName)
        if (deadlock !== undefined) {
          fail(x, deadlock)
          return
        }
      }
      if (options.locks !== false && x.primitives.locks.count > 0) {
        for (let t = 0; t < trace.threads; t++) {
          if (x.position.status[t] !== DONE) continue
          const held = heldAtExit(x, t, placeName)
          if (held !== undefined) fail(x, held)
        }
      }
      if (options.leaks !== false && x.primitives.shadow.used) {
        for (const leaked of leaks(x)) {
          fail(x, {
            kind: 'leak',
            message: `nothing refers to ${nameOf(leaked)} any more, and it was not freed`,
            sites: leaked.made >= 0 ? [trace.site[leaked.made]] : [],
            events: leaked.made >= 0 ? [leaked.made] : [],
            thread: leaked.made >= 0 ? trace.thread[leaked.made] : 0,
            at: -1,
          })
        }
      }
    },
  }
}

function raceFinding(x: Execution, i: number, j: number, placeName: (address: number) => string) {
  const { trace } = x
  if (trace.kind[i] === FREE || trace.kind[j] === FREE) return unorderedFree(x, i, j)
  const what = (k: number) => KINDS[trace.kind[k]].name
  const where = placeName(Math.max(trace.address[i], trace.address[j]))
  const other = nameOfThread(x, trace.thread[j])
  return {
    kind: 'data-race',
    message: `${what(i)} of ${where} is not ordered with the ${what(j)} by ${other}`,
    sites: [trace.site[i], trace.site[j]],
    events: [i, j],
  }
}

/** One of the two frees the object that the other uses. In this execution the use came first. */
function unorderedFree(x: Execution, i: number, j: number) {
  const { trace } = x
  const use = trace.kind[i] === FREE ? j : i
  const object = allocationAt(x.primitives.shadow, trace.address[use])
  const name = object === undefined ? 'an object' : nameOf(object)
  const events = [i, j, object?.made ?? -1].filter((event) => event >= 0)
  return {
    kind: 'use-after-free',
    message: `${does(x, i)} ${name}, which ${nameOfThread(x, trace.thread[j])} ${does(x, j)}, and nothing orders the two: in another order it is used after it was freed`,
    sites: events.map((event) => trace.site[event]),
    events,
  }
}
