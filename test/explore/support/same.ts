/**
 * The body of a function `run(w)`, plain and in a twin: the same value or error, and the same words afterwards.
 */

import { expect } from 'vitest'
import { runPlain, runTwin } from './alone.ts'
import { instrumented, untouched, words } from './source.ts'

/** With its classes and functions at the top of the module, and with all of them in the function. */
function textsOf(body: string): string[] {
  const lines = body.split('\n')
  const declared = (line: string) => /^\s*(class|function)/.test(line)
  const top = lines.filter(declared).join('\n')
  const rest = lines.filter((line) => !declared(line)).join('\n')
  return [`export function run(w) {${body}\n}`, `let w\n${top}\nexport function run(words) { w = words\n${rest}\n}`]
}

/** Runs it in both ways. It has to touch shared memory. */
export async function expectTheSame(body: string): Promise<void> {
  for (const text of textsOf(body)) {
    const [twins, plain] = [await instrumented(text, {}, 'source.mjs'), await untouched(text)]
    const [mine, theirs] = [words(8, [3, 1, 4, 1, 5]), words(8, [3, 1, 4, 1, 5])]
    const { value, error, events } = runTwin(twins.run, [mine])
    const expected = runPlain(plain.run, [theirs])
    expect({ value, error, memory: [...mine] }).toEqual({ ...expected, memory: [...theirs] })
    expect(events.length).toBeGreaterThan(0)
  }
}
