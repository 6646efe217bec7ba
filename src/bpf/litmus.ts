/**
 * BPF litmus tests: a few threads of BPF instructions on shared locations, and a question about how they may end.
 *
 * Each thread is verified and becomes a factory of a run, as every program does; who explores them calls them as
 * threads. A location has eight bytes of its own.
 */

import { type Generated, generate } from './code/generate.ts'
import { halvesOf, wide } from './halves.ts'
import { assemble } from './isa/assemble.ts'
import { type Condition, type FinalState, readCondition } from './litmus-condition.ts'
import { instructionsOf, type LitmusStatement } from './litmus-statements.ts'
import { numberIn, readTests } from './test-file.ts'
import { bareProgram } from './vectors.ts'
import { number, pointer, type Register } from './verifier/register.ts'
import { constant } from './verifier/scalar.ts'
import { verify } from './verifier/verify.ts'

export interface LitmusTest {
  readonly name: string
  readonly init: {
    /** By thread and register: a number, or the name of a location. */
    readonly registers: Readonly<Record<string, Readonly<Record<string, string | number>>>>
    /** By location; 0 where it is not named. */
    readonly memory: Readonly<Record<string, string | number>>
  }
  readonly threads: readonly (readonly LitmusStatement[])[]
  readonly quantifier: string
  readonly condition: string
}

/** One thread, ready to be called. */
export interface LitmusThread {
  readonly generated: Generated
  /** The registers that it starts with. */
  readonly entry: readonly (readonly [l: number, h: number] | undefined)[]
  /** Whether it touches a location. */
  readonly touches: boolean
  /** Numbers of the registers that hold numbers at the end. */
  readonly observed: readonly number[]
  /** The statement, from 0 on, that each line of the text comes from. */
  readonly statements: readonly (number | undefined)[]
}

/** A test, ready to be explored. */
export interface LitmusProgram {
  readonly name: string
  readonly threads: readonly LitmusThread[]
  /** The locations, in the order of their words. */
  readonly locations: readonly string[]
  /** The words that all locations take, and what they hold at the start. */
  readonly words: readonly number[]
  /** Whether a final state is what the test asks for. */
  readonly condition: Condition
}

/** Words before the first location, so that no address is 0. */
const FIRST_WORD = 2

/** Makes the program of a test. Throws a SyntaxError, or what the verifier throws. */
export function litmusProgram(test: LitmusTest): LitmusProgram {
  const locations = locationsOf(test)
  const words = Array<number>(FIRST_WORD + locations.length * 2).fill(0)
  for (const [name, value] of Object.entries(test.init.memory)) {
    const [l, h] = halvesOf(numberOf(`memory ${name}`, value))
    const word = wordOf(locations, name)
    words[word] = l
    words[word + 1] = h
  }
  for (const t of Object.keys(test.init.registers))
    if (!Object.hasOwn(test.threads, t))
      throw new SyntaxError(`got registers of thread ${t}, expected them of the ${test.threads.length} threads`)
  const threads = test.threads.map((thread, t) => threadOf(test, thread, t, locations))
  if (!threads.some(({ touches }) => touches))
    throw new SyntaxError('got no thread that touches a location, expected loads or stores to explore')
  const told = threads.flatMap(({ observed }, t) => observed.map((n) => `${t}:r${n}`))
  const condition = readCondition(test.condition, new Set([...told, ...locations]))
  return { name: test.name, threads, locations, words, condition }
}

function locationsOf({ init }: LitmusTest): string[] {
  const named = Object.values(init.registers).flatMap((registers) => Object.values(registers))
  const locations = named.filter((value) => typeof value === 'string' && !/^-?\d/.test(value)) as string[]
  return [...new Set([...locations, ...Object.keys(init.memory)])].sort()
}

function wordOf(locations: readonly string[], name: string): number {
  return FIRST_WORD + locations.indexOf(name) * 2
}

