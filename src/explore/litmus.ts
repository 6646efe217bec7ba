/**
 * Litmus programs: a few straight-line threads over named words, all zero at start.
 *
 *     W x 1; R y | W y 1; R x
 *
 * `W x v` store, `R x` load, `A x d` fetch-add, `X x v` exchange, `C x e n` compare-and-swap, `L m`/`U m`
 * lock and unlock, `T m` trylock, `AWAIT x==0` (or `!=`): these are atomic. `w x v` and `r x` are a plain store and a
 * plain load, `d x` a marked dereference, `(` and `)` the ends of a read section, `GP` a grace period. `&x` in place of
 * a value is the address of a word: what is accessed behind a `d p` that gave `&x` is accessed through that pointer, if
 * it is x. `|` separates threads. A `U m` behind a `T m` that found the lock busy does nothing, since there is nothing
 * to release. What loads, read-modify-writes and trylocks gave is the outcome, with the words' final values.
 *
 * `exists (0:y=0 /\ 1:x=0)` at the end asks for an execution: `after` throws in each that is as it says.
 */

import { type Condition, holds, refuseUnknown, splitCondition } from './litmus/condition.ts'
import { DOES, type Letter, readStatement, type Statement } from './litmus/statement.ts'
import {
  ALOAD,
  ASTORE,
  AWAIT,
  CAS,
  DEREF,
  GRACE,
  LOCK,
  READ,
  READ_ENTER,
  READ_EXIT,
  RMW,
  TRYLOCK,
  UNLOCK,
  WRITE,
} from './runtime/kinds.ts'
import { runtime } from './runtime/runtime.ts'
import type { Twin } from './runtime/twin.ts'
import type { Scenario } from './scenario.ts'

interface Step extends Pick<Statement, 'letter' | 'holds' | 'name'> {
  /** The index of its word. */
  readonly word: number
  readonly a: number
  readonly b: number
  readonly site: number
}

/** What a load, a read-modify-write or a trylock gave. */
interface Load {
  readonly name: string
  readonly value: number
}

/** A litmus program, ready to be explored. */
export interface Litmus {
  /** The program. */
  readonly text: string
  /** The memory that it works on. */
  readonly words: Int32Array
  /** The words' names, by index; '' for one that has none. */
  readonly names: readonly string[]
  /** Each thread returns what it observed, as `x=1` strings. */
  readonly threads: readonly (() => Twin<string[]>)[]
  /** The threads' texts. */
  readonly threadNames: readonly string[]
  /** The words' values now, as `x=1 y=0`; locks left out. */
  readonly final: () => string
  /** What it asks for, as text, and whether an execution is so, by what its threads returned; undefined: nothing. */
  readonly asks:
    | {
        /** The condition as it was written. */
        readonly text: string
        /** Whether it holds of an execution whose threads returned these. */
        readonly isSo: (results: readonly unknown[]) => boolean
      }
    | undefined
}

/** Statements that give something. */
const LOADS: readonly Letter[] = ['R', 'A', 'X', 'C', 'r', 'd']
const LOCKING: readonly Letter[] = ['L', 'U', 'T']

interface Read {
  readonly statements: readonly (readonly Statement[])[]
  readonly names: readonly string[]
  readonly locks: ReadonlySet<string>
  /** Words that addresses are stored in. */
  readonly pointers: ReadonlySet<string>
  readonly sites: { file: string; line: number; column: number; operation: string; source: string }[]
}

function readThreads(threads: readonly string[]): Read {
  const names: string[] = []
  const locks = new Set<string>()
  const pointers = new Set<string>()
  const sites: Read['sites'] = []
  const addressed = new Set<string>()
  const statements = threads.map((thread, t) =>
    thread
      .split(';')
      .map((source) => source.trim())
      .filter((source) => source !== '')
      .map((source, k) => {
        const where = `in '${source}' (thread ${t + 1}, statement ${k + 1})`
        const statement = readStatement(source, (why) => new SyntaxError(`litmus: ${why} ${where}`))
        const { letter, name, a, b } = statement
        if (name !== '' && !names.includes(name)) names.push(name)
        if (LOCKING.includes(letter)) locks.add(name)
        for (const value of [a, b]) {
          if (typeof value !== 'string') continue
          pointers.add(name)
          addressed.add(value)
        }
        sites.push({ file: 'litmus', line: t + 1, column: k + 1, operation: DOES[letter], source })
        return statement
      }),
  )
  for (const name of addressed) if (!names.includes(name)) names.push(name)
  // No word's address is 0.
  if (addressed.size > 0) names.unshift('')
  return { statements, names, locks, pointers, sites }
}

