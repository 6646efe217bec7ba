/**
 * A scenario made ready for a memory model: who answers its code, and its threads.
 */
import { saveMemory } from '../engine/put-back.ts'
import { settleShadow } from '../engine/shadow.ts'
import { nameOfThread } from '../engine/state.ts'
import type { Program } from '../program/program.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Value } from './access.ts'
import { type Asking, createAsking } from './asking.ts'
import { initial } from './places.ts'
import { createThread, type ReplayedThread } from './replayed.ts'
import { callbackBegins } from './steps.ts'

/** Steps of an execution, where none are given: the walk goes as deep. */
export const MOST_STEPS = 1_000

export interface Setting {
  readonly program: Program
  readonly asking: Asking
  /** Those of the program, and behind them one for each callback. */
  threads: readonly ReplayedThread[]
}

/** Makes a program ready for that model. Its memory holds what setup left. */
export function createSetting(program: Program, model: string): Setting {
  const { x } = program
  // Callbacks of interleavings are none of its threads.
  for (const each of [x.program.bodies, x.program.labels, x.program.names]) each.length = x.program.given
  saveMemory(x.memory)
  settleShadow(x.primitives.shadow)
  x.limits.stopAtFinding = false
  const asking = createAsking(x.memory, x.primitives.shadow, x.program.timeouts, model === 'ecma')
  return { program, asking, threads: [] }
}

/** Does something while that setting answers the runtime. */
export function answeredBy<T>({ asking }: Setting, work: () => T): T {
  const before = runtime.install(asking.engine)
  try {
    return work()
  } finally {
    runtime.install(before)
  }
}

/** Puts all threads at their start, with those of the callbacks that are known. */
export function startThreads(setting: Setting): void {
  const { program, asking } = setting
  const { learned } = asking
  const { bodies, labels, names } = program.x.program
  learned.isNew = false
  setting.threads = [
    ...bodies.map((body, t) => createThread(body, t, asking)),
    ...learned.helpers.map((helper, k) => {
      const t = bodies.length + k
      labels[t] = `${labels[helper.parent]}.${helper.nth + 1}`
      names[t] = `callback ${helper.nth + 1} of ${nameOfThread(program.x, helper.parent)}`
      return createThread(() => helper.start(), t, asking, callbackBegins(learned, k, t))
    }),
  ]
  // The words of all first accesses are known before anything is stored.
  for (const thread of setting.threads) thread.pending()
}

/** What a word holds before all threads. */
export const initially =
  ({ asking }: Setting) =>
  (place: number): Value =>
    initial(asking.places, place)
