/**
 * Texts of functions, and code that is put together from them and evaluated by another agent.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exploreProgram } from '../../../src/explore/index.ts'
import { withFiles } from '../support/source.ts'

const WORDS = 'const words = new Int32Array(new SharedArrayBuffer(4))'
const explored = (main: string) =>
  withFiles({ 'main.mjs': `import { Worker } from 'node:worker_threads'\n${main}` }, (folder) =>
    exploreProgram(join(folder, 'main.mjs')),
  )
const printed = (outcomes: readonly { outcome: string }[]): unknown[] =>
  outcomes.map(({ outcome }) => (JSON.parse(outcome) as { main: string }).main).sort()

it('evaluates the text of a function in a worker', async () => {
  const result = await explored(
    `${WORDS}
    async function work(words) { const seen = await Atomics.load(words, 0); Atomics.store(words, 0, seen + 1) }
    const code = \`(\${work})(require('node:worker_threads').workerData)\`
    let left = 2
    for (const n of [1, 2])
      new Worker(code, { eval: true, workerData: words }).on('exit', () => { if (--left === 0) console.log(words[0]) })`,
  )
  expect(result).toMatchObject({ violation: null, exhaustive: true })
  expect(printed(result.outcomes)).toEqual(['1\n', '2\n'])
})

it('is what the author wrote, whatever kind of function it is and whoever asks', async () => {
  const result = await explored(
    `${WORDS}
    Atomics.add(words, 0, 1)
    const kinds = [(a) => a [0]++, async ( a ) => a, function  named () { return () => 1 }, function* () { yield 1 }]
    function make() { return (b) => [b , b] }
    async  function* later (c) { yield c }
    console.log([...kinds, make, make(), later].map(String).join('\\n'))
    console.log(\`\${kinds[0]}\`, '' + later, make.toString())
    new Worker('', { eval: true })`,
  )
  expect(result.violation).toBeNull()
  const [make, later] = ['function make() { return (b) => [b , b] }', 'async  function* later (c) { yield c }']
  const kinds = [
    '(a) => a [0]++',
    'async ( a ) => a',
    'function  named () { return () => 1 }',
    'function* () { yield 1 }',
  ]
  expect(printed(result.outcomes)).toEqual([
    `${[...kinds, make, '(b) => [b , b]', later].join('\n')}\n${kinds[0]} ${later} ${make}\n`,
  ])
})

it('refuses a text that is not kept where it is evaluated', async () => {
  const result = await explored(
    `const holder = { work(words) { words[0]++ } }
    new Worker(\`({ \${holder.work} }).work(new Int32Array(new SharedArrayBuffer(4)))\`, { eval: true })`,
  )
  expect(result.violation).toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/holds the text of a function whose text is not kept/) as unknown,
  })
})

it('imports code by a data: URL, once for the same text', async () => {
  const result = await explored(
    `new Worker('', { eval: true })
    const url = 'data:text/javascript;base64,' + btoa('export let n = 0; export const add = () => ++n')
    const [one, two] = [await import(url), await import(url)]
    console.log(one.add(), two.add(), one.n, one === two)`,
  )
  expect(result.violation).toBeNull()
  expect(printed(result.outcomes)).toEqual(['1 2 2 true\n'])
})
