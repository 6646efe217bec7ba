/**
 * One execution, step by step, with a person in place of the scheduler.
 *
 * A moment is the schedule that leads to it. Going there runs the threads from the start along that schedule and looks
 * around: who could go on, why somebody can't, who holds what. So stepping back is stepping to a shorter schedule, and
 * nothing can drift from what the search sees.
 */

import { waitOf } from './detectors/wait.ts'
import { endingOf } from './engine/ending.ts'
import { shapeOf } from './engine/memory.ts'
import { isEnabled } from './engine/pending.ts'
import { nameOfThread } from './engine/state.ts'
import { ABSENT, DONE, LAZY } from './engine/thread-status.ts'
import { record, type Step } from './failure/record.ts'
import { createProgram } from './program/program.ts'
import type { ViolationKind } from './result.ts'
import { KINDS } from './runtime/kinds.ts'
import { runtime } from './runtime/runtime.ts'
import type { Site } from './runtime/site.ts'
import type { Scenario } from './scenario.ts'
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
  readonly next: { readonly operation: string; readonly place: string; readonly site: Site | undefined } | undefined
  /** What it returned. */
  readonly result: unknown
  /** Whether it is inside an RCU read section. */
  readonly inReadSection: boolean
}

/** A step that was performed. */
export interface PerformedStep extends Step {
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
  /** Objects of the allocator, dead ones included. */
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

/** A scenario that can be stepped. */
export interface Stepper<Context> {
  /** What setup returned. */
  readonly context: Context
  /** Where an element of a shared view lies, in the addresses of steps and locks. */
  addressOf(view: ArrayBufferView, index: number): number
  /** Runs these threads, one step each, from the start. */
  at(threads: readonly (number | string)[]): Moment
}

/** Sets a scenario up to be stepped. Throws a TypeError for a thread that is not instrumented. */
export function createStepper<Context>(scenario: Scenario<Context>): Stepper<Context> {
  let context: Context | undefined
  const setup = () => (context = scenario.setup())
  const program = createProgram({ ...scenario, setup }, {})
  const { x, placeName } = program
  x.limits.maxSteps = 20_000
  // What an earlier moment has seen is not seen yet.
  program.judgeAlone()

  const threadView = (t: number): ThreadView => {
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
      // A thread that has not started has entered nothing yet.
      inReadSection: x.position.status[t] !== LAZY && (x.primitives.sections[t] & 1) === 1,
    }
  }

  const look = (threads: readonly (number | string)[]): Moment => {
    const { trace, primitives } = x
    x.limits.stopAtFinding = true
    const { steps, schedule, diverged } = record(x, threads, placeName, false)
    const views: ThreadView[] = []
    for (let t = 0; t < trace.threads; t++) if (x.position.status[t] !== ABSENT) views.push(threadView(t))
    const { locks, shadow } = primitives
    const held = locks.address
      .slice(0, locks.count)
      .map((address, k) => ({ address, place: placeName(address), owner: locks.owner[k] }))
    const objects = shadow.allocations
      .slice(0, shadow.count)
      .map(({ kind, pointer, start, end, live, made, freed }): ObjectView => {
        return { kind, pointer, words: (end - start) >> 2, live, made, freed }
      })
    const stuck = x.position.stopped === '' && views.every(({ status }) => status !== 'ready')
    if (stuck) program.judge(endingOf(x))
    const finding = x.findings[0]
    const performed = steps.map((step, i): PerformedStep => {
      return { ...step, label: x.program.labels[step.thread], address: trace.address[i], at: runtime.sites[step.site] }
    })
    return {
      schedule,
      steps: performed,
      threads: views,
      locks: held,
      objects,
      ending:
        x.position.stopped !== ''
          ? 'stopped'
          : stuck
            ? endingOf(x) === 'complete'
              ? 'complete'
              : 'blocked'
            : 'running',
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

  return {
    context: context as Context,
    addressOf: (view, index) => {
      const shape = shapeOf(x.memory, view)
      return shape === null ? 0 : shape.base + index * shape.size
    },
    at: (threads) => program.answering(() => look(threads)),
  }
}
