/**
 * Programs of the oracle's as threads of the walk, and what the walk finds told as the oracle tells it.
 */
import type { Shape } from '../../../src/explore/engine/memory.ts'
import type { Access, Thread, Value } from '../../../src/explore/memory/access.ts'
import { byteOf } from '../../../src/explore/memory/bytes.ts'
import { type Graph, INIT } from '../../../src/explore/memory/graph.ts'
import { endKey, isOfMachine, machinesOf } from '../../../src/explore/memory/hardware.ts'
import { endsIn } from '../../../src/explore/memory/judge.ts'
import { waitersAt } from '../../../src/explore/memory/places.ts'
import type { Step } from '../../../src/explore/memory/step.ts'
import { notifyStep, waitStep } from '../../../src/explore/memory/waits.ts'
import { lastingEnds, type Stuck, walk } from '../../../src/explore/memory/walk.ts'
import type { MemoryModel } from '../../../src/explore/result.ts'
import type { Found } from './axioms.ts'
import { decode, encode, type Kind, type Program, SIZE, type Statement } from './candidates.ts'

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
  const list = waitersAt(s.at)
  if (s.op === 'notify') return notifyStep(0, list, s.count)
  const timeout = s.timed ? 5 : Number.POSITIVE_INFINITY
  return waitStep({
    thread: t,
    site: 0,
    list,
    word: { place: s.at },
    shape: WORD,
    expected: s.value,
    timeout,
    timeouts: true,
  })
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

/** Where an access to bytes goes. */
function bytesOf(at: number, kind: Kind): Pick<Access, 'place' | 'bytes'> {
  const cells = Array.from({ length: SIZE[kind] }, (_, k) => at + k)
  return {
    place: 1024 + at * 16 + SIZE[kind],
    bytes: { cells, isWhole: kind.startsWith('i'), fromBits: (bits) => BigInt.asUintN(8 * SIZE[kind], bits) },
  }
}

const bitsOf = (kind: Kind, value: number): bigint =>
  encode(kind, value).reduceRight((bits, byte) => (bits << 8n) | BigInt(byte & 0xff), 0n)

const decoded = (kind: Kind, bits: Value): number =>
  decode(
    kind,
    Array.from({ length: SIZE[kind] }, (_, k) => Number((BigInt(bits) >> (8n * BigInt(k))) & 0xffn)),
  )

/** `byBytes`: accesses are of any bytes; else of words. */
export function threadOf(statements: readonly Statement[], t = 0, byBytes = false): ModelledThread {
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
        ...(byBytes ? bytesOf(s.at, s.kind ?? 'i32') : { place: s.at }),
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
      const kind = s.kind ?? 'i32'
      if (s.op === 'W') {
        at.push(settled({ left: rest, seen, orders }, t))
        return byBytes ? bitsOf(kind, s.value) : s.value
      }
      const read = byBytes ? decoded(kind, value) : Number(value)
      const now = new Map([...seen, [s.id, read]])
      at.push(settled({ left: rest, seen: now, orders: new Map([...orders, [s.id, at.length - 1]]) }, t))
      const stored = s.op === 'A' ? s.makes(read) : undefined
      return stored === undefined || !byBytes ? stored : bitsOf(kind, stored)
    },
    cut(count) {
      at.length = count + 1
    },
    seen: () => last().seen,
  }
}

/** What the walk finds, an entry for each execution and end. */
export function walked(program: Program, words: readonly number[], model: MemoryModel = 'ecma'): Found[] {
  let found: Found[] = []
  const initial = (): Value => 0
  const threads = program.map((thread, t) => threadOf(thread, t))
  const visit = (g: Graph, stuck: readonly Stuck[]): boolean => {
    const name = (i: number) => (i === INIT ? 'init' : `${g.thread[i]}.${g.order[i]}`)
    const seen = Object.fromEntries(threads.flatMap((thread) => [...thread.seen()]))
    const reads = g.events.flatMap((own) => own.filter((i) => g.access[i].reads).map((i) => name(g.from[i][0])))
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
    isAskedFor: model === 'ecma' ? undefined : (g) => isOfMachine(g, model),
  })
  if (ended !== 'all') throw new Error(`the walk ended with ${ended}`)
  return found
}

/**
 * What the walk finds where accesses are of any bytes of so much memory, an entry for each execution and end. `model`:
 * it asks for executions of that alone.
 */
export function walkedByBytes(program: Program, memory: number, model: MemoryModel = 'ecma'): Found[] {
  let found: Found[] = []
  const threads = program.map((thread, t) => threadOf(thread, t, true))
  const visit = (g: Graph, stuck: readonly Stuck[]): boolean => {
    const name = (i: number) => (i === INIT ? 'init' : `${g.thread[i]}.${g.order[i]}`)
    const seen = Object.fromEntries(threads.flatMap((thread) => [...thread.seen()]))
    const reads = g.events.flatMap((own) => own.filter((i) => g.access[i].reads).map((i) => g.from[i].map(name).join()))
    const orders = [...g.atomicStores].filter(([, stores]) => stores.length > 0).sort(([a], [b]) => a - b)
    const order = orders.map(([, stores]) => stores.map(name).join()).join(' ')
    const execution = `${g.events.map((own) => own.length).join()} | ${reads.join(' ')} | ${order}`
    const machines = machinesOf(g)
    for (const end of endsIn(g, stuck, () => 0)) {
      const byte = (_: unknown, cell: number) => {
        const w = end.get(cell) ?? INIT
        return [cell, w === INIT ? 0 : Number(BigInt.asIntN(8, byteOf(g, w, cell)))] as const
      }
      found.push({
        seen,
        ends: Object.fromEntries(Array.from({ length: memory }, byte)),
        last: Array.from({ length: memory }, (_, cell) => name(end.get(cell) ?? INIT)).join(),
        stuck: stuck.map(({ thread }) => `${thread}`),
        execution,
        model: machines.get(endKey(end))?.model ?? 'ecma',
      })
    }
    return true
  }
  const begin = () => {
    found = []
  }
  const isAskedFor = model === 'ecma' ? undefined : (g: Graph) => isOfMachine(g, model)
  const ended = walk({ threads, initial: () => 0, maxSteps: 1000, begin, visit, goOn: () => true, isAskedFor })
  if (ended !== 'all') throw new Error(`the walk ended with ${ended}`)
  return found
}

function combinations(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]])
}
