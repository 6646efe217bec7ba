/**
 * All detectors: the table, and how they are hung into an execution.
 */
import type { Ending } from '../engine/ending.ts'
import { fail } from '../engine/fail.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { createDataRaces } from './data-races.ts'
import { createDeadlocks } from './deadlocks.ts'
import type { CreateDetector, Detector, Fault, KnownFinding, PlaceName, Suspicion } from './detector.ts'
import { createHeap } from './heap.ts'
import { createLeaks } from './leaks.ts'
import { createLocks } from './locks.ts'
import { createLostUpdates } from './lost-updates.ts'

/** Each detector's name, what it looks for, and who makes it. They look in this order. */
export const DETECTORS = {
  deadlocks: { help: "threads that can't go on", create: createDeadlocks },
  heap: {
    help: 'use after free, double free and overflow, for allocators that are tagged',
    create: createHeap,
  },
  dataRaces: { help: 'accesses that nothing orders', create: createDataRaces },
  locks: { help: 'lock order and misuse', create: createLocks },
  leaks: { help: 'objects that no word points to or into at the end', create: createLeaks },
  lostUpdates: {
    help: 'loads and stores of one word by two threads, of which one takes away what the other stored; if asked for',
    create: createLostUpdates,
    onRequest: true,
  },
} as const satisfies Record<string, Entry>

interface Entry {
  readonly help: string
  readonly create: CreateDetector
  /** It looks only where it is asked to, since what it finds may be meant. */
  readonly onRequest?: boolean
}

/** A detector's name. */
export type DetectorName = keyof typeof DETECTORS

/** Which detectors look. All of them unless switched off, but for those that are to be asked for. */
export type DetectorOptions = { readonly [name in DetectorName]?: boolean | undefined }

/** The names, in the order in which they look. */
export const DETECTOR_NAMES = Object.keys(DETECTORS) as DetectorName[]

/** None looks. */
export const NO_DETECTORS: DetectorOptions = Object.fromEntries(DETECTOR_NAMES.map((name) => [name, false]))

/** The detectors of a search. */
export interface Detectors {
  /** Looks at an execution that has ended by itself. */
  atEnd(ending: Ending): void
  /**
   * From now on judges each execution as if there had been no other. Given a kind of fault, of those that another
   * execution would show only that one is told.
   */
  judgeAlone(only?: string): void
  /** From now on keeps what another execution would show: for a search that runs them all, and so would find it. */
  keepSuspicions(): void
  /** What was kept. */
  readonly suspicions: readonly Suspicion[]
  /** Threads of executions up to where a detector learned what may make another execution suspect. */
  learned(): readonly (readonly number[])[]
}

/** Hangs detectors into an execution. Throws a TypeError for options that name none. */
export function attachDetectors(x: Execution, options: DetectorOptions, placeName: PlaceName): Detectors {
  refuseUnknown(options)
  const looks = (name: DetectorName) => options[name] ?? (DETECTORS[name] as Entry).onRequest !== true
  const detectors: Detector[] = DETECTOR_NAMES.filter(looks).map((name) => DETECTORS[name].create(x, placeName))
  // Asked at every step, and at every end: lists of what there is to ask, in records of one shape.
  const looking = detectors.flatMap(({ look, final = false }): Looking[] =>
    look === undefined ? [] : [{ look, final }],
  )
  const ending = detectors.flatMap(({ atEnd, final = false }): AtEnd[] =>
    atEnd === undefined ? [] : [{ atEnd, final }],
  )
  const suspicions: Suspicion[] = []
  let keeps = false
  let only: string | undefined
  const report = (i: number, { elsewhere = false, ...fault }: Fault) => {
    const thread = x.trace.thread[i]
    const finding: KnownFinding = { ...fault, at: i, thread, message: `${nameOfThread(x, thread)}: ${fault.message}` }
    if (elsewhere && keeps) suspicions.push({ finding, threads: Array.from(x.trace.thread.subarray(0, i + 1)) })
    else if (!elsewhere || only === undefined || only === fault.kind) fail(x, finding)
  }

  x.hooks.detect = lookerOf(looking, report)
  return {
    atEnd(how) {
      for (let k = 0; k < ending.length; k++) {
        const { atEnd, final } = ending[k]
        const findings = atEnd(how)
        for (let j = 0; j < findings.length; j++) fail(x, findings[j])
        if (findings.length > 0 && final) return
      }
    },
    judgeAlone(kind) {
      keeps = false
      only = kind
      for (const each of detectors) each.judgeAlone?.()
    },
    keepSuspicions() {
      keeps = true
    },
    suspicions,
    learned: () => detectors.flatMap((each) => each.learned?.() ?? []),
  }
}

/**
 * Returns what looks at each new event. Each of the first detectors is called in a place of its own: there V8 puts its
 * code in place of the call, where a loop over all would cost as much as their work.
 */
function lookerOf(looking: readonly Looking[], report: (i: number, fault: Fault) => void): (i: number) => void {
  const [first = NOBODY, second = NOBODY, third = NOBODY, ...more] = looking
  return (i) => {
    const one = first.look(i)
    if (one !== undefined) report(i, one)
    if (one !== undefined && first.final) return
    const two = second.look(i)
    if (two !== undefined) report(i, two)
    if (two !== undefined && second.final) return
    const three = third.look(i)
    if (three !== undefined) report(i, three)
    if (three !== undefined && third.final) return
    for (let k = 0; k < more.length; k++) {
      const fault = more[k].look(i)
      if (fault === undefined) continue
      report(i, fault)
      if (more[k].final) return
    }
  }
}

const NOBODY: Looking = { look: () => undefined, final: false }

type Looking = Required<Pick<Detector, 'look' | 'final'>>
type AtEnd = Required<Pick<Detector, 'atEnd' | 'final'>>

/** A detector that is misspelt would look on, and nobody would know. */
function refuseUnknown(options: DetectorOptions): void {
  for (const [name, on] of Object.entries(options)) {
    if (!Object.hasOwn(DETECTORS, name)) {
      throw new MisuseError(`detect: got '${name}', expected ${DETECTOR_NAMES.join(', ')}`)
    }
    if (on !== undefined && typeof on !== 'boolean') {
      throw new MisuseError(`detect.${name}: got ${typeof on}, expected a boolean`)
    }
  }
}
