/**
 * What the page knows of all exhibits before one is shown. It is data alone: a build writes down what it comes to, so
 * that the exhibits' texts, which are long, are loaded when a reader asks for one (`web/plugin/exhibit-index.ts`).
 */

import { EXHIBITS } from '../museum/exhibits.ts'
import { LESSON_EXHIBITS } from '../museum/lesson-exhibits.ts'

/** An exhibit, or another text of the sources that is not the one as it stands. */
export interface Variant {
  /** What files are named with, behind their name. */
  readonly id: string
  /** The files that it edits, from the project's root. */
  readonly edited: readonly string[]
  /** Stepped with the implementation of locks and grace periods, which are taken at their word otherwise. */
  readonly raw: boolean
}

/** What an exhibit is about: where the first rule matters that it breaks. */
export type Theme = (typeof THEMES)[number]

/** In the order of the table of rules in docs/design.md. */
export const THEMES = [
  'Lookup and its cache',
  'Unlinking',
  'First storage',
  'Update',
  'Socket destruction',
  'Map free',
  'Clone',
  'Everything else',
] as const

/** The first rule of each theme. */
const FIRST_RULES = [1, 2, 5, 7, 10, 11, 15]

/** C14, no element for a dying socket, is told of its destruction. */
function themeOf(rules: readonly string[]): Theme {
  const rule = rules[0] === 'C14' ? 10 : Number(rules[0]?.slice(1) ?? Number.NaN)
  if (Number.isNaN(rule)) return 'Everything else'
  return THEMES[FIRST_RULES.findLastIndex((first) => first <= rule)]
}

/** An exhibit of the museum as the page can step it, with the scenario that shows it. */
export interface MuseumExhibit extends Variant {
  readonly theme: Theme
  /** Where its scenario stands, from the project's root. */
  readonly file: string
  readonly scenario: string
  /** What it is called in a replay line. */
  readonly lineName: string
  /** The variant of the sources without the bug; '' where these are the sources as they are. */
  readonly mended: string
}

/** Sources without any edit, where locks and grace periods are made of words. */
export const RAW = 'raw'

const filesOf = (edits: readonly { readonly file: string }[]): string[] => [...new Set(edits.map(({ file }) => file))]

/** What belongs to a lesson. */
export const OF_LESSONS: readonly Variant[] = LESSON_EXHIBITS.map(({ id, edits }) => {
  return { id, edited: filesOf(edits), raw: false }
})

export const MUSEUM: readonly MuseumExhibit[] = EXHIBITS.map(({ id, rules, edits, scale = [], scenario }) => {
  const { file, name, raw = false } = scenario
  const mended = scale.length > 0 ? `${id}-mended` : raw ? RAW : ''
  const lineName = `museum#${id}${raw ? '#raw' : ''}`
  const theme = themeOf(rules)
  return { id, theme, edited: filesOf([...edits, ...scale]), raw, file, scenario: name, lineName, mended }
})

/**
 * Sources that are nobody's exhibit and not as they are either: with a number made small, or with locks and grace
 * periods made of words.
 */
export const VARIANTS: readonly Variant[] = [
  ...EXHIBITS.flatMap(({ id, scale = [], scenario: { raw = false } }) =>
    scale.length > 0 ? [{ id: `${id}-mended`, edited: filesOf(scale), raw }] : [],
  ),
  { id: RAW, edited: [], raw: true },
]
