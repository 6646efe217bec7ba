/** Where what a thread throws is said to have been thrown. */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented, words } from '../support/source.ts'

it.each<[what: string, source: string, lines: number[]]>([
  ['its own line, before the latest step', 'Atomics.load(w, 0)\n\nthrow new Error("no")', [3, 1]],
  ['its own line, without any step', '\nthrow new Error("no")', [2]],
  [
    'the line in a function that touches nothing',
    'Atomics.load(w, 0)\nconst f = (n) => {\nthrow Error("no", n) }\nf(1)',
    [3, 1],
  ],
  [
    'where it was thrown first',
    'try {\nAtomics.load(w, 0); throw new Error("no") } catch (e) {\nAtomics.load(w, 1)\nthrow e }',
    [2, 3],
  ],
  ['of a string the last time', 'try {\nthrow "no" } catch (e) {\nAtomics.load(w, 1)\nthrow e }', [4, 3]],
  [
    'of a sequence, without a semicolon',
    'Atomics.load(w, 0)\nif (w.length) throw Atomics.load(w, 1), new Error("no")\nelse throw 1',
    [2, 2],
  ],
  ['the latest step, if the language threw', 'Atomics.load(w, 0)\nlet no\nno.no', [1]],
])('a throw stands at %s', async (_, body, lines) => {
  const { a, b } = await instrumented(
    `export function a(w) { ${body}\n}\nexport function b(w) { Atomics.load(w, 0) }`,
    {},
    's.js',
  )
  const violation = check({ setup: () => words(4), threads: [a, b] }).violation!
  expect(violation).toMatchObject({ kind: 'assertion', message: expect.stringMatching(/^thread 0 threw: .*no/) })
  const told = violation.sites.map((site) => Number(/s\.js:(\d+)$/.exec(site)?.[1]))
  expect(told).toEqual([...new Set(lines)])
})
