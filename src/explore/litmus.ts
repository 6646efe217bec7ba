/**
 * Litmus programs: a few straight-line threads over named words, all zero at start.
 *
 *     W x 1; R y | W y 1; R x
 *
 * `W x v` store, `R x` load, `A x d` fetch-add, `X x v` exchange, `C x e n` compare-and-swap, `L m`/`U m`
 * lock and unlock, `T m` trylock, `AWAIT x==0` (or `!=`); `|` separates threads. All accesses are atomic. A `U m`
 * behind a `T m` that found the lock busy does nothing, since there is nothing to release. What loads,
 * read-modify-writes and trylocks gave is the outcome, with the words' final values.
 */

import { ALOAD, ASTORE, AWAIT, CAS, LOCK, RMW, TRYLOCK, UNLOCK } from './runtime/kinds.ts'
import { runtime } from './runtime/runtime.ts'
import type { Twin } from './runtime/twin.ts'
import type { Scenario } from './scenario.ts'

interface Step {
  readonly letter: 'W' | 'R' | 'A' | 'X' | 'C' | 'L' | 'U' | 'T' | 'AWAIT'
  readonly word: number
  readonly a: number
  readonly b: number
  readonly holds: ((value: number) => boolean) | undefined
  readonly site: number
}

/** A litmus program, ready to be explored. */
export interface Litmus {
  /** The program. */
  readonly text: string
  /** The memory that it works on. */
  readonly words: Int32Array
  /** The words' names, in order of appearance. */
  readonly names: readonly string[]
  /** Each thread returns what it observed, as `x=1` strings. */
  readonly threads: readonly (() => Twin<string[]>)[]
  /** The threads' texts. */
  readonly threadNames: readonly string[]
  /** The words' values now, as `x=1 y=0`; locks left out. */
  readonly final: () => string
}

const FORMS = {
  W: 'W x v',
  R: 'R x',
  A: 'A x d',
  X: 'X x v',
  C: 'C x e n',
  L: 'L m',
  U: 'U m',
  T: 'T m',
  AWAIT: 'AWAIT x==v',
} as const
const WHAT = {
  W: 'store',
  R: 'load',
  A: 'add',
  X: 'exchange',
  C: 'compare-and-swap',
  L: 'lock',
  U: 'unlock',
  T: 'trylock',
  AWAIT: 'await',
} as const

/** A number as a word holds it. */
function inWord(value: string, bad: (why: string) => SyntaxError): number {
  const number = value.startsWith('-') ? -Number(value.slice(1)) : Number(value)
  if (Number.isNaN(number)) throw bad(`'${value}' is no number`)
  if (number < -(2 ** 31) || number >= 2 ** 32) throw bad(`'${value}' is no number of 32 bits`)
  return number | 0
}

