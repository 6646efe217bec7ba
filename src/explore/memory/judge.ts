/**
 * What is wrong with an execution that has ended in some way, and what its outcome is.
 */
import { whereIs } from '../engine/place-in-source.ts'
import { restoreMemory } from '../engine/put-back.ts'
import { nameOfThread } from '../engine/state.ts'
import { MisuseError } from '../runtime/misuse-error.ts'
import { Refusal } from '../runtime/refusal.ts'
import { isA, saidBy } from '../runtime/thrown-value.ts'
import type { EndStore } from '../schedule/schedule.ts'
import type { Value } from './access.ts'
import { byteOf } from './bytes.ts'
import { isWholeAt } from './ecma.ts'
import { cellsOf, type Graph, INIT } from './graph.ts'
import { poke, pokeByte } from './places.ts'
import type { ReplayedThread } from './replayed.ts'
import { initially, type Setting } from './setting.ts'
import { lastingEnds, type Stuck } from './walk.ts'

/** By cell, which store is the last. */
export type End = ReadonlyMap<number, number>

/** What is wrong. */
export interface Wrong {
  readonly kind: string
  readonly message: string
  readonly error: unknown
}

export interface Judgement {
  readonly wrong: readonly Wrong[]
  /** As text. Undefined: a thread has thrown. */
  readonly outcome: string | undefined
}

/** The ways in which the words may be left, for threads that are stuck so. */
export function endsOf(setting: Setting, g: Graph, stuck: readonly Stuck[]): End[] {
  return endsIn(g, stuck, initially(setting))
}

/** By what there was before all threads. Of two stores to just the same bytes, no bytes of both are there. */
export function endsIn(g: Graph, stuck: readonly Stuck[], initial: (place: number) => Value): End[] {
  let ends: Map<number, number>[] = [new Map()]
  for (const [cell, stores] of g.stores) {
    if (stores.length === 0) continue
    const its = lastingEnds(g, cell, stuck, initial)
    ends = ends.flatMap((end) => its.filter((w) => !isTorn(g, end, w)).map((w) => new Map(end).set(cell, w)))
  }
  return ends
}

function isTorn(g: Graph, end: End, w: number): boolean {
  const { place } = g.access[w] ?? {}
  if (place === undefined || !isWholeAt(g, w, place)) return false
  return [...end.values()].some((v) => v !== w && v !== INIT && isWholeAt(g, v, place))
}

/** By cell, the stores that a schedule says are there at the end. */
export function storesAtEnd(g: Graph, said: readonly EndStore[]): Map<number, number> {
  const its = new Map<number, number>()
  for (const each of said) {
    const [step, byte] = String(each).split('_').map(Number)
    const w = step - 1
    if (g.stored[w] === undefined) continue
    const cells = cellsOf(g.access[w])
    for (const cell of byte === undefined ? cells : cells.slice(byte, byte + 1)) its.set(cell, w)
  }
  return its
}

/** Puts the words as that end has them. */
export function leaveWords({ asking: { places }, program: { x } }: Setting, g: Graph, end: End): void {
  restoreMemory(x.memory)
  for (const [cell, w] of end) {
    if (w === INIT) continue
    const { place, bytes } = g.access[w]
    if (bytes !== undefined) pokeByte(places, place, cell, Number(byteOf(g, w, cell)))
    else if (places.words.has(place)) poke(places, place, g.stored[w]!)
  }
}

/** A thread that has come to what can't be explored. */
export const isRefused = (thread: ReplayedThread): boolean => {
  const end = thread.end()
  return end !== undefined && 'threw' in end && isRefusal(end.threw)
}

const isRefusal = (threw: unknown): boolean => isA(threw, Refusal) || isA(threw, MisuseError)

/** Judges one end of the execution in which the threads stand. Leaves its words in memory. */
export function judge(setting: Setting, g: Graph, stuck: readonly Stuck[], end: End): Judgement {
  const { program, threads } = setting
  const { x } = program
  leaveWords(setting, g, end)
  x.findings.length = 0
  x.totals.executions++
  const wrong: Wrong[] = []
  threads.forEach((thread, t) => {
    const how = thread.end()
    if (t < x.program.given) x.position.results[t] = how !== undefined && 'returned' in how ? how.returned : undefined
    if (how === undefined || !('threw' in how)) return
    const kind = isRefusal(how.threw) ? 'refused' : 'assertion'
    const who = kind === 'refused' ? nameOfThread(x, t) : `${nameOfThread(x, t)} threw`
    wrong.push({ kind, message: `${who}: ${saidBy(how.threw)}`, error: how.threw })
  })
  if (wrong.length > 0) return { wrong, outcome: undefined }
  const isStuck = stuck.length > 0
  program.judge(isStuck ? 'blocked' : 'complete')
  for (const { kind, message, error } of x.findings) wrong.push({ kind, message, error })
  const waiting = stuck.filter(({ thread }) => x.program.daemons[thread] !== true)
  if (waiting.length > 0) {
    const message = waiting
      .map(({ thread, access }) => `${nameOfThread(x, thread)} waits for ever (${whereIs(access.site)})`)
      .join(', ')
    wrong.push({ kind: 'deadlock', message: `stuck: ${message}`, error: undefined })
  }
  const text = program.outcome(isStuck)
  return { wrong, outcome: isStuck ? `${text} (blocked)`.trim() : text }
}
