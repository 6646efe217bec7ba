/**
 * An execution of a memory model, written down for a reader: its steps, and which of them read what is older than they
 * would in any order of the steps.
 */

import { SECTIONS } from '../engine/memory.ts'
import { whereIs } from '../engine/place-in-source.ts'
import { nameOfThread } from '../engine/state.ts'
import type { Program } from '../program/program.ts'
import type { MemoryModel, ReportStep, Violation, ViolationKind } from '../result.ts'
import { KINDS } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { kindLetters, replayLine } from '../schedule/replay-line.ts'
import { scheduleLine } from '../schedule/schedule.ts'
import { sourcesText } from '../schedule/sources.ts'
import type { Value } from './access.ts'
import { cellsOf, type Graph, INIT } from './graph.ts'
import type { Machine } from './hardware.ts'
import type { End, Wrong } from './judge.ts'
import { addressOf, addressOfLock, addressOfWaiters, isIntegers, valueAs } from './places.ts'
import type { Setting } from './setting.ts'
import type { Step } from './step.ts'
import { intricacy, readBy, type Shown, scheduleOf, toldOf } from './told.ts'
import { waitersIn } from './waits.ts'
import type { Stuck } from './walk.ts'

/** What is wrong with an execution. */
export interface Fault {
  readonly wrong: Wrong
  /** The strongest model that has it. */
  readonly model: MemoryModel
  readonly violation: Violation
  /** Of the execution. */
  readonly intricacy: readonly number[]
}

/** A setting, and the model that was asked for. */
export type Asked = Setting & { readonly model: string }

/** An execution with an end, as that machine has it, in the order in which it is told. */
export const shownAs = (
  { program }: Setting,
  g: Graph,
  machine: Machine | undefined,
  end: End,
  stuck: readonly Stuck[],
): Shown => ({
  g,
  told: toldOf(g, machine, end),
  labels: program.x.program.labels,
  stuck: stuck.map(({ thread }) => thread),
})

/** The line that replays an execution. */
export function lineOf({ program, asking, model }: Asked, shown: Shown): string {
  const steps = shown.told.events.map((i) => shown.g.access[i] as Step)
  return replayLine({
    scenario: program.name,
    fingerprint: program.fingerprint(steps.map(({ site }) => site)),
    schedule: scheduleOf(shown),
    kinds: kindLetters(steps.map(({ kind }) => kind)),
    memory: { model, sections: asking.learned.sections.map((t) => shown.labels[t]) },
  })
}

/** The violation that an execution shows; without one, that alone which is wrong. */
export function describeExecution(asked: Asked, shown: Shown | undefined, wrong: Wrong, model: MemoryModel): Fault {
  const { program } = asked
  const { kind, message, error } = wrong
  const steps = shown === undefined ? [] : stepsOf(program, shown)
  const sites = steps.map(({ where }) => where).filter((where) => where !== '')
  const why = shown === undefined ? [] : oddities(program, shown)
  if (model !== 'sc') why.push(`no interleaving has it; the strongest model that has it is ${model}`)
  const preemptions = shown === undefined ? 0 : shown.told.preempted.filter(Boolean).length
  const violation = {
    kind: kind as ViolationKind,
    message,
    sites: [...new Set(sites)].slice(-1),
    schedule: shown === undefined ? '' : scheduleLine(scheduleOf(shown)),
    preemptions,
    threadNames: [...program.x.program.names],
    steps,
    why,
    inflection: undefined,
    replay: shown === undefined ? '' : lineOf(asked, shown),
    found: { steps: steps.length, preemptions },
    outOfTime: false,
    stack: [],
    error,
  }
  return { wrong, model, violation, intricacy: shown === undefined ? [] : intricacy(shown.told) }
}

/** What reports call a word. */
export function nameOfPlace({ placeName, x }: Program, place: number): string {
  const waitedFor = addressOfWaiters(place)
  if (waitedFor !== undefined) return `waiters of ${placeName(waitedFor)}`
  const address = addressOfLock(place)
  if (address !== undefined) return placeName(address)
  const at = addressOf(place)
  return at >= SECTIONS ? `read section of ${nameOfThread(x, (at - SECTIONS) / 4)}` : placeName(at)
}

