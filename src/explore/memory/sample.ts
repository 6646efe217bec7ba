/**
 * A sample of the executions of a memory model: a strategy draws whose step is next, and which of the stores that it
 * may read that reads is drawn evenly, as is where a SeqCst store stands among those of its word.
 */
import { below, createRandom, type Random } from '../../random/random.ts'
import { createMeasured, measureSteps } from '../search/measured.ts'
import type { CreateSampler, Stage } from '../search/sampler.ts'
import { type Choice, readable, stuckIn, takeStep } from './follow.ts'
import { atomicStoresTo, createGraph, type Graph, overlap } from './graph.ts'
import { type Setting, startThreads } from './setting.ts'
import type { Stuck, WalkEnd } from './walk.ts'

export interface Sampling {
  readonly samplers: readonly CreateSampler[]
  readonly seed: number
  readonly depth: number
  readonly maxSteps: number
  /** All that was visited so far is to be forgotten: somebody has been met who was not known. */
  readonly begin: () => void
  /** An execution that has ended. False: no more of them. */
  readonly visit: (g: Graph, stuck: readonly Stuck[]) => boolean
  /** Asked at each event. False: the budget is spent. */
  readonly goOn: () => boolean
  /** Executions that may be drawn, those included that are of a weaker model than was asked for. */
  readonly draws: number
}

/** Draws executions until that is to end; 'drawn': as many as may be. Execution k is drawn from the seed + k. */
export function sample(setting: Setting, what: Sampling): 'drawn' | Exclude<WalkEnd, 'all'> {
  const { learned } = setting.asking
  let g = createGraph(0)
  const stage = stageOf(setting, () => g)
  const turns = what.samplers.map((create) => {
    const measured = createMeasured()
    return { measured, sampler: create(stage, measured, what.depth) }
  })
  what.begin()
  for (let k = 0; k < what.draws; k++) {
    const { measured, sampler } = turns[k % turns.length]
    const random = createRandom((what.seed + k) | 0)
    startThreads(setting)
    g = createGraph(setting.threads.length)
    sampler.begin(random)
    for (;;) {
      if (g.thread.length >= what.maxSteps) return 'steps'
      if (!what.goOn()) return 'stopped'
      if (learned.isNew) break
      const enabled = setting.threads.flatMap((_, t) => (canGoOn(setting, g, t) ? [t] : []))
      if (enabled.length === 0) break
      if (!drawStep(setting, g, enabled.length === 1 ? enabled[0] : sampler.choose(enabled), random))
        throw new Error('a step that could be taken could not')
      sampler.stepped(g.thread.length - 1)
    }
    if (learned.isNew) {
      what.begin()
      continue
    }
    measureSteps(measured, g.thread.length, (i) => {
      return { thread: g.thread[i], word: g.access[i].place, stores: g.stored[i] !== undefined }
    })
    if (!what.visit(g, stuckIn(setting))) return 'stopped'
  }
  return 'drawn'
}

function canGoOn(setting: Setting, g: Graph, t: number): boolean {
  const access = setting.threads[t].pending()
  return access !== undefined && (!access.reads || readable(setting, g, t, access).length > 0)
}

/** Takes the next step of a thread, in one of the ways in which it can be taken. False: there is none. */
function drawStep(setting: Setting, g: Graph, t: number, random: Random): boolean {
  const access = setting.threads[t].pending()!
  const places = access.atomic && access.writes ? [undefined, ...atomicStoresTo(g, access.place)] : [undefined]
  const froms = access.reads ? readable(setting, g, t, access) : [undefined]
  const ways = froms.flatMap((from) => places.map((before): Choice => ({ from, before })))
  while (ways.length > 0) {
    const [way] = ways.splice(below(random, ways.length), 1)
    if (takeStep(setting, g, t, way) === undefined) return true
  }
  return false
}

/** What a strategy sees of an execution that grows. */
function stageOf(setting: Setting, now: () => Graph): Stage {
  return {
    threads: () => now().threads,
    step: () => now().thread.length,
    nextWord: (t) => setting.threads[t].pending()?.place ?? -1,
    threadOf: (i) => now().thread[i],
    wordOf: (i) => now().access[i].place,
    races: (t, i) => {
      const access = setting.threads[t].pending()
      const g = now()
      return access !== undefined && overlap(access, g.access[i]) && (access.writes || g.stored[i] !== undefined)
    },
  }
}