/** Reads a litmus program. Throws a SyntaxError that names the statement it can't read. */
export function litmus(text: string): Litmus {
  const names: string[] = []
  const locks = new Set<number>()
  const wordOf = (name: string) => {
    if (!names.includes(name)) names.push(name)
    return names.indexOf(name)
  }
  const sites: { file: string; line: number; column: number; operation: string; source: string }[] = []
  const parse = (source: string, line: number, column: number): Omit<Step, 'site'> & { site: number } => {
    const bad = (why: string) => new SyntaxError(`litmus: ${why} in '${source}' (thread ${line}, statement ${column})`)
    const waits = /^AWAIT\s+(\w+)\s*(==|!=)\s*(-?\w+)$/.exec(source)
    const [letter, ...rest] = waits === null ? source.split(/\s+/) : ['AWAIT', waits[1]]
    if (letter === undefined || !Object.hasOwn(FORMS, letter))
      throw bad(`no statement '${letter}', expected ${Object.values(FORMS).join(', ')},`)
    const op = letter as Step['letter']
    if (op === 'AWAIT' && waits === null) throw bad(`expected the form '${FORMS.AWAIT}' or 'AWAIT x!=v'`)
    if (rest.length !== FORMS[op].split(' ').length - 1) throw bad(`expected the form '${FORMS[op]}'`)
    const [name, ...values] = rest as [string, ...string[]]
    if (!/^[A-Za-z_]\w*$/.test(name)) throw bad(`'${name}' is no name`)
    const [a = 0, b = 0] = values.map((value) => {
      if (!/^-?(\d+|0x[0-9a-fA-F]+)$/.test(value)) throw bad(`'${value}' is no number`)
      return inWord(value, bad)
    })
    const word = wordOf(name)
    if (op === 'L' || op === 'U' || op === 'T') locks.add(word)
    const wanted = waits === null ? 0 : inWord(waits[3], bad)
    const equal = waits?.[2] === '=='
    sites.push({ file: 'litmus', line, column, operation: WHAT[op], source })
    return {
      letter: op,
      word,
      a,
      b,
      holds: waits === null ? undefined : (value) => (value === wanted) === equal,
      site: sites.length - 1,
    }
  }
  const threadNames = text.split('|').map((thread) => thread.trim())
  const programs = threadNames.map((thread, t) =>
    thread
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== '')
      .map((statement, k) => parse(statement, t + 1, k + 1)),
  )
  if (sites.length === 0)
    throw new SyntaxError("litmus: got no statement, expected a program like 'W x 1; R y | W y 1; R x'")
  const within = sites.map(({ line }) => line - 1)
  const outline = { functions: threadNames, within, visible: sites.map((_, site) => site) }
  const base = runtime.module('litmus', text, sites, [], outline)
  const words = new Int32Array(new SharedArrayBuffer(Math.max(1, names.length) * 4))
  return {
    text,
    words,
    names,
    threads: programs.map((program) => () => thread(program, words, names, base)),
    threadNames,
    final: () => names.flatMap((name, i) => (locks.has(i) ? [] : [`${name}=${words[i]}`])).join(' '),
  }
}

/** A litmus program as a scenario: what each thread observed and the final values are its outcome. */
export function litmusScenario(text: string): Scenario<Litmus> {
  const made = litmus(text)
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
    outcome: (_, results) =>
      [...results.map((seen, t) => [t, (seen as string[] | undefined)?.join(' ') ?? ''] as const)]
        .filter(([, seen]) => seen !== '')
        .map(([t, seen]) => `${t}: ${seen}`)
        .concat(made.final() === '' ? [] : `end: ${made.final()}`)
        .join('; '),
    placeName: (index) => made.names[index],
  }
}

function* thread(program: readonly Step[], words: Int32Array, names: readonly string[], base: number): Twin<string[]> {
  const seen: string[] = []
  /** Locks that the latest trylock did not get. */
  const busy = new Set<number>()
  for (const { letter, word, a, b, holds, site } of program) {
    const at = base + site
    switch (letter) {
      case 'W':
        runtime.op(ASTORE, at, words, word) || (yield)
        runtime.did(Atomics.store(words, word, a))
        break
      case 'R':
        runtime.op(ALOAD, at, words, word) || (yield)
        seen.push(`${names[word]}=${runtime.did(Atomics.load(words, word))}`)
        break
      case 'A':
        runtime.op(RMW, at, words, word) || (yield)
        seen.push(`${names[word]}=${runtime.did(Atomics.add(words, word, a))}`)
        break
      case 'X':
        runtime.op(RMW, at, words, word) || (yield)
        seen.push(`${names[word]}=${runtime.did(Atomics.exchange(words, word, a))}`)
        break
      case 'C':
        runtime.op(CAS, at, words, word, a, b) || (yield)
        seen.push(`${names[word]}=${runtime.did(Atomics.compareExchange(words, word, a, b))}`)
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
        seen.push(`${names[word]} ${runtime.result === true ? 'taken' : 'busy'}`)
        break
      default:
        runtime.op(AWAIT, at, words, word, holds) || (yield)
    }
  }
  return seen
}
