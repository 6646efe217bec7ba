/**
 * The data races of a scenario under a memory model, each with what it does: an outcome that no interleaving has.
 */
import { whereIs } from '../engine/place-in-source.ts'
import { nameOfThread } from '../engine/state.ts'
import type { Program } from '../program/program.ts'
import type { Outcome, RaceReport } from '../result.ts'
import { KINDS } from '../runtime/kinds.ts'
import type { Graph } from './graph.ts'
import { communication, inThreads, type Machine } from './hardware.ts'
import { addressOf } from './places.ts'
import { forEachRace } from './races.ts'
import type { Setting } from './setting.ts'
import type { Step } from './step.ts'
import type { Shown } from './told.ts'

/** Executions of an outcome that are looked at for whether a race has brought it about. */
const LOOKS = 4

interface Race {
  readonly accesses: string
  /** Outcomes of executions that are no interleavings by this race, and how many were looked at. */
  readonly outcomes: Map<string, { isBroughtAbout: boolean; looks: number }>
}

/** By which accesses race. */
export type Races = Map<string, Race>

export const createRaces = (): Races => new Map()

interface Ended {
  readonly g: Graph
  readonly machine: Machine | undefined
  readonly outcome: string | undefined
  readonly show: () => Shown
}

/** Notes the races of an execution. */
export function noteRaces({ program }: Setting, races: Races, { g, machine, outcome, show }: Ended): void {
  forEachRace(g, (i, j) => {
    const key = `${g.access[i].place} ${g.thread[i]} ${g.access[i].site} ${g.thread[j]} ${g.access[j].site}`
    let race = races.get(key)
    if (race === undefined) races.set(key, (race = { accesses: raceText(program, g, i, j), outcomes: new Map() }))
    if (outcome === undefined || machine?.model === 'sc') return
    let known = race.outcomes.get(outcome)
    if (known === undefined) race.outcomes.set(outcome, (known = { isBroughtAbout: false, looks: 0 }))
    if (known.isBroughtAbout || known.looks++ >= LOOKS) return
    known.isBroughtAbout = isInCircle(show(), machine, i, j)
  })
}

/** A race in words. */
function raceText({ x, placeName }: Program, g: Graph, i: number, j: number): string {
  const told = (e: number): string => {
    const { kind, site } = g.access[e] as Step
    const where = whereIs(site)
    return `${KINDS[kind].name}${where === '' ? '' : ` (${where})`}`
  }
  const [a, b] = [nameOfThread(x, g.thread[i]), nameOfThread(x, g.thread[j])]
  return `${placeName(addressOf(g.access[i].place))}: ${a}, ${told(i)}, and ${b}, ${told(j)}`
}

/**
 * Whether the order of these two is part of why the execution is no interleaving: a circle of the order within threads
 * and of who reads and overwrites whom leads through both. Where no machine has it, stores are in the order in which it
 * is told.
 */
function isInCircle({ g, told }: Shown, machine: Machine | undefined, i: number, j: number): boolean {
  const inOrder = () =>
    new Map(
      [...g.stores].map(([place, stores]) => [
        place,
        [...stores].sort((a, b) => told.step.get(a)! - told.step.get(b)!),
      ]),
    )
  const { rf, co, fr } = communication(g, machine?.coherence ?? inOrder())
  const after: number[][] = g.thread.map(() => [])
  for (const edges of [inThreads(g), rf, co, fr]) for (const [a, b] of edges) after[a].push(b)
  const reaches = (from: number, to: number): boolean => {
    const met = new Set<number>()
    const left = [from]
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      for (const next of after[at]) {
        if (next === to) return true
        if (!met.has(next)) met.add(next)
        else continue
        left.push(next)
      }
    }
    return false
  }
  return after[i].includes(j) ? reaches(j, i) : after[j].includes(i) && reaches(i, j)
}

/**
 * All races in words, sorted; each with the outcome of the strongest model that only it and its like can bring about.
 */
export function racesTold(races: Races, outcomes: readonly Outcome[]): RaceReport[] {
  const told = new Map<string, RaceReport>()
  for (const { accesses, outcomes: its } of races.values()) {
    const shows = outcomes.find(({ outcome, model }) => model !== 'sc' && its.get(outcome)?.isBroughtAbout === true)
    const known = told.get(accesses)
    if (known?.shows === undefined) told.set(accesses, { accesses, ...(shows && { shows }) })
  }
  return [...told.values()].sort((a, b) => (a.accesses < b.accesses ? -1 : 1))
}
