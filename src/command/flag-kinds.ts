/**
 * The usual kinds of flags, each with the one sentence that a wrong value gets.
 */

import { dirname } from 'node:path'
import type { Flag } from './flags.ts'
import { isFree, kindAt } from './path.ts'
import { parseSize } from './size.ts'
import { UsageError } from './usage-error.ts'
import { either, quote } from './words.ts'

function refusal(name: string, got: string, expected: string): UsageError {
  return new UsageError(`--${name}: got ${quote(got)}, expected ${expected}`)
}

/** A flag that takes no value. */
export function toggle(help: string): Flag<boolean> {
  return { help, initial: false }
}

/** The same kind of flag, undefined where it is not given. */
export function optional<T>({ initial: _, ...flag }: Flag<T>, help: string): Flag<T | undefined> {
  return { ...flag, help, initial: undefined }
}

/** The same kind of flag, which may be given more than once: a list. */
export function many<T>({ initial: _, older: __, parse, ...flag }: Flag<T>): Flag<readonly Exclude<T, undefined>[]> {
  return { ...flag, initial: [], many: true, parse: (name, text) => [parse!(name, text) as Exclude<T, undefined>] }
}

/** The same flag, which goes by an older name too. `parse` reads its value where that is in another unit. */
export function alsoNamed<T>(name: string, flag: Flag<T>, parse = flag.parse!): Flag<T> {
  return { ...flag, older: { name, parse } }
}

/** A whole number from `least` to `most`. */
export function integer(help: string, initial: number, least: number, most: number): Flag<number> {
  const parse = (name: string, text: string) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw refusal(name, text, `an integer from ${least} to ${most}`)
  }
  return { placeholder: 'N', help: `${help} (${initial})`, parse, initial }
}

/** A length of time above 0, in this unit, with decimals if wished. */
export function duration(unit: 'seconds' | 'minutes', help: string, initial: number): Flag<number> {
  const parse = (name: string, text: string) => {
    const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
    if (value > 0 && value <= 1e6) return value
    throw refusal(name, text, `a number of ${unit} above 0, up to 1000000`)
  }
  return { placeholder: unit === 'seconds' ? 'S' : 'N', help: `${help} (${initial})`, parse, initial }
}

/** A size in bytes. */
export function size(help: string, initial: number, shown: string): Flag<number> {
  const parse = (name: string, text: string) => {
    const bytes = parseSize(text)
    if (bytes > 0) return bytes
    throw refusal(name, text, 'a size such as 64MiB, 1GiB or 67108864')
  }
  return { placeholder: 'SIZE', help: `${help} (${shown})`, parse, initial }
}

/** One of several words, the first if none is given. */
export function oneOf<const T extends string>(help: string, choices: readonly [T, ...T[]]): Flag<T> {
  const parse = (name: string, text: string) => {
    const choice = choices.find((choice) => choice === text)
    if (choice !== undefined) return choice
    throw refusal(name, text, either(choices))
  }
  return { placeholder: choices.join('|'), help: `${help} (${choices[0]})`, parse, initial: choices[0] }
}

/** A text that the command itself judges, or undefined. */
export function text(placeholder: string, help: string): Flag<string | undefined> {
  return { placeholder, help, parse: (_, given) => given, initial: undefined }
}

/** A path, or undefined. */
export function path(help: string): Flag<string | undefined> {
  const parse = (name: string, text: string) => {
    if (text !== '') return text
    throw refusal(name, text, 'a path')
  }
  return { placeholder: 'PATH', help, parse, initial: undefined }
}

/** A folder, which is made where it is not there yet. */
export function folder(help: string, initial: string): Flag<string> {
  const parse = (name: string, text: string) => {
    if (text !== '' && (kindAt(text) === 'folder' || isFree(text))) return text
    throw refusal(name, text, 'a folder, or a path where one can be made')
  }
  return { placeholder: 'FOLDER', help: `${help} (${initial})`, parse, initial }
}

/** A file that will be written. */
export function output(help: string): Flag<string | undefined> {
  const parse = (name: string, text: string) => {
    const kind = kindAt(text)
    const canBe = isFree(text) ? kindAt(dirname(text)) === 'folder' : kind === 'file' || kind === 'other'
    if (text !== '' && canBe) return text
    throw refusal(name, text, 'a file in a folder that exists')
  }
  return { placeholder: 'PATH', help, parse, initial: undefined }
}
