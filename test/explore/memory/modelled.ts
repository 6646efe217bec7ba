/**
 * Programs of the oracle's as threads of the walk, and what the walk finds told as the oracle tells it.
 */
import type { Shape } from '../../../src/explore/engine/memory.ts'
import type { Access, Thread, Value } from '../../../src/explore/memory/access.ts'
import { type Graph, INIT } from '../../../src/explore/memory/graph.ts'
import { endKey, machinesOf } from '../../../src/explore/memory/hardware.ts'
import { waitersAt } from '../../../src/explore/memory/places.ts'
import type { Step } from '../../../src/explore/memory/step.ts'
import { notifyStep, waitStep } from '../../../src/explore/memory/waits.ts'
import { lastingEnds, type Stuck, walk } from '../../../src/explore/memory/walk.ts'
import type { Found } from './axioms.ts'
import type { Program, Statement } from './candidates.ts'

/** A thread of the walk that says what it has read and been told, by id. */
interface ModelledThread extends Thread {
  seen(): ReadonlyMap<string, number>
}

/** Where a thread stands. */
interface At {
  readonly left: readonly Statement[]
  readonly seen: ReadonlyMap<string, number>
  /** By id, which access read it. */
  readonly orders: ReadonlyMap<string, number>
  /** In the middle of a wait or a notify. */
  readonly step?: Step | undefined
}

const RESULTS: readonly unknown[] = [undefined, 'ok', 'not-equal', 'timed-out']
const WORD = { scratch: new Int32Array(1) } as unknown as Shape

/** The first access of a wait or a notify of thread `t`. */
function firstStep(s: Extract<Statement, { op: 'wait' | 'notify' }>, t: number): Step {
  if (s.op === 'notify') return notifyStep(0, s.at, s.count)
  const timeout = s.timed ? 5 : Number.POSITIVE_INFINITY
  return waitStep({ thread: t, site: 0, place: s.at, shape: WORD, expected: s.value, timeout, timeouts: true })
}

/** What is there to do, past the branches. */
function settled(now: At, t: number): At {
  let { left } = now
  while (left[0]?.op === '?') {
    const [first, ...others] = left
    left = [...(first.holds(now.seen) ? first.yes : first.no), ...others]
  }
  const [s] = left
  const step = now.step ?? (s?.op === 'wait' || s?.op === 'notify' ? firstStep(s, t) : undefined)
  return { ...now, left, step }
}

export function threadOf(statements: readonly Statement[], t = 0): ModelledThread {
  const at: At[] = [settled({ left: statements, seen: new Map(), orders: new Map() }, t)]
  const last = () => at[at.length - 1]
  return {
    pending() {
      const { left, orders, step } = last()
      if (step !== undefined) return step
      const s = left[0] as Exclude<Statement, { op: '?' | 'wait' | 'notify' }> | undefined
      if (s === undefined) return undefined
      const access: Access = {
        site: 0,
        place: s.at,
        atomic: s.op === 'A' || s.sc,
        reads: s.op !== 'W',
        writes: s.op !== 'R',
        goesOn: s.op === 'W' || s.waits === undefined ? undefined : (value) => s.waits!(Number(value)),
        through: s.op !== 'A' && s.through !== undefined ? orders.get(s.through) : undefined,
      }
      return access
    },
    take(value) {
      const { left, seen, orders, step } = last()
      const [s, ...rest] = left as Exclude<Statement, { op: '?' }>[]
      if (s.op === 'wait' || s.op === 'notify') {
        const told = step!.answers?.(value)
        const result = s.op === 'wait' ? RESULTS.indexOf(told) : Number(told)
        const next = step!.next?.(value)
        // What it would be told while it joins is not the last word.
        const now = next !== undefined || told === undefined ? seen : new Map([...seen, [s.id, result]])
        at.push(settled({ left: next === undefined ? rest : left, seen: now, orders, step: next }, t))
        return step!.makes?.(value)
      }
      if (s.op === 'W') {
        at.push(settled({ left: rest, seen, orders }, t))
        return s.value
      }
      const now = new Map([...seen, [s.id, Number(value)]])
      at.push(settled({ left: rest, seen: now, orders: new Map([...orders, [s.id, at.length - 1]]) }, t))
      return s.op === 'A' ? s.makes(Number(value)) : undefined
    },
    cut(count) {
      at.length = count + 1
    },
    seen: () => last().seen,
  }
}

/** What the walk finds, an entry for each execution and end. */
export function walked(program: Program, words: readonly number[]): Found[] {
  let found: Found[] = []
  const initial = (): Value => 0
  const threads = program.map(threadOf)
  const visit = (g: Graph, stuck: readonly Stuck[]): boolean => {
    const name = (i: number) => (i === INIT ? 'init' : `${g.thread[i]}.${g.order[i]}`)
    const seen = Object.fromEntries(threads.flatMap((thread) => [...thread.seen()]))
    const reads = g.events.flatMap((own) => own.filter((i) => g.access[i].reads).map((i) => name(g.from[i])))
    const lists = words.map(waitersAt)
    const inPlace = [...words, ...lists].map((place) => (g.atomicStores.get(place) ?? []).map(name).join())
    const execution = `${g.events.map((own) => own.length).join()} | ${reads.join(' ')} | ${inPlace.join(' ')}`
    const machines = machinesOf(g)
    const ends = words.map((place) => lastingEnds(g, place, stuck, initial))
    for (const last of combinations(ends)) {
      const stored = new Map([
        ...words.map((place, k) => [place, last[k]] as const).filter(([, w]) => w !== INIT),
        ...lists.flatMap((place) =>
          g.stores.get(place)?.length ? [[place, g.stores.get(place)!.at(-1)!] as const] : [],
        ),
      ])
      const ordered = new Map(
        [...g.stores.keys()].filter((place) => stored.has(place)).map((place) => [place, stored.get(place)!]),
      )
      found.push({
        seen,
        ends: Object.fromEntries(words.map((place, k) => [place, last[k] === INIT ? 0 : Number(g.stored[last[k]])])),
        stuck: stuck.map(({ thread }) => `${thread}`),
        execution,
        model: machines.get(endKey(ordered))?.model ?? 'ecma',
      })
    }
    return true
  }
  const ended = walk({
    threads,
    initial,
    maxSteps: 1000,
    begin: () => {
      found = []
    },
    visit,
    goOn: () => true,
  })
  if (ended !== 'all') throw new Error(`the walk ended with ${ended}`)
  return found
}

function combinations(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]])
}
