/**
 * The walk against the axioms: on random programs it finds the same executions, each once, with the same ends and
 * names.
 */
import { describe, expect, it } from 'vitest'
import { MODELS } from '../../../src/explore/memory/hardware.ts'
import { createRandom, nextBits } from '../../../src/random/random.ts'
import { LONG, seedOf } from '../../share.ts'
import { executionsOf, type Found } from './axioms.ts'
import { type Kind, type Program, SIZE, type Statement } from './candidates.ts'
import { walked, walkedByBytes } from './modelled.ts'

const WORDS = [0, 4]

/** Threads that wait on words, notify, load and store. */
function waitingProgram(below: (n: number) => number): Program {
  const threads = 2 + below(2)
  let ids = 0
  let values = 0
  const statement = (t: number): Statement => {
    const at = WORDS[below(5) === 0 ? 1 : 0]
    const pick = below(t === 0 ? 5 : 8)
    const id = `r${ids++}`
    if (pick === 0) return { op: 'wait', id, at, value: below(4) === 0 ? 1 : 0, timed: below(3) === 0 }
    if (pick < 3) return { op: 'W', at, kind: 'i32', sc: below(2) === 0, value: ++values }
    if (pick === 3) return { op: 'R', id, at, kind: 'i32', sc: below(2) === 0 }
    if (pick === 4) return { op: 'wait', id, at, value: 0, timed: false }
    return { op: 'notify', id, at, count: 1 + below(2) }
  }
  return Array.from({ length: threads }, (_, t) => {
    const all = Array.from({ length: 1 + below(threads === 2 ? 3 : 2) }, () => statement(t))
    const told = all.find(({ op }) => op === 'notify' || op === 'wait') as { id: string } | undefined
    const store: Statement = { op: 'W', at: 4, kind: 'i32', sc: false, value: ++values }
    if (told !== undefined && below(3) === 0)
      all.push({ op: '?', holds: (seen) => seen.get(told.id) === 1, yes: [store], no: [] })
    return all
  })
}

/** Threads of loads, stores and read-modify-writes, plain and SeqCst, with branches and waits. */
function randomProgram(below: (n: number) => number): Program {
  const threads = 2 + below(2)
  const most = threads === 2 ? 4 : 3
  let ids = 0
  let values = 0
  let left = 7
  const statement = (read: string[]): Statement => {
    left--
    const at = WORDS[below(WORDS.length)]
    const sc = below(3) === 0
    const pick = below(12)
    const through = read.length > 0 && below(3) === 0 ? read[below(read.length)] : undefined
    if (pick < 5) return { op: 'W', at, kind: 'i32', sc, value: ++values, through }
    const id = `r${ids++}`
    read.push(id)
    if (pick < 9) return { op: 'R', id, at, kind: 'i32', sc, through }
    if (pick === 9) return { op: 'A', id, at, makes: (seen) => seen + 10 }
    if (pick === 10) return { op: 'A', id, at, makes: (seen) => (seen === 0 ? 7 : undefined) }
    return { op: 'R', id, at, kind: 'i32', sc: true, waits: (seen) => seen !== 0 }
  }
  return Array.from({ length: threads }, () => {
    const read: string[] = []
    const all: Statement[] = []
    const length = 2 + below(most - 1)
    for (let k = 0; k < length && left > 0; k++) {
      if (read.length > 0 && below(5) === 0) {
        const id = read[read.length - 1]
        all.push({ op: '?', holds: (seen) => seen.get(id) === 0, yes: [statement([])], no: [] })
      } else all.push(statement(read))
    }
    return all
  })
}

/** Bytes that `mixedProgram` goes to. */
const MEMORY = 4

