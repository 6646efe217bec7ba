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
  /** An older name that it still has. Its value may be in another unit, so it is parsed by itself. */
  readonly older?: { readonly name: string; readonly parse: (name: string, text: string) => T }
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
    Object.entries(flags).flatMap(([name, { parse, short, older }]) => [
      [name, { type: parse === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) }],
      ...(older === undefined ? [] : [[older.name, { type: 'string' as const }]]),
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
    const name = nameOf(token.name, flags)
    if (name === undefined) throw unknownFlag(token.rawName, flags)
    const { older, ...flag } = flags[name]
    const value = readValue(older?.name === token.name ? { ...flag, parse: older.parse } : flag, token, flags)
    values[name] = flags[name].many && given.has(name) ? [...(values[name] as []), ...(value as [])] : value
    given.add(name)
  }
  if (found.length > most) throw new UsageError(`got ${quote(found[most])}, expected ${words}`)
  return { values: values as Values<F>, words: found, given }
}

/** The name of the flag that is given by that name, or by that older one. */
function nameOf(given: string, flags: Flags): string | undefined {
  if (Object.hasOwn(flags, given)) return given
  return Object.keys(flags).find((name) => flags[name].older?.name === given)
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
  return Object.entries(flags).some(([long, { short, older }]) =>
    [`--${long}`, `-${short}`, `--${older?.name}`].includes(name),
  )
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
    .map(({ help, older }, i) => {
      return `  ${left[i].padEnd(width)}  ${help}${older === undefined ? '' : `, also --${older.name}`}`
    })
    .join('\n')
}