/** Reads a litmus program. Throws a SyntaxError that names the statement it can't read. */
export function litmus(text: string): Litmus {
  const { program, condition } = splitCondition(text)
  const threadNames = program.split('|').map((thread) => thread.trim())
  const { statements, names, locks, pointers, sites } = readThreads(threadNames)
  if (sites.length === 0)
    throw new SyntaxError("litmus: got no statement, expected a program like 'W x 1; R y | W y 1; R x'")
  const within = sites.map(({ line }) => line - 1)
  const outline = { functions: threadNames, within, visible: sites.map((_, site) => site) }
  const base = runtime.module('litmus', text, sites, [], outline)
  const words = new Int32Array(new SharedArrayBuffer(Math.max(1, names.length) * 4))
  const plain = (name: string, value: number): string => `${name}=${value}`
  const shown =
    pointers.size === 0
      ? plain
      : (name: string, value: number): string =>
          pointers.has(name) && value !== 0 && names[value] !== undefined
            ? `${name}=&${names[value]}`
            : plain(name, value)
  const number = (value: number | string): number => (typeof value === 'string' ? names.indexOf(value) : value)
  let site = base
  const programs = statements.map((its) =>
    its.map((statement): Step => {
      const { name, a, b } = statement
      return { ...statement, word: names.indexOf(name), a: number(a), b: number(b), site: site++ }
    }),
  )
  const visible = names.filter((name) => name !== '' && !locks.has(name))
  return {
    text,
    words,
    names,
    threads: programs.map((its) => () => thread(its, words, shown, condition !== undefined)),
    threadNames,
    final: () => visible.map((name) => shown(name, words[names.indexOf(name)])).join(' '),
    asks: condition && asking(condition, statements, visible, words, names),
  }
}

/** What each thread's loads gave in the execution that has just ended, kept beside what it returned. */
const loadsOf = new WeakMap<object, readonly Load[]>()

function asking(
  condition: Condition,
  statements: Read['statements'],
  visible: readonly string[],
  words: Int32Array,
  names: readonly string[],
): Litmus['asks'] {
  const loads = statements.map((its) => {
    const times = new Map<string, number>()
    for (const { letter, name } of its) if (LOADS.includes(letter)) times.set(name, (times.get(name) ?? 0) + 1)
    return times
  })
  refuseUnknown(condition, loads, visible)
  const address = (name: string) => names.indexOf(name)
  return {
    text: condition.text,
    isSo: (results) =>
      holds(
        condition,
        results.map((result) => loadsOf.get(result as object) ?? []),
        (name) => words[address(name)],
        address,
      ),
  }
}

/** A litmus program as a scenario: what each thread observed and the final values are its outcome. */
export function litmusScenario(text: string): Scenario<Litmus> {
  const made = litmus(text)
  const { asks } = made
  return {
    name: text,
    setup: () => {
      made.words.fill(0)
      return made
    },
    threads: made.threads.map((run) => {
      const twin = function* (): Twin {
        return yield* run()
      }
      return twin
    }),
    ...(asks && {
      after: (_: Litmus, results: readonly unknown[]) => {
        if (asks.isSo(results)) throw new Error(`reached: ${asks.text}`)
      },
    }),
    outcome: (_, results) =>
      [...results.map((seen, t) => [t, (seen as string[] | undefined)?.join(' ') ?? ''] as const)]
        .filter(([, seen]) => seen !== '')
        .map(([t, seen]) => `${t}: ${seen}`)
        .concat(made.final() === '' ? [] : `end: ${made.final()}`)
        .join('; '),
    placeName: (index) => made.names[index],
  }
}

function* thread(
  program: readonly Step[],
  words: Int32Array,
  shown: (name: string, value: number) => string,
  /** Somebody asks what it loaded. */
  asked: boolean,
): Twin<string[]> {
  const seen: string[] = []
  const loads: Load[] = []
  /** Locks that the latest trylock did not get. */
  const busy = new Set<number>()
  const loaded = (name: string, value: number): void => {
    if (asked) loads.push({ name, value })
    seen.push(shown(name, value))
  }
  if (asked) loadsOf.set(seen, loads)
  for (const { letter, name, word, a, b, holds: awaited, site: at } of program) {
    switch (letter) {
      case 'W':
        runtime.op(ASTORE, at, words, word) || (yield)
        runtime.did(Atomics.store(words, word, a))
        break
      case 'w':
        runtime.op(WRITE, at, words, word, a) || (yield)
        runtime.did((words[word] = a))
        break
      case 'R':
        runtime.op(ALOAD, at, words, word) || (yield)
        loaded(name, runtime.did(Atomics.load(words, word)))
        break
      case 'r':
      case 'd':
        runtime.op(letter === 'r' ? READ : DEREF, at, words, word) || (yield)
        loaded(name, runtime.did(words[word]))
        break
      case 'A':
        runtime.op(RMW, at, words, word) || (yield)
        loaded(name, runtime.did(Atomics.add(words, word, a)))
        break
      case 'X':
        runtime.op(RMW, at, words, word) || (yield)
        loaded(name, runtime.did(Atomics.exchange(words, word, a)))
        break
      case 'C':
        runtime.op(CAS, at, words, word, a, b) || (yield)
        loaded(name, runtime.did(Atomics.compareExchange(words, word, a, b)))
        break
      case 'L':
        runtime.op(LOCK, at, words, word) || (yield)
        break
      case 'U':
        if (!busy.delete(word)) runtime.op(UNLOCK, at, words, word) || (yield)
        break
      case 'T':
        runtime.op(TRYLOCK, at, words, word) || (yield)
        if (runtime.result !== true) busy.add(word)
        seen.push(`${name} ${runtime.result === true ? 'taken' : 'busy'}`)
        break
      case '(':
        runtime.op(READ_ENTER, at) || (yield)
        break
      case ')':
        runtime.op(READ_EXIT, at) || (yield)
        break
      case 'GP':
        runtime.op(GRACE, at) || (yield)
        break
      default:
        runtime.op(AWAIT, at, words, word, awaited) || (yield)
    }
  }
  return seen
}