/** A number of `init`. */
function numberOf(what: string, value: unknown): bigint {
  const text = Number.isSafeInteger(value) ? String(value) : value
  const number = typeof text === 'string' ? numberIn(text) : undefined
  if (number === undefined) throw new SyntaxError(`${what}: got ${JSON.stringify(value)}, expected a whole number`)
  return number
}

function threadOf(
  { name, init }: LitmusTest,
  thread: readonly LitmusStatement[],
  t: number,
  locations: readonly string[],
): LitmusThread {
  const { statements, labels, from } = instructionsOf(thread)
  const entry: ([number, number] | undefined)[] = []
  // A register that nobody names holds 0.
  const registers = new Map<number, Register>(Array.from({ length: 10 }, (_, n) => [n, number(constant(0n))]))
  for (const [register, value] of Object.entries(init.registers[t] ?? {})) {
    const n = Number(/^r(\d+)$/.exec(register)?.[1] ?? -1)
    if (!(n >= 0 && n <= 10)) throw new SyntaxError(`thread ${t}: got the register '${register}', expected r0 to r10`)
    const isPlace = typeof value === 'string' && locations.includes(value)
    if (isPlace) {
      entry[n] = [0, wordOf(locations, value)]
      registers.set(n, placeIn(value))
      continue
    }
    const given = numberOf(`thread ${t}, ${register}`, value)
    entry[n] = halvesOf(given)
    registers.set(n, number(constant(given)))
  }
  const { code, slots } = assemble(statements, labels)
  const verified = verify(bareProgram(`${name}, thread ${t}`, code), { license: '', maps: [] }, { entry: registers })
  const generated = generate(verified, { access64: 'whole', registers: true })
  const statementOf = new Map(slots.map((slot, k) => [slot, from[k]]))
  const isAddress = (n: number): boolean => registers.get(n)?.kind === 'pointer'
  return {
    generated,
    entry,
    touches: verified.facts.some((fact) => fact?.kind === 'access' && fact.place.region === 'memory'),
    observed: Array.from({ length: 10 }, (_, n) => n).filter((n) => !isAddress(n)),
    statements: generated.lines.map((slot) => (slot === undefined ? undefined : statementOf.get(slot))),
  }
}

function placeIn(name: string): Register {
  return pointer('memory', { memory: { name, size: 8 } })
}

/** The final state, of the words and of the registers that each thread returned. */
export function finalState(program: LitmusProgram, words: Int32Array, results: readonly unknown[]): FinalState {
  const state = new Map<string, bigint>()
  program.threads.forEach(({ observed }, t) => {
    const registers = results[t] as readonly number[]
    for (const n of observed) state.set(`${t}:r${n}`, wide(registers[2 * n], registers[2 * n + 1]))
  })
  for (const name of program.locations) {
    const word = wordOf(program.locations, name)
    state.set(name, wide(words[word], words[word + 1]))
  }
  return state
}

/** The tests of a file's text. Throws a SyntaxError that says what was got and what was expected. */
export function readLitmusTests(text: string): readonly LitmusTest[] {
  return readTests(text, ({ name, init = {}, threads, condition, quantifier = 'exists' }, bad) => {
    if (!Array.isArray(threads) || threads.length === 0 || !threads.every(isThread))
      return bad(`got no threads in ${name}, expected lists of [operation, operands...]`)
    if (typeof condition !== 'string') return bad(`got no condition in ${name}, expected a text like (0:r1=1 /\\ x=2)`)
    if (quantifier !== 'exists') return bad(`got the quantifier '${quantifier}' in ${name}, expected exists`)
    const { registers = {}, memory = {} } = (init ?? {}) as Partial<LitmusTest['init']>
    if (![init, registers, memory].every(isObject) || !Object.values(registers).every(isObject))
      return bad(`got no objects in the init of ${name}, expected registers like { "0": { "r1": "x" } } and memory`)
    return { name: name as string, init: { registers, memory }, threads, quantifier, condition }
  })
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isThread(thread: unknown): thread is readonly LitmusStatement[] {
  return Array.isArray(thread) && thread.every((each) => Array.isArray(each) && typeof each[0] === 'string')
}
