/**
 * Statements of BPF litmus tests as instructions: `["fetch_add", "r2", "r8", 0, "r2", 64]`.
 */

import type { Operand, Statement } from './isa/assemble.ts'

/** A statement as the file has it. */
export type LitmusStatement = readonly [operation: string, ...rest: (string | number)[]]

const SHIFTS: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '^': 'xor',
  '&': 'and',
  '|': 'or',
  '*': 'mul',
}
const RELATIONS: Readonly<Record<string, string>> = {
  '==': 'jeq',
  '!=': 'jne',
  '<': 'jlt',
  '<=': 'jle',
  '>': 'jgt',
  '>=': 'jge',
}
const LETTERS: Readonly<Record<number, string>> = { 8: 'b', 16: 'h', 32: 'w', 64: 'dw' }

/** The instructions of a thread, with an exit behind them, and its labels. Throws a SyntaxError. */
export function instructionsOf(thread: readonly LitmusStatement[]): {
  statements: Statement[]
  labels: Map<string, number>
  /** Which of the thread's statements each comes from. */
  from: number[]
} {
  const statements: Statement[] = []
  const labels = new Map<string, number>()
  const from: number[] = []
  thread.forEach((statement, i) => {
    if (statement[0] === 'label') {
      labels.set(String(statement[1]), statements.length)
      return
    }
    for (const each of translate(statement)) {
      statements.push(each)
      from.push(i)
    }
  })
  statements.push(['exit'])
  from.push(thread.length)
  return { statements, labels, from }
}

function translate(statement: LitmusStatement): Statement[] {
  const [operation, ...rest] = statement
  const bad = (why: string): SyntaxError => new SyntaxError(`${why} in ${JSON.stringify(statement)}`)
  const text = (i: number): string => {
    if (typeof rest[i] !== 'string') throw bad(`operand ${i + 1} is no text`)
    return rest[i]
  }
  const place = (i: number): Operand => {
    if (typeof rest[i + 1] !== 'number') throw bad(`operand ${i + 2} is no offset`)
    return [text(i), rest[i + 1] as number]
  }
  const bits = (i: number, allowed: readonly number[]): number => {
    if (!allowed.includes(rest[i] as number)) throw bad(`got the width ${rest[i]}, expected ${allowed.join(', ')}`)
    return rest[i] as number
  }
  const suffix = (i: number): string => (bits(i, [32, 64]) === 32 ? '32' : '')
  const known = (names: Readonly<Record<string, string>>, sign: string): string => {
    if (!Object.hasOwn(names, sign)) throw bad(`got the operator '${sign}', expected ${Object.keys(names).join(' ')}`)
    return names[sign]
  }
  switch (operation) {
    case 'load':
      return [[`ldx${LETTERS[bits(3, [8, 16, 32, 64])]}`, text(0), place(1)]]
    case 'load_acquire':
      return [[`load_acquire${bits(3, [8, 16, 32, 64])}`, text(0), place(1)]]
    case 'store': {
      const width = LETTERS[bits(3, [8, 16, 32, 64])]
      return [[`${isRegister(text(2)) ? 'stx' : 'st'}${width}`, place(0), text(2)]]
    }
    case 'store_release':
      return [[`store_release${bits(3, [8, 16, 32, 64])}`, place(0), text(2)]]
    case 'fetch_add':
      return fetching(`lock_fetch_add${suffix(4)}`, text(0), place(1), text(3), bad)
    case 'xchg':
      return fetching(`lock_xchg${suffix(4)}`, text(0), place(1), text(3), bad)
    case 'cmpxchg':
      return swapping(`lock_cmpxchg${suffix(5)}`, text(0), place(1), text(3), text(4), bad)
    case 'lock_op':
      return [[`lock_${known(SHIFTS, text(2))}${suffix(4)}`, place(0), text(3)]]
    case 'mov':
      return [['mov', text(0), text(1)]]
    case 'alu':
      // What depends on a number minus itself depends on nothing that has an effect where each load is performed in
      // its turn.
      if (text(2) === text(0) && (text(1) === '-' || text(1) === '^')) return [['mov', text(0), '0']]
      return [[known(SHIFTS, text(1)), text(0), text(2)]]
    case 'if':
      return [[known(RELATIONS, text(1)), text(0), text(2), text(3)]]
    default:
      throw bad(`no statement '${operation}'`)
  }
}

function isRegister(text: string): boolean {
  return /^r\d+$/.test(text)
}

/** BPF gives the old value to the register of the operand. */
function fetching(
  name: string,
  to: string,
  place: Operand,
  operand: string,
  bad: (why: string) => SyntaxError,
): Statement[] {
  if (to === operand) return [[name, place, to]]
  if (to === place[0]) throw bad('the result goes to the register of the address, before that is used')
  return [
    ['mov', to, operand],
    [name, place, to],
  ]
}

/** BPF compares with r0, and gives the old value to it. */
function swapping(
  name: string,
  to: string,
  place: Operand,
  expected: string,
  next: string,
  bad: (why: string) => SyntaxError,
): Statement[] {
  if (expected !== 'r0' && (next === 'r0' || place[0] === 'r0'))
    throw bad('r0 is given, which the expected value goes to')
  return [
    ...(expected === 'r0' ? [] : ([['mov', 'r0', expected]] as Statement[])),
    [name, place, next],
    ...(to === 'r0' ? [] : ([['mov', to, 'r0']] as Statement[])),
  ]
}
