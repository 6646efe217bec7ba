/**
 * What exhibits are called. A build writes down what it comes to, as of the index, and the page loads it when a title
 * is to be seen.
 */

import { EXHIBITS } from '../museum/exhibits.ts'
import { LESSON_EXHIBITS } from '../museum/lesson-exhibits.ts'

/** By id. */
export const TITLES: Readonly<Record<string, string>> = Object.fromEntries(
  [...LESSON_EXHIBITS, ...EXHIBITS].map(({ id, title }) => [id, title]),
)
