/**
 * A moment of an execution: who could go on, why somebody can't, who holds what.
 */

import { waitOf } from './detectors/wait.ts'
import { endingOf } from './engine/ending.ts'
import { isEnabled } from './engine/pending.ts'
import { type Execution, nameOfThread } from './engine/state.ts'
import { ABSENT, DONE, LAZY } from './engine/thread-status.ts'
import { record } from './failure/record.ts'
import type { Step } from './failure/step.ts'
import type { Program } from './program/program.ts'
import type { ViolationKind } from './result.ts'
import { type CallView, callsOf } from './runtime/calls-in-progress.ts'
import { KINDS } from './runtime/kinds.ts'
import { runtime } from './runtime/runtime.ts'
import type { Site } from './runtime/site.ts'
import { kindLetters, replayLine } from './schedule/replay-line.ts'
import type { Schedule } from './schedule/schedule.ts'

/** What a thread is about to do, or why it can't. */
export interface ThreadView {
  /** Number of the thread, from 0. */
  readonly thread: number
  /** Its name in schedules: its number, or `2.1` for the first callback that thread 2 queued. */
  readonly label: string
  /** Its name from `threadNames`. */
  readonly name: string
  /** Whether it can go on. */
  readonly status: 'ready' | 'blocked' | 'ended'
  /** Why it is blocked, as "waits for word 3, held by CPU 1"; '' otherwise. */
  readonly why: string
  /** The thread it waits for, if that can be told. */
  readonly waitsFor: number | undefined
  /** Its next step; undefined once it has ended. */
  readonly next:
    | {
        readonly operation: string
        readonly place: string
        readonly site: Site | undefined
        /**
         * Under a memory model, of a step that reads: the stores that it may read, the latest last. `1r3` is the step
         * of thread 1 that reads what step 3 stored; without an `r` it reads the last of these.
         */
        readonly mayRead?: readonly StoreView[] | undefined
      }
    | undefined
  /** What it returned. */
  readonly result: unknown
  /**
   * The calls that it is in, outermost first, with their variables: of those whose text was transformed with `locals`,
   * as the teaching page's is. Otherwise none.
   */
  readonly calls: readonly CallView[]
  /** Whether it is inside an RCU read section. */
  readonly inReadSection: boolean
}

/** A store that a load may read. */
export interface StoreView {
  /** The number of the step that stored, from 1 on; 0: what was there before all threads. */
  readonly step: number
  /** Where bytes are of different stores, the step of each; `step` is the first then. `1r3_0` says them. */
  readonly bytes?: readonly number[] | undefined
  /** The thread that stored; undefined: nobody did. */
  readonly thread: number | undefined
  /** The value, as text. */
  readonly value: string
  /** Whether no later step stored there, in any byte: what an interleaving would read. */
  readonly isLatest: boolean
}

/** A step that was performed. */
export interface PerformedStep extends Step {
  /** Under a memory model, of a load: the step whose store it reads; 0: what was there before all threads. */
  readonly readsFrom?: number | undefined
  /** Where its bytes are of different stores: the step of each, in place of `readsFrom`. */
  readonly bytesFrom?: readonly number[] | undefined
  /** Name of the thread in schedules. */
  readonly label: string
  /** Flat address of what it touches, as `addressOf` gives it. */
  readonly address: number
  /** Where it stands in the source; undefined if unknown. */
  readonly at: Site | undefined
}

/** An object of the program's allocator. */
export interface ObjectView {
  /** The allocator's name for such objects. */
  readonly kind: string
  /** The element index by which the program refers to it. */
  readonly pointer: number
  /** Its size, in elements of the view. */
  readonly words: number
  /** False once it was freed. */
  readonly live: boolean
  /** Numbers of the steps that made and freed it, or -1. */
  readonly made: number
  /** Number of the step that freed it, or -1. */
  readonly freed: number
}

/** What is wrong with an execution. */
export interface Wrong {
  /** What kind of fault it is. */
  readonly kind: ViolationKind
  /** One sentence. */
  readonly message: string
  /** The steps it is about, by number. */
  readonly steps: readonly number[]
}

/**
 * The state of an execution after some steps. The scenario's own memory holds that state too, until the next moment is
 * asked for.
 */
