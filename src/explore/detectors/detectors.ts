/**
 * All detectors: the table, and how they are hung into an execution.
 */
import type { Ending } from '../engine/ending.ts'
import { fail } from '../engine/finding.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { createDataRaces } from './data-races.ts'
import { createDeadlocks } from './deadlocks.ts'
import type { CreateDetector, Detector, Fault, PlaceName } from './detector.ts'
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
  leaks: { help: 'objects that no word points to at the end', create: createLeaks },
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

/** The detectors of a search. */
export interface Detectors {
  /** Looks at an execution that has ended by itself. */
  atEnd(ending: Ending): void
  /** From now on judges each execution as if there had been no other. */
  judgeAlone(): void
}

/** Hangs detectors into an execution. Throws a TypeError for options that name none. */
export function attachDetectors(x: Execution, options: DetectorOptions, placeName: PlaceName): Detectors {
  refuseUnknown(options)
  const looks = (name: DetectorName) => options[name] ?? (DETECTORS[name] as Entry).onRequest !== true
  const detectors: Detector[] = DETECTOR_NAMES.filter(looks).map((name) => DETECTORS[name].create(x, placeName))
  const looking = detectors.filter((each) => each.look !== undefined) as Looking[]
  const report = (i: number, fault: Fault) => {
    const thread = x.trace.thread[i]
    fail(x, { ...fault, at: i, thread, message: `${nameOfThread(x, thread)}: ${fault.message}` })
  }

  x.hooks.detect = (i) => {
    for (const each of looking) {
      const fault = each.look(i)
      if (fault === undefined) continue
      report(i, fault)
      if (each.final === true) return
    }
  }
  return {
    atEnd(ending) {
      for (const each of detectors) {
        const findings = each.atEnd?.(ending) ?? []
        for (const finding of findings) fail(x, finding)
        if (findings.length > 0 && each.final === true) return
      }
    },
    judgeAlone() {
      for (const each of detectors) each.judgeAlone?.()
    },
  }
}

type Looking = Detector & Required<Pick<Detector, 'look'>>

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
