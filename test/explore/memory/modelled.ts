/**
 * Programs of the oracle's as threads of the walk, and what the walk finds told as the oracle tells it.
 */
import type { Access, Thread, Value } from '../../../src/explore/memory/access.ts'
import { type Graph, INIT } from '../../../src/explore/memory/graph.ts'
import { endKey, machinesOf } from '../../../src/explore/memory/hardware.ts'
import { lastingEnds, type Stuck, walk } from '../../../src/explore/memory/walk.ts'
import type { Found } from './axioms.ts'
import type { Program, Statement } from './candidates.ts'

export function threadOf(statements: readonly Statement[]): Thread {
  /** What is left, for each number of accesses made, and what had been read by then. */
  const at: { left: readonly Statement[]; seen: ReadonlyMap<string, number>; orders: ReadonlyMap<string, number> }[] =
    []
  const settle = (
    left: readonly Statement[],
    seen: ReadonlyMap<string, number>,
    orders: ReadonlyMap<string, number>,
  ) => {
    let rest = left
    while (rest[0]?.op === '?') {
      const [first, ...others] = rest
      rest = [...(first.holds(seen) ? first.yes : first.no), ...others]
    }
    at.push({ left: rest, seen, orders })
  }
  settle(statements, new Map(), new Map())
  return {
    pending() {
      const { left, orders } = at[at.length - 1]
      const [s] = left as Exclude<Statement, { op: '?' }>[]
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
      const { left, seen, orders } = at[at.length - 1]
      const [s, ...rest] = left as Exclude<Statement, { op: '?' }>[]
      if (s.op === 'W') {
        settle(rest, seen, orders)
        return s.value
      }
      settle(rest, new Map([...seen, [s.id, Number(value)]]), new Map([...orders, [s.id, at.length - 1]]))
      return s.op === 'A' ? s.makes(Number(value)) : undefined
    },
    cut(count) {
      at.length = count + 1
    },
  }
}

/** What the walk finds, an entry for each execution and end. */
export function walked(program: Program, words: readonly number[]): Found[] {
  let found: Found[] = []
  const initial = (): Value => 0
  const visit = (g: Graph, stuck: readonly Stuck[]): boolean => {
    const name = (i: number) => (i === INIT ? 'init' : `${g.thread[i]}.${g.order[i]}`)
    const seen: Record<string, number> = {}
    const reads: string[] = []
    program.forEach((statements, t) => {
      const again = threadOf(statements)
      for (const i of g.events[t]) {
        const access = again.pending()!
        if (access.reads) {
          const id = nextId(program[t], g, t, g.order[i])
          seen[id] = Number(g.seen[i])
          reads.push(name(g.from[i]))
        }
        again.take(g.seen[i])
      }
    })
    const inPlace = words.map((place) => (g.atomicStores.get(place) ?? []).map(name).join())
    const execution = `${g.events.map((own) => own.length).join()} | ${reads.join(' ')} | ${inPlace.join(' ')}`
    const machines = machinesOf(g)
    const ends = words.map((place) => lastingEnds(g, place, stuck, initial))
    for (const last of combinations(ends)) {
      const stored = new Map(words.map((place, k) => [place, last[k]] as const).filter(([, w]) => w !== INIT))
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
    threads: program.map(threadOf),
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

/** The id of what a thread reads at that event, by going through it with the values of that execution. */
function nextId(statements: readonly Statement[], g: Graph, t: number, order: number): string {
  const seen = new Map<string, number>()
  let left = [...statements]
  for (let k = 0; ; ) {
    const [s, ...rest] = left
    if (s.op === '?') {
      left = [...(s.holds(seen) ? s.yes : s.no), ...rest]
      continue
    }
    if (k === order) return s.op === 'W' ? '' : s.id
    if (s.op !== 'W') seen.set(s.id, Number(g.seen[g.events[t][k]]))
    left = rest
    k++
  }
}

function combinations(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]])
}