export interface Moment {
  /** The schedule that leads here. */
  readonly schedule: Schedule
  /** The steps that were performed, in order. */
  readonly steps: readonly PerformedStep[]
  /** The scenario's threads, and behind them the callbacks that were queued. */
  readonly threads: readonly ThreadView[]
  /** Locks that are held. */
  readonly locks: readonly { readonly address: number; readonly place: string; readonly owner: number }[]
  /** Objects of the allocator, dead ones included; none under a memory model. */
  readonly objects: readonly ObjectView[]
  /** How the execution ended, if it has. */
  readonly ending: 'running' | 'complete' | 'blocked' | 'stopped'
  /** What is wrong so far, or undefined. */
  readonly wrong: Wrong | null
  /** Set if the schedule could not be followed; then this is the moment before the step that could not be taken. */
  readonly diverged: { readonly step: number; readonly why: string } | undefined
  /** What `replay` takes to come here again. */
  readonly replay: string
}

/** Runs these threads, one step each, from the start, and looks around. */
export function momentAfter(program: Program, threads: readonly (number | string)[]): Moment {
  const { x, placeName } = program
  const { trace } = x
  x.limits.stopAtFinding = true
  const { steps, schedule, diverged } = record(x, threads, placeName, false)
  const views: ThreadView[] = []
  for (let t = 0; t < trace.threads; t++) if (x.position.status[t] !== ABSENT) views.push(threadView(program, t))
  const locks = heldLocks(program)
  const objects = objectsOf(x)
  const stuck = x.position.stopped === '' && views.every(({ status }) => status !== 'ready')
  if (stuck) program.judge(endingOf(x))
  const finding = x.findings[0]
  return {
    schedule,
    steps: steps.map((step, i) => {
      return { ...step, label: x.program.labels[step.thread], address: trace.address[i], at: runtime.sites[step.site] }
    }),
    threads: views,
    locks,
    objects,
    ending: stateOf(x, stuck),
    wrong: finding
      ? { kind: finding.kind as ViolationKind, message: finding.message, steps: finding.events.filter((i) => i >= 0) }
      : null,
    diverged,
    replay: replayLine({
      scenario: program.name,
      fingerprint: program.fingerprint(steps.map(({ site }) => site)),
      schedule,
      kinds: kindLetters(steps.map(({ kind }) => kind)),
    }),
  }
}

/** A thread, as it stands now. */
function threadView({ x, placeName }: Program, t: number): ThreadView {
  const goesOn = isEnabled(x, t) || x.position.stopped !== ''
  const status = x.position.status[t] === DONE ? 'ended' : goesOn ? 'ready' : 'blocked'
  const wait = status === 'blocked' ? waitOf(x, t, placeName) : undefined
  const p = x.position.pending[t]
  const touches = p.shape !== null && p.end > p.start
  return {
    thread: t,
    label: x.program.labels[t],
    name: nameOfThread(x, t),
    status,
    why: wait?.why ?? '',
    waitsFor: wait?.whom,
    next:
      status === 'ended'
        ? undefined
        : {
            operation: KINDS[p.kind]?.name ?? 'goes on',
            place: touches ? placeName(p.start) : '',
            site: runtime.sites[p.site],
          },
    result: x.position.results[t],
    calls: status === 'ended' || x.position.status[t] === LAZY ? [] : callsOf(t),
    // A thread that has not started has entered nothing yet.
    inReadSection: x.position.status[t] !== LAZY && (x.primitives.sections[t] & 1) === 1,
  }
}

function heldLocks({ x, placeName }: Program): Moment['locks'] {
  const { address, owner, count } = x.primitives.locks
  return address.slice(0, count).map((lock, k) => ({ address: lock, place: placeName(lock), owner: owner[k] }))
}

function objectsOf({ primitives: { shadow } }: Execution): ObjectView[] {
  return shadow.allocations.slice(0, shadow.count).map(({ kind, pointer, start, end, live, made, freed }) => {
    return { kind, pointer, words: (end - start) >> 2, live, made, freed }
  })
}

function stateOf(x: Execution, stuck: boolean): Moment['ending'] {
  if (x.position.stopped !== '') return 'stopped'
  if (!stuck) return 'running'
  return endingOf(x) === 'complete' ? 'complete' : 'blocked'
}
