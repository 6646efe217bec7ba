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
import { type Graph, INIT } from './graph.ts'
import { addressOfLock } from './places.ts'
import type { Step } from './steps.ts'
import { type Shown, witnessOf } from './told.ts'

/** What is wrong with an execution. */
export interface Fault {
  readonly kind: string
  readonly message: string
  /** The strongest model that has it. */
  readonly model: MemoryModel
  readonly error: unknown
  readonly violation: Violation
}

/** A race in words. */
export function raceText(program: Program, g: Graph, i: number, j: number): string {
  const told = (e: number): string => {
    const { kind, site } = g.access[e] as Step
    const where = whereIs(site)
    return `${KINDS[kind].name}${where === '' ? '' : ` (${where})`}`
  }
  const { x, placeName } = program
  const [a, b] = [nameOfThread(x, g.thread[i]), nameOfThread(x, g.thread[j])]
  return `${placeName(g.access[i].place)}: ${a}, ${told(i)}, and ${b}, ${told(j)}`
}

/** The violation that an execution shows; without one, that alone which is wrong. */
export function describeExecution(
  program: Program,
  shown: Shown | undefined,
  { kind, message, model, error }: Pick<Fault, 'kind' | 'message' | 'model' | 'error'>,
): Violation {
  const steps = shown === undefined ? [] : stepsOf(program, shown)
  const sites = steps.map(({ where }) => where).filter((where) => where !== '')
  const why = shown === undefined ? [] : missedReads(program, shown)
  if (model !== 'sc') why.push(`no interleaving has it; the strongest model that has it is ${model}`)
  return {
    kind: kind as ViolationKind,
    message,
    sites: [...new Set(sites)].slice(-1),
    schedule: shown === undefined ? '' : witnessOf(shown),
    preemptions: 0,
    threadNames: [...program.x.program.names],
    steps,
    why,
    inflection: undefined,
    replay: '',
    found: { steps: steps.length, preemptions: 0 },
    outOfTime: false,
    stack: [],
    error,
  }
}

function nameOfPlace({ placeName, x }: Program, place: number): string {
  const address = addressOfLock(place)
  if (address !== undefined) return placeName(address)
  return place >= SECTIONS ? `read section of ${nameOfThread(x, (place - SECTIONS) / 4)}` : placeName(place)
}

function stepsOf(program: Program, { g, told }: Shown): ReportStep[] {
  return told.events.map((i) => {
    const access = g.access[i] as Step
    const stored = g.stored[i]
    return {
      thread: g.thread[i],
      operation: KINDS[access.kind].name,
      place: nameOfPlace(program, access.place),
      before: access.reads ? String(g.seen[i]) : '',
      after: String(stored ?? g.seen[i]),
      stores: stored !== undefined,
      where: whereIs(access.site),
      source: runtime.sites[access.site]?.source ?? '',
      switched: '',
      matters: told.missed.has(i),
    }
  })
}

/** Which loads do not read the latest store, in the order of the steps. */
function missedReads(program: Program, { g, told }: Shown): string[] {
  return [...told.missed].flatMap(([r, latest]) => {
    if (latest === INIT) return []
    const from = g.from[r] === INIT ? '' : `, from step ${told.step.get(g.from[r])}`
    const read = `step ${told.step.get(r)} reads ${nameOfPlace(program, g.access[r].place)} = ${g.seen[r]}${from}`
    const who = nameOfThread(program.x, g.thread[latest])
    return [
      `${read}, though ${who} stored ${g.stored[latest]} at step ${told.step.get(latest)}: nothing orders the two`,
    ]
  })
}

/** Where a site stands, and its source. */
export function placeText(site: number): string {
  const source = runtime.sites[site]?.source ?? ''
  return `${whereIs(site)}  ${source}`.trim()
}