/** Threads of accesses of different sizes to the same bytes, plain and SeqCst, integers and now and then floats. */
function mixedProgram(below: (n: number) => number): Program {
  const threads = 2 + below(2)
  let ids = 0
  let values = 0
  // All candidates are tried: four bytes that are read one by one are as many as can be.
  let bytes = 0
  const most = threads === 2 ? 6 : 4
  const kindOf = (): Kind => (['i8', 'i8', 'i16', 'i16', 'i16', 'i32', 'f32'] as const)[below(7)]
  const statement = (read: string[]): Statement => {
    let kind = kindOf()
    if (below(3) === 0 && SIZE[kind] > 2) kind = 'i16'
    const size = SIZE[kind]
    const at = size * below(Math.min(2, MEMORY / size))
    const sc = kind !== 'f32' && below(3) === 0
    const through = read.length > 0 && below(4) === 0 ? read[below(read.length)] : undefined
    const pick = below(8)
    if (pick < 4 || bytes + size > most)
      return {
        op: 'W',
        at,
        kind,
        sc,
        value: kind === 'f32' ? ++values * 1.1 : (++values * 0x01020304) >> (32 - 8 * size),
        through,
      }
    bytes += size
    const id = `r${ids++}`
    read.push(id)
    if (pick < 7 || kind === 'f32') return { op: 'R', id, at, kind, sc, through }
    return { op: 'A', id, at, kind, makes: (seen) => seen + 3 }
  }
  return Array.from({ length: threads }, () => {
    const read: string[] = []
    const all: Statement[] = []
    const length = 1 + below(threads === 2 ? 3 : 2)
    for (let k = 0; k < length; k++) {
      if (read.length > 0 && below(6) === 0) {
        const id = read[read.length - 1]
        all.push({ op: '?', holds: (seen) => seen.get(id) === 0, yes: [statement([])], no: [] })
      } else all.push(statement(read))
    }
    return all
  })
}

/** A mixed program whose candidates brute force can try: for each byte that is read, or left, each store to it. */
function smallMixedProgram(below: (n: number) => number): Program {
  for (;;) {
    const program = mixedProgram(below)
    const all = program.flat().flatMap((s) => (s.op === '?' ? [s, ...s.yes] : [s]))
    const accesses = all.flatMap((s) => (s.op === 'R' || s.op === 'W' || s.op === 'A' ? [s] : []))
    const bytesOf = (s: (typeof accesses)[number]) => Array.from({ length: SIZE[s.kind ?? 'i32'] }, (_, k) => s.at + k)
    const storesTo = (byte: number) => accesses.filter((s) => s.op !== 'R' && bytesOf(s).includes(byte)).length
    const reads = accesses.flatMap((s) => (s.op === 'W' ? [] : bytesOf(s).map((byte) => 1 + storesTo(byte))))
    const ends = Array.from({ length: MEMORY }, (_, byte) => Math.max(1, storesTo(byte)))
    const product = (all: readonly number[]) => all.reduce((a, b) => a * b, 1)
    if (product(reads) <= 256 && product(ends) <= 32 && product(reads) * product(ends) <= 2048) return program
  }
}

const told = (program: Program): string =>
  JSON.stringify(program, (_, value) => (typeof value === 'function' ? String(value) : value))

const line = ({ seen, ends, last, stuck, model, execution }: Found): string =>
  JSON.stringify([execution, Object.entries(seen).sort(), ends, last, stuck, model])

/** Of entries those of a machine; the walk that asks for the machine's alone has no others but their ends. */
function expectOfMachine(all: readonly Found[], of: (model: 'x86' | 'arm') => Found[], where: string): void {
  for (const model of ['x86', 'arm'] as const) {
    const within = ({ model: its }: Found) => MODELS.indexOf(its) <= MODELS.indexOf(model)
    const found = of(model)
    expect(found.filter(within).map(line).sort(), where).toEqual(all.filter(within).map(line).sort())
    const asked = new Set(all.filter(within).map(({ execution }) => execution))
    expect(
      found.filter(({ execution }) => !asked.has(execution)),
      where,
    ).toEqual([])
  }
}

const w = (at: number, value: number): Statement => ({ op: 'W', at, kind: 'i32', sc: false, value })
const W = (at: number, value: number): Statement => ({ ...w(at, value), sc: true }) as Statement
const r = (id: string, at: number): Statement => ({ op: 'R', id, at, kind: 'i32', sc: false })
const R = (id: string, at: number): Statement => ({ ...r(id, at), sc: true }) as Statement

const waits = (id: string): Statement => ({ op: 'wait', id, at: 0, value: 0, timed: false })
const notifies = (id: string, count: number): Statement => ({ op: 'notify', id, at: 0, count })

