/**
 * Transforms kept from earlier loads, so that a program loaded again with an edit or two costs what the edits change.
 *
 * A transform is a function of a module's text and of what it asks about the modules that it imports. So its result
 * holds for the same text as long as the same questions get the same answers, and those are asked again each time: an
 * edit of an imported module is seen even if the text here is as it was.
 */

import type { Foreign } from '../transform/own-values.ts'
import { type Imported, type Known, knownOf, type TransformOptions } from '../transform/transform.ts'
import { instrumentText } from './instrument-text.ts'

/** What a transform asks about the modules around it. */
export interface Surroundings {
  specifier(source: string, dynamic?: boolean): string
  imported(source: string, name: string): Imported | undefined
  accessors(): Iterable<string>
  foreign(source: string, name: string): Foreign | undefined
  touched(): Iterable<string>
  awaits(): boolean
}

/** A question and its answer, as text. */
interface Answer {
  readonly asked: keyof Surroundings
  readonly source: string
  readonly name: string
  readonly text: string
}

interface Kept<T> {
  readonly text: string
  readonly answers: readonly Answer[]
  readonly result: T
}

/** Versions of a file that are kept: the text as it stands, and those of the latest edits. */
const VERSIONS = 4

const outputs = new Map<string, Kept<Output>[]>()
const known = new Map<string, Kept<Known>[]>()

/** An instrumented text with its source map, and how Node has to load it. */
export interface Output {
  readonly code: string
  /** Those of the source map. */
  readonly mappings: string
  readonly format: 'module' | 'commonjs'
}

/** The instrumented text of a module: what `transform` makes of it among these surroundings. */
export function transformedText(
  text: string,
  file: string,
  options: Pick<TransformOptions, 'raw' | 'url' | 'format'>,
  around: Surroundings,
): Output {
  return keep(outputs, keyOf(file, options), text, around, (noting) => {
    const { code, map, format } = instrumentText(text, file, { ...options, ...noting })
    return { code: `${code}\n//# sourceMappingURL=${map.toUrl()}\n`, mappings: map.mappings, format }
  })
}

/** What other modules may know of a module, where accessors of these names are about. */
export function knownText(text: string, file: string, raw: boolean, accessors: Iterable<string> = []): Known {
  const key = `${keyOf(file, { raw })} ${[...accessors].sort().join()}`
  return keep(known, key, text, undefined, () => knownOf(text, file, { raw, accessors: () => accessors }))
}

const keyOf = (file: string, { raw = false }: { readonly raw?: boolean }): string => `${raw ? 'raw' : ''} ${file}`

function keep<T>(
  all: Map<string, Kept<T>[]>,
  key: string,
  text: string,
  around: Surroundings | undefined,
  make: (noting: Surroundings | undefined) => T,
): T {
  const before = all.get(key) ?? []
  const holds = ({ asked, source, name, text }: Answer): boolean => answerOf(around!, asked, source, name) === text
  let kept = before.find((each) => each.text === text && each.answers.every(holds))
  if (kept === undefined) {
    const answers: Answer[] = []
    kept = { text, result: make(around && notingTo(answers, around)), answers }
  }
  all.set(key, [kept, ...before.filter((each) => each !== kept)].slice(0, VERSIONS))
  return kept.result
}

/** The same surroundings; each question that is asked there is noted, once. */
function notingTo(answers: Answer[], around: Surroundings): Surroundings {
  const noted = new Set<string>()
  const note = (asked: keyof Surroundings, source: string, name = ''): void => {
    const question = JSON.stringify([asked, source, name])
    if (noted.has(question)) return
    noted.add(question)
    answers.push({ asked, source, name, text: answerOf(around, asked, source, name) })
  }
  return {
    specifier(source, dynamic = false) {
      note('specifier', source, dynamic ? 'dynamic' : '')
      return around.specifier(source, dynamic)
    },
    imported(source, name) {
      note('imported', source, name)
      return around.imported(source, name)
    },
    accessors() {
      note('accessors', '')
      return around.accessors()
    },
    foreign(source, name) {
      note('foreign', source, name)
      return around.foreign(source, name)
    },
    touched() {
      note('touched', '')
      return around.touched()
    },
    awaits() {
      note('awaits', '')
      return around.awaits()
    },
  }
}

function answerOf(around: Surroundings, asked: keyof Surroundings, source: string, name: string): string {
  if (asked === 'specifier') return around.specifier(source, name === 'dynamic')
  if (asked === 'imported') return JSON.stringify(around.imported(source, name) ?? null)
  if (asked === 'awaits') return String(around.awaits())
  if (asked === 'foreign') return JSON.stringify(around.foreign(source, name) ?? null)
  return [...(asked === 'touched' ? around.touched() : around.accessors())].sort().join()
}
