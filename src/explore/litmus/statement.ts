/**
 * The statements of litmus programs, each by a letter: how they are written, and how one is read.
 */

export type Letter = keyof typeof FORMS

/** A statement, ready to be run. */
export interface Statement {
  readonly letter: Letter
  /** The name of the word or lock; '' for a statement about neither. */
  readonly name: string
  /** What is stored, added, expected: a number, or the name of a word whose address it is. */
  readonly a: number | string
  readonly b: number | string
  /** What an AWAIT waits for. */
  readonly holds: ((value: number) => boolean) | undefined
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
  w: 'w x v',
  r: 'r x',
  d: 'd x',
  '(': '(',
  ')': ')',
  GP: 'GP',
} as const

/** What each does, for reports. */
export const DOES: Readonly<Record<Letter, string>> = {
  W: 'store',
  R: 'load',
  A: 'add',
  X: 'exchange',
  C: 'compare-and-swap',
  L: 'lock',
  U: 'unlock',
  T: 'trylock',
  AWAIT: 'await',
  w: 'plain store',
  r: 'plain load',
  d: 'dereference',
  '(': 'read-section enter',
  ')': 'read-section exit',
  GP: 'grace period',
}

/** A number as a word holds it. */
export function inWord(value: string, bad: (why: string) => SyntaxError): number {
  const number = value.startsWith('-') ? -Number(value.slice(1)) : Number(value)
  if (Number.isNaN(number)) throw bad(`'${value}' is no number`)
  if (number < -(2 ** 31) || number >= 2 ** 32) throw bad(`'${value}' is no number of 32 bits`)
  return number | 0
}

export const NAME = '[A-Za-z_]\\w*'
const isName = new RegExp(`^${NAME}$`)
const isAddress = new RegExp(`^&${NAME}$`)

/** A number, or `&x`. */
export function valueIn(text: string, bad: (why: string) => SyntaxError): number | string {
  if (isAddress.test(text)) return text.slice(1)
  if (!/^-?(\d+|0x[0-9a-fA-F]+)$/.test(text)) throw bad(`'${text}' is no number`)
  return inWord(text, bad)
}

/** Reads a statement. Throws what `bad` makes. */
export function readStatement(source: string, bad: (why: string) => SyntaxError): Statement {
  const waits = /^AWAIT\s+(\w+)\s*(==|!=)\s*(-?\w+)$/.exec(source)
  const [letter, ...rest] = waits === null ? source.split(/\s+/) : ['AWAIT', waits[1]]
  if (letter === undefined || !Object.hasOwn(FORMS, letter))
    throw bad(`no statement '${letter}', expected ${Object.values(FORMS).join(', ')},`)
  const op = letter as Letter
  if (op === 'AWAIT' && waits === null) throw bad(`expected the form '${FORMS.AWAIT}' or 'AWAIT x!=v'`)
  if (rest.length !== (op === 'AWAIT' ? 1 : FORMS[op].split(' ').length - 1))
    throw bad(`expected the form '${FORMS[op]}'`)
  const [name = '', ...values] = rest
  if (rest.length > 0 && !isName.test(name)) throw bad(`'${name}' is no name`)
  const [a = 0, b = 0] = values.map((value) => valueIn(value, bad))
  if (op === 'A' && typeof a === 'string') throw bad(`'&${a}' is no number`)
  if (waits === null) return { letter: op, name, a, b, holds: undefined }
  const wanted = inWord(waits[3], bad)
  const equal = waits[2] === '=='
  return { letter: op, name, a, b, holds: (value) => (value === wanted) === equal }
}