/** Programs in which each part of what ECMA-262 asks of SeqCst accesses forbids something. */
const RARE: readonly Program[] = [
  [
    [W(0, 1), W(4, 1)],
    [W(0, 2), R('a', 4), r('b', 0)],
  ],
  [
    [w(0, 1), W(8, 1)],
    [R('a', 8), W(0, 2), R('b', 4)],
    [R('c', 8), W(4, 1), R('d', 0)],
  ],
  [
    [w(0, 1), W(0, 2), R('a', 4)],
    [W(4, 1), R('b', 0)],
  ],
  // Nothing orders the plain store: both adds may read it.
  [
    [w(0, 1)],
    [{ op: 'A', id: 'a', at: 0, makes: (seen) => seen + 1 }],
    [{ op: 'A', id: 'b', at: 0, makes: (seen) => seen + 1 }],
  ],
  // The one who came first is woken.
  [[waits('a')], [waits('b')], [notifies('c', 1)]],
  // What lies behind a critical section happens before the next one, and what another stores does not.
  [[w(4, 1), notifies('a', 1)], [waits('b'), r('c', 4), r('d', 8)], [w(8, 1)]],
]

describe('the walk of weak executions', () => {
  it.each(RARE.map((program, k) => [k, program] as const))('finds what the axioms allow: %i', (_, program) => {
    const words = [0, 4, 8]
    expect(walked(program, words).map(line).sort()).toEqual(executionsOf(program, words).map(line).sort())
  })

  it('finds what the axioms allow, each execution once, on random programs', () => {
    const random = createRandom(seedOf('random programs of the memory model'))
    const below = (n: number) => nextBits(random) % n
    let executions = 0
    // Brute force takes 50 ms a program.
    for (let k = 0; k < (LONG ? 2000 : 200); k++) {
      const program = randomProgram(below)
      const expected = executionsOf(program, WORDS).map(line).sort()
      const found = walked(program, WORDS).map(line).sort()
      expect(found, told(program)).toEqual(expected)
      expect(new Set(found).size, told(program)).toBe(found.length)
      if (k % 4 === 0) expectOfMachine(walked(program, WORDS), (model) => walked(program, WORDS, model), told(program))
      executions += new Set(expected.map((each) => JSON.parse(each)[0])).size
    }
    expect(executions).toBeGreaterThan(1000)
  })

  it('lets a SeqCst load miss a store of its size for a byte of another size', () => {
    const both = { at: 0, kind: 'i16', sc: true } as const
    const program: Program = [
      [
        { op: 'W', value: 257, ...both },
        { op: 'R', id: 'a', ...both },
      ],
      [{ op: 'W', at: 0, kind: 'i8', sc: true, value: 2 }],
    ]
    const found = walkedByBytes(program, 2).map(line).sort()
    expect(found).toEqual(executionsOf(program, [], 2).map(line).sort())
    expect(new Set(walkedByBytes(program, 2).map(({ seen }) => seen.a))).toEqual(new Set([257, 258]))
  })

  it('finds what the axioms allow, byte by byte, of accesses of different sizes', () => {
    const random = createRandom(seedOf('random programs of accesses of different sizes'))
    const below = (n: number) => nextBits(random) % n
    let executions = 0
    const models = new Set<string>()
    for (let k = 0; k < (LONG ? 2000 : 60); k++) {
      const program = smallMixedProgram(below)
      const expected = executionsOf(program, [], MEMORY)
      const found = walkedByBytes(program, MEMORY).map(line).sort()
      expect(found, told(program)).toEqual(expected.map(line).sort())
      expect(new Set(found).size, told(program)).toBe(found.length)
      if (k % 4 === 0) expectOfMachine(expected, (model) => walkedByBytes(program, MEMORY, model), told(program))
      executions += new Set(expected.map(({ execution }) => execution)).size
      for (const { model } of expected) models.add(model)
    }
    expect(executions).toBeGreaterThan(100)
    expect([...models].sort()).toEqual(LONG ? ['arm', 'ecma', 'sc', 'x86'] : expect.arrayContaining(['sc', 'ecma']))
  })

  it('finds what the axioms allow of threads that sleep and wake each other', () => {
    const random = createRandom(seedOf('random programs of waits and notifies'))
    const below = (n: number) => nextBits(random) % n
    const met = new Set<string>()
    for (let k = 0; k < (LONG ? 1000 : 30); k++) {
      const program = waitingProgram(below)
      const expected = executionsOf(program, WORDS).map(line).sort()
      const found = walked(program, WORDS).map(line).sort()
      expect(found, told(program)).toEqual(expected)
      expect(new Set(found).size, told(program)).toBe(found.length)
      for (const { seen, stuck } of walked(program, WORDS)) {
        for (const [t, thread] of program.entries())
          for (const s of thread) if (s.op === 'wait') met.add(stuck.includes(`${t}`) ? 'asleep' : `${seen[s.id]}`)
      }
    }
    expect([...met]).toEqual(expect.arrayContaining(['1', '2', 'asleep']))
  })
})
