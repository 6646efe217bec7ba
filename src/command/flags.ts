/**
 * The flags of a subcommand: declared once, for parsing and for --help.
 */

import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { parseSize } from './size.ts'
import { UsageError } from './usage-error.ts'

/** A flag and what it takes. `parse` gets the text and throws UsageError; without it the flag takes no value. */
export interface Flag<T> {
  readonly placeholder?: string
  readonly help: string
  readonly parse?: (name: string, text: string) => T
  readonly initial: T
}

export type Flags = Readonly<Record<string, Flag<unknown>>>
export type Values<F extends Flags> = { -readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never }

/** A flag that takes no value. */
export function toggle(help: string): Flag<boolean> {
  return { help, initial: false }
}

/** A whole number from `least` to `most`. */
export function integer(help: string, initial: number, least: number, most: number): Flag<number> {
  const parse = (name: string, text: string) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new UsageError(`--${name}: got ${quote(text)}, expected an integer from ${least} to ${most}`)
  }
  return { placeholder: 'N', help: `${help} (${initial})`, parse, initial }
}

/** A number of seconds above 0, with decimals if wished. */
export function seconds(help: string, initial: number): Flag<number> {
  const parse = (name: string, text: string) => {
    const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
    if (value > 0 && value <= 1e6) return value
    throw new UsageError(`--${name}: got ${quote(text)}, expected a number of seconds above 0, up to 1000000`)
  }
  return { placeholder: 'S', help: `${help} (${initial})`, parse, initial }
}

/** A size in bytes. */
export function size(help: string, initial: number, shown: string): Flag<number> {
  const parse = (name: string, text: string) => {
    const bytes = parseSize(text)
    if (bytes > 0) return bytes
    throw new UsageError(`--${name}: got ${quote(text)}, expected a size such as 64MiB, 1GiB or 67108864`)
  }
  return { placeholder: 'SIZE', help: `${help} (${shown})`, parse, initial }
}

/** One of several words, the first if none is given. */
export function oneOf<const T extends string>(help: string, choices: readonly [T, ...T[]]): Flag<T> {
  const parse = (name: string, text: string) => {
    const choice = choices.find((choice) => choice === text)
    if (choice !== undefined) return choice
    throw new UsageError(`--${name}: got ${quote(text)}, expected ${either(choices)}`)
  }
  return { placeholder: choices.join('|'), help: `${help} (${choices[0]})`, parse, initial: choices[0] }
}

/** A path, or undefined. */
export function path(help: string): Flag<string | undefined> {
  const parse = (name: string, text: string) => {
    if (text !== '') return text
    throw new UsageError(`--${name}: got '', expected a path`)
  }
  return { placeholder: 'PATH', help, parse, initial: undefined }
}

/** A file that will be written. */
export function output(help: string): Flag<string | undefined> {
  const parse = (name: string, text: string) => {
    const folder = dirname(text)
    if (text !== '' && existsSync(folder) && !(existsSync(text) && statSync(text).isDirectory())) return text
    throw new UsageError(`--${name}: got ${quote(text)}, expected a file in a folder that exists`)
  }
  return { placeholder: 'PATH', help, parse, initial: undefined }
}

/** 'a, b or c'. */
export function either(choices: readonly string[]): string {
  return choices.length === 1 ? choices[0] : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}

export function quote(text: string): string {
  return `'${text}'`
}

/** Parses the arguments of a subcommand that has up to `most` words besides its flags, `words` in all. Throws UsageError. */
export function parseFlags<F extends Flags>(
  argv: readonly string[],
  flags: F,
  most = 0,
  words = 'one test',
): { values: Values<F>; words: string[] } {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      { type: flag.parse === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
  } catch (error) {
    throw sentenceOf(error as Error, flags, argv)
  }
  if (parsed.positionals.length > most) {
    throw new UsageError(`got ${quote(parsed.positionals[most])}, expected ${most === 0 ? 'only flags' : words}`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, flag] of Object.entries(flags)) {
    const given = parsed.values[name]
    values[name] = given === undefined ? flag.initial : flag.parse === undefined ? true : flag.parse(name, `${given}`)
  }
  return { values: values as Values<F>, words: parsed.positionals }
}

/** Node's message in our form. */
function sentenceOf(error: Error & { code?: string }, flags: Flags, argv: readonly string[]): UsageError {
  const name = /'(?:-\w, )?(-{1,2}[^' ]*)/.exec(error.message)?.[1] ?? ''
  const flag = flags[name.replace(/^--/, '')]
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || flag === undefined) {
    return new UsageError(`got the unknown flag ${name}, expected ${either(Object.keys(flags).map((f) => `--${f}`))}`)
  }
  if (flag.parse === undefined) return new UsageError(`${name}: got a value, expected none`)
  const next = argv[argv.indexOf(name) + 1]
  // A value with a dash in front, such as -3, which parseArgs takes for a flag that was forgotten.
  const got = next === undefined || Object.hasOwn(flags, next.replace(/^--/, '')) ? 'no value' : quote(next)
  return new UsageError(`${name}: got ${got}, expected ${name} ${flag.placeholder}`)
}

/** The list of flags for --help. */
export function helpOf(flags: Flags): string {
  const left = Object.entries(flags).map(([name, flag]) => `--${name}${flag.parse ? ` ${flag.placeholder}` : ''}`)
  const width = Math.max(...left.map((text) => text.length))
  return Object.values(flags)
    .map((flag, i) => `  ${left[i].padEnd(width)}  ${flag.help}`)
    .join('\n')
}
