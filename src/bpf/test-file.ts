/**
 * Files of tests, `{ "tests": [...] }` in JSON, and the numbers in them.
 */

/** The sentence about a test that is wrong. */
export type Bad = (what: string) => never

/** What `read` makes of each test of a file's text. Throws a SyntaxError, one sentence, also where there is none. */
export function readTests<T>(text: string, read: (test: Record<string, unknown>, bad: Bad) => T): readonly T[] {
  const tests = (JSON.parse(text) as { tests?: unknown } | null)?.tests
  if (!Array.isArray(tests)) throw new SyntaxError('got no list `tests`, expected an object with tests in `tests`')
  if (tests.length === 0) throw new SyntaxError('got an empty list `tests`, expected at least one test')
  return tests.map((test: Record<string, unknown> | null, i) => {
    const bad = (what: string): never => {
      throw new SyntaxError(`test ${i}: ${what}`)
    }
    if (typeof test !== 'object' || test === null) return bad('got no object, expected one with a name')
    if (typeof test.name !== 'string') return bad(`got the name ${JSON.stringify(test.name)}, expected a text`)
    return read(test, bad)
  })
}

/** The number in a text, in decimal or with 0x; undefined for what is none. */
export function numberIn(text: string): bigint | undefined {
  if (!/^-?(\d+|0x[0-9a-f]+)$/i.test(text)) return undefined
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
}
