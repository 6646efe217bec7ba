/**
 * Replays an execution of a memory model from its line.
 */
import { whereIs } from '../engine/place-in-source.ts'
import type { Program } from '../program/program.ts'
import type { MemoryModel, Violation } from '../result.ts'
import { nounOf } from '../runtime/kinds.ts'
import { Refusal } from '../runtime/refusal.ts'
import { kindLetters, kindOfLetter, type OfModel, type ReplayLine } from '../schedule/replay-line.ts'
import type { EndStore } from '../schedule/schedule.ts'
import { type Followed, follow, stuckIn } from './follow.ts'
import type { Graph } from './graph.ts'
import { endKey, MODELS, machinesOf } from './hardware.ts'
import { type End, endsOf, judge, storesAtEnd } from './judge.ts'
import type { Learned } from './learned.ts'
import { isQueueWord } from './places.ts'
import { answeredBy, createSetting, type Setting } from './setting.ts'
import type { Step } from './step.ts'
import type { Stuck } from './walk.ts'
import { type Asked, describeExecution, lineOf, shownAs } from './weak-violation.ts'

/** What became of the line; `failure/replay.ts` says what each is. */
export interface ReplayedExecution {
  readonly stale: boolean
  readonly diverged: { readonly step: number; readonly where: string; readonly why: string } | undefined
  readonly violation: Violation | null
  readonly line: string
}

/** Replays the execution of that line, which says its model. What is behind its last step goes on in order. */
export function replayMemory(program: Program, wanted: ReplayLine, maxSteps: number): ReplayedExecution {
  const { model, sections } = wanted.memory!
  const setting = createSetting(program, model)
  learnFrom(setting, wanted, sections)
  const asked: Asked = { ...setting, model }
  return answeredBy(setting, () => {
    const followed = follow(setting, wanted.schedule.threads, maxSteps)
    asked.threads = setting.threads
    return replayed(asked, wanted, followed)
  })
}

/** Makes known the callbacks and the sections that the line speaks of: a grace period asks for all of them. */
function learnFrom(
  { asking: { learned }, program }: Setting,
  { schedule }: ReplayLine,
  sections: OfModel['sections'],
): void {
  const given = program.x.program.bodies.length
  const labels = new Map(program.x.program.bodies.map((_, t) => [String(t), t]))
  const threadOf = (label: string): number | undefined => {
    const known = labels.get(label)
    const [, of, nth] = /^(.+)[.](\d+)$/.exec(label) ?? []
    if (known !== undefined || of === undefined || nth === '0') return known
    const parent = threadOf(of)
    if (parent === undefined) return undefined
    const t = given + addHelper(learned, parent, Number(nth) - 1)
    labels.set(label, t)
    return t
  }
  learned.sections = sections.flatMap((label) => threadOf(label) ?? [])
  for (const step of schedule.threads) threadOf(/^[\d.]*\d/.exec(step.replace(/[rb].*/, ''))?.[0] ?? '')
}

function addHelper({ helpers }: Learned, parent: number, nth: number): number {
  const start = () => {
    throw new Refusal('a callback that nobody has queued')
  }
  return helpers.push({ parent, nth, start }) - 1
}

function replayed(asked: Asked, wanted: ReplayLine, { g, diverged: left }: Followed): ReplayedExecution {
  const { program } = asked
  const steps = g.access as Step[]
  const letters = kindLetters(steps.map(({ kind }) => kind))
  const place = (step: number) => whereIs(steps[step]?.site ?? -1)
  let diverged: ReplayedExecution['diverged']
  const at = [...wanted.kinds].findIndex((kind, i) => letters[i] !== kind)
  if (at >= 0 && at < steps.length) {
    const [before, now] = [kindOfLetter(wanted.kinds[at]), steps[at].kind]
    diverged = { step: at + 1, where: place(at), why: `it was a ${nounOf(before)} and is a ${nounOf(now)} now` }
  } else if (left !== undefined) {
    diverged = { step: left.step + 1, where: place(steps.length - 1), why: left.why }
  } else if (at >= 0) {
    const why = `the execution ended after ${steps.length} of ${wanted.kinds.length} steps`
    diverged = { step: at + 1, where: place(steps.length - 1), why }
  }
  const followed = steps.slice(0, wanted.kinds.length).map(({ site }) => site)
  const stale = wanted.fingerprint !== program.fingerprint(followed)
  const stuck = stuckIn(asked).filter(({ access }) => !isQueueWord(access.place))
  const ends = left === undefined ? endsOf(asked, g, stuck) : []
  const end = chosenEnd(g, ends, wanted.schedule.ends ?? [])
  if (end === undefined) {
    diverged ??= { step: steps.length, where: '', why: 'the words can not be left like that' }
    const shown = shownAs(asked, g, undefined, new Map(), stuck)
    return { stale, diverged, violation: null, line: lineOf(asked, shown) }
  }
  const machine = machinesOf(g).get(endKey(end))
  const model = machine?.model ?? 'ecma'
  if (MODELS.indexOf(asked.model as MemoryModel) < MODELS.indexOf(model))
    diverged ??= {
      step: steps.length,
      where: '',
      why: `no such execution of ${asked.model}: the strongest model is ${model}`,
    }
  return { stale, diverged, ...seenIn(asked, g, stuck, end) }
}

/** What is wrong with that end, and its line. */
function seenIn(
  asked: Asked,
  g: Graph,
  stuck: readonly Stuck[],
  end: End,
): Pick<ReplayedExecution, 'violation' | 'line'> {
  const machine = machinesOf(g).get(endKey(end))
  const shown = shownAs(asked, g, machine, end, stuck)
  const { wrong } = judge(asked, g, stuck, end)
  const first = wrong.find(({ kind }) => kind === 'refused') ?? wrong[0]
  const line = lineOf(asked, shown)
  if (first === undefined) return { violation: null, line }
  return { violation: describeExecution(asked, shown, first, machine?.model ?? 'ecma').violation, line }
}

/** The end with these stores, and the latest ones else; if none is so, undefined. */
function chosenEnd(g: Graph, ends: readonly End[], chosen: readonly EndStore[]): End | undefined {
  const its = storesAtEnd(g, chosen)
  return ends.find((end) => [...end].every(([cell, w]) => w === (its.get(cell) ?? g.stores.get(cell)!.at(-1))))
}
