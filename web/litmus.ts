/**
 * Litmus programs, in the page's words. Loaded when somebody comes to the litmus corner.
 */

import { type Litmus, litmusScenario, type Scenario } from '../src/explore/internals.ts'

/** Reads a litmus program. Throws a SyntaxError in the page's words: its threads are CPUs, counted from 0. */
export function readLitmus(text: string): Scenario<Litmus> {
  try {
    return litmusScenario(text)
  } catch (error) {
    const { message } = error as SyntaxError
    throw new SyntaxError(
      message.replace(/^litmus: /, '').replace(/\(thread (\d+)(?=, statement \d+\)$)/, (_, n) => `(CPU ${n - 1}`),
    )
  }
}

/** Why a litmus program can't be read; '' if it can. */
export function litmusProblem(text: string): string {
  try {
    readLitmus(text)
    return ''
  } catch (error) {
    return (error as SyntaxError).message
  }
}
