/**
 * The flags of a command: declared once, for parsing and for --help.
 */

import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'
import { meant, quote } from './words.ts'

/** A flag and what it takes. flag-kinds.ts has the usual ones. */
export interface Flag<T> {
  readonly help: string
  /** The value where the flag is not given. */
  readonly initial: T
  /** What stands for its value in --help. */
  readonly placeholder?: string
  /** Gets the text and throws UsageError; without it the flag takes no value. */
  readonly parse?: (name: string, text: string) => T
  /** The letter that may stand for it: t for -t. */
  readonly short?: string
  /** It may be given more than once: the values, which are lists, are put together. */
  readonly many?: true
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type Values<F extends Flags> = { -readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

/** A command line that makes sense. */
export interface Parsed<F extends Flags> {
  readonly values: Values<F>
  /** What stands there besides flags. */
  readonly words: readonly string[]
  /** The flags that were given. */
  readonly given: ReadonlySet<keyof F>
}

/**
 * Parses the arguments of a command that takes up to `most` words besides its flags, `words` in all. Throws UsageError.
 */
export function parseFlags<F extends Flags>(
  argv: readonly string[],
  flags: F,
  most = 0,
  words = 'only flags',
): Parsed<F> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { parse, short }]) => [
      name,
      { type: parse === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  )
  // Not strict, since what is wrong is said here, and in one form.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
  const values: Record<string, unknown> = {}
  for (const [name, { initial }] of Object.entries(flags)) values[name] = initial
  const found: string[] = []
  const given = new Set<keyof F>()
  for (const token of tokens) {
    if (token.kind === 'positional') found.push(token.value)
    if (token.kind !== 'option') continue
    const { name } = token
    if (!Object.hasOwn(flags, name)) throw unknownFlag(token.rawName, flags)
    const value = readValue(flags[name], token, flags)
    values[name] = flags[name].many && given.has(name) ? [...(values[name] as []), ...(value as [])] : value
    given.add(name)
  }
  if (found.length > most) throw new UsageError(`got ${quote(found[most])}, expected ${words}`)
  return { values: values as Values<F>, words: found, given }
}

/** What parseArgs says of a flag. */
interface Token {
  readonly name: string
  /** As it was written: -t or --tcp. */
  readonly rawName: string
  readonly value?: string | undefined
  /** Whether the value came behind an equals sign. */
  readonly inlineValue?: boolean | undefined
}

function readValue({ parse, placeholder }: Flag<unknown>, token: Token, flags: Flags): unknown {
  const { name, rawName, value, inlineValue } = token
  if (parse === undefined) {
    if (value === undefined) return true
    throw new UsageError(`${rawName}: got a value, expected none`)
  }
  // Node takes the next word whatever it is. Neither a flag nor a slip of one is a value; a number below zero is, and a
  // dash alone.
  if (value !== undefined && (inlineValue || !/^-[^\d.]/.test(value))) return parse(name, value)
  const got = value === undefined || isFlag(value, flags) ? 'no value' : quote(value)
  throw new UsageError(`${rawName}: got ${got}, expected ${rawName} ${placeholder}`)
}

function isFlag(word: string, flags: Flags): boolean {
  const name = word.replace(/=.*/s, '')
  return Object.entries(flags).some(([long, { short }]) => name === `--${long}` || name === `-${short}`)
}

function unknownFlag(got: string, flags: Flags): UsageError {
  const known = Object.keys(flags).map((name) => `--${name}`)
  return new UsageError(`got the unknown flag ${got}, expected ${meant(got, known)}`)
}

/** The list of flags for --help. */
export function helpOf(flags: Flags): string {
  const left = Object.entries(flags).map(([name, { short, placeholder }]) =>
    [short === undefined ? '' : `-${short}, `, `--${name}`, placeholder === undefined ? '' : ` ${placeholder}`].join(
      '',
    ),
  )
  const width = Math.max(...left.map((text) => text.length))
  return Object.values(flags)
    .map((flag, i) => `  ${left[i].padEnd(width)}  ${flag.help}`)
    .join('\n')
}