/** What reports call what a word holds, as that access has it. */
export function textOfValue({ x }: Program, { place, shape }: Step, value: Value): string {
  if (shape !== undefined && !isIntegers(shape)) return String(valueAs(shape, value))
  if (addressOfWaiters(place) === undefined) return String(value)
  return (
    waitersIn(value)
      .map((t) => nameOfThread(x, t))
      .join(', ') || 'nobody'
  )
}

/** The steps of an execution, for a reader. */
export function stepsOf(program: Program, { g, told, stuck }: Shown): ReportStep[] {
  const left = g.events.map((own) => own.length)
  return told.events.map((i, k) => {
    const access = g.access[i] as Step
    const stored = g.stored[i]
    const last = k === 0 ? g.thread[i] : g.thread[told.events[k - 1]]
    const name = nameOfThread(program.x, last)
    const switched =
      last === g.thread[i]
        ? ''
        : told.preempted[k]
          ? `${name} is preempted`
          : `${name} ${left[last] > 0 || stuck.includes(last) ? 'waits' : 'has ended'}`
    left[g.thread[i]]--
    return {
      thread: g.thread[i],
      operation: KINDS[access.kind].name,
      place: nameOfPlace(program, access.place),
      before: access.reads ? textOfValue(program, access, g.seen[i]) : '',
      after: textOfValue(program, access, stored ?? g.seen[i]),
      stores: stored !== undefined,
      where: whereIs(access.site),
      source: runtime.sites[access.site]?.source ?? '',
      switched,
      matters: told.missed.has(i),
      ...(access.reads && readsOf(readBy(g, told.step, i))),
    }
  })
}

const readsOf = (steps: readonly number[]): Pick<ReportStep, 'readsFrom' | 'bytesFrom'> =>
  steps.length === 1 ? { readsFrom: steps[0] } : { bytesFrom: steps }

/** What is so in no order of all steps: loads of older stores, and stores that stand before earlier ones. */
function oddities(program: Program, { g, told }: Shown): string[] {
  const { step, missed, behind, ends } = told
  const place = (i: number) => nameOfPlace(program, g.access[i].place)
  const text = (i: number, value: Value) => textOfValue(program, g.access[i] as Step, value)
  const reads = [...missed].flatMap(([r, latest]) => {
    if (latest === INIT) return []
    const steps = readBy(g, step, r)
    const from =
      steps.length > 1 ? `, byte by byte ${sourcesText(steps)}` : steps[0] === 0 ? '' : `, ${sourcesText(steps)}`
    const who = nameOfThread(program.x, g.thread[latest])
    return [
      `step ${step.get(r)} reads ${place(r)} = ${text(r, g.seen[r])}${from}, though ${who} stored ${text(latest, g.stored[latest]!)} at step ${step.get(latest)}: nothing orders the two`,
    ]
  })
  const stores = [...behind].map(
    ([w, v]) =>
      `step ${step.get(w)} stores ${place(w)} = ${text(w, g.stored[w]!)} before step ${step.get(v)} stores to it`,
  )
  const last = [...new Map(ends.map((each) => [each.w, each]))].map(([w, { cell }]) => {
    const later = told.events.findLast((v) => g.stored[v] !== undefined && cellsOf(g.access[v]).includes(cell))!
    const who = nameOfThread(program.x, g.thread[later])
    return `at the end ${place(w)} = ${text(w, g.stored[w]!)}, from step ${step.get(w)}, though ${who} stored ${text(later, g.stored[later]!)} at step ${step.get(later)}: nothing orders the two`
  })
  return [...reads, ...stores, ...last]
}

/** Where a site stands, and its source. */
export function placeText(site: number): string {
  const source = runtime.sites[site]?.source ?? ''
  return `${whereIs(site)}  ${source}`.trim()
}
