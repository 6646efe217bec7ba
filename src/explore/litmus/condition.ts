/**
 * What a litmus program asks for: `exists (0:y=0 /\ 1:x=0 /\ z=1)`. `1:x` is what thread 1 loaded from x last,
 * `1:x[1]` the first time; `z` what it holds at the end.
 */
import { NAME, valueIn } from './statement.ts'

interface Clause {
  /** Undefined: of the end. */
  readonly thread: number | undefined
  readonly name: string
  /** Which of the loads, from 1 on; undefined: the last one. */
  readonly which: number | undefined
  /** A number, or the name of a word whose address it is. */
  readonly value: number | string
}

export interface Condition {
  readonly text: string
  readonly clauses: readonly Clause[]
}

const CLAUSE = new RegExp(`^(?:(\\d+):)?(${NAME})(?:\\[([1-9]\\d*)\\])?\\s*==?\\s*(\\S+)$`)

/** Takes the question off a program's text. Throws a SyntaxError that says what it stumbled over. */
export function splitCondition(text: string): { readonly program: string; readonly condition: Condition | undefined } {
  const found = /^(.*?)\bexists\b(.*)$/s.exec(text)
  if (found === null) return { program: text, condition: undefined }
  const asked = found[2].trim()
  const bare = /^\((.*)\)$/s.exec(asked)?.[1] ?? asked
  const clauses = bare.split('/\\').map((part) => readClause(part.trim()))
  return { program: found[1], condition: { text: `exists ${asked}`, clauses } }
}

function readClause(part: string): Clause {
  const bad = (why: string) =>
    new SyntaxError(
      `litmus: exists: got '${part}', ${why}; expected parts like 0:x=1, 0:x[1]=1 or x=1 with /\\ between`,
    )
  const [, thread, name, which, value] = CLAUSE.exec(part) ?? []
  if (name === undefined) throw bad('which is no such part')
  return {
    thread: thread === undefined ? undefined : Number(thread),
    name,
    which: which === undefined ? undefined : Number(which),
    value: valueIn(value, bad),
  }
}

/** What there is to ask for: by thread, how often it loads each name; and the words. */
export function refuseUnknown(
  { clauses }: Condition,
  loads: readonly ReadonlyMap<string, number>[],
  words: readonly string[],
): void {
  for (const { thread, name, which = 1, value } of clauses) {
    const bad = (why: string) => new SyntaxError(`litmus: exists: ${why}`)
    if (typeof value === 'string' && !words.includes(value))
      throw bad(`got '&${value}', expected a word of the program`)
    if (thread === undefined) {
      if (!words.includes(name)) throw bad(`got '${name}', expected a word of the program`)
      continue
    }
    if (loads[thread] === undefined) throw bad(`got thread ${thread}, expected one of 0 to ${loads.length - 1}`)
    const times = loads[thread].get(name) ?? 0
    if (times < which)
      throw bad(`got '${thread}:${name}${which > 1 ? `[${which}]` : ''}', which thread ${thread} does not load`)
  }
}

/** Whether an execution is what is asked for. `seen`: by thread, what it loaded, in order. */
export function holds(
  { clauses }: Condition,
  seen: readonly (readonly { readonly name: string; readonly value: number }[])[],
  wordNow: (name: string) => number,
  addressOf: (name: string) => number,
): boolean {
  return clauses.every(({ thread, name, which, value }) => {
    const wanted = typeof value === 'string' ? addressOf(value) : value
    if (thread === undefined) return wordNow(name) === wanted
    const its = seen[thread].filter((each) => each.name === name)
    const load = which === undefined ? its[its.length - 1] : its[which - 1]
    return load?.value === wanted
  })
}
