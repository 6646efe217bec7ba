/**
 * Programs of a page and its dedicated workers: what is explored, and what a browser does.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { exploreProgram, type ProgramExploration } from '../../../src/explore/index.ts'
import { browserFile } from '../../chromium.ts'
import { LONG, shareOf } from '../../share.ts'
import { BROWSER_PROGRAMS, browserFiles } from '../support/browser-programs.ts'
import { withFiles } from '../support/source.ts'

const ROUNDS = LONG ? 40 : 4

const explored = (files: Record<string, string>, options: ProgramExploration = {}) =>
  withFiles(files, (folder) => exploreProgram(join(folder, 'main.js'), { globals: 'browser', ...options }))

it.each(BROWSER_PROGRAMS)('explores $name', async (program) => {
  const result = await explored(browserFiles(program))
  expect(result.violation?.message ?? null).toBeNull()
  expect([result.exhaustive, result.redundant]).toEqual([true, 0])
  const printed = result.outcomes.map(({ outcome }) => (JSON.parse(outcome) as { main: string }).main)
  expect(printed.sort()).toEqual([...program.printed].sort())
})

/** What the page is before a round. It keeps what is printed, and the workers, to end them. */
const PAGE = `<script>
const out = [], all = []
console.log = (...words) => out.push(words.map(String).join(' ') + '\\n')
window.Worker = class extends Worker { constructor(...given) { super(...given); all.push(this) } }
async function round(n, printed) {
  out.length = 0
  await import('./main.js?' + n)
  // Until all is there that is to come, or something else; then a while, for what is too much.
  const misses = () => printed.some((all) => all !== out.join('') && all.startsWith(out.join('')))
  for (let patience = 2000; misses() && patience > 0; patience--) await new Promise((done) => setTimeout(done, 10))
  await new Promise((done) => setTimeout(done, 20))
  for (const each of all.splice(0)) each.terminate()
  return out.join('')
}
</script>`

/** Serves files to a browser, as memory that is shared there wants it. */
async function inBrowser(work: (open: (files: Record<string, string>) => Promise<Page>) => Promise<void>) {
  let files: Record<string, string> = {}
  const server = createServer(({ url = '' }, answer) => {
    const text = url === '/page' ? PAGE : files[url.slice(1).replace(/\?.*/, '')]
    answer.writeHead(text === undefined ? 404 : 200, {
      'Content-Type': url === '/page' ? 'text/html' : 'text/javascript',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cache-Control': 'no-store',
    })
    answer.end(text)
  })
  await new Promise<void>((done) => server.listen(0, 'localhost', done))
  const browser = await chromium.launch({ executablePath: browserFile!, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    await work(async (its) => {
      files = its
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/page`)
      return page
    })
  } finally {
    await browser.close()
    server.close()
  }
}

it.skipIf(browserFile === undefined)(
  `a browser does nothing that was not explored${browserFile === undefined ? ': needs Chromium' : ''}`,
  { timeout: 3_600_000 },
  async () => {
    await inBrowser(async (open) => {
      for (const program of shareOf('programs in a browser', BROWSER_PROGRAMS, 3)) {
        const page = await open(browserFiles(program))
        const seen = new Set<string>()
        for (let n = 0; n < ROUNDS; n++)
          seen.add(await page.evaluate(`round(${n}, ${JSON.stringify(program.printed)})`))
        expect(
          [...seen].filter((each) => !program.printed.includes(each)),
          program.name,
        ).toEqual([])
      }
    })
  },
)

describe('is refused', () => {
  it.each([
    ['a DOM', `document.title = 'x'`, '', /^main: document of a browser is not explored/],
    ['fetch', `fetch('x')`, '', /^main: fetch of a browser is not explored/],
    ['an event that nobody tells', `addEventListener('load', () => {})`, '', /addEventListener\('load'\) in a browser/],
    ['a handler that nobody calls', 'onload = () => {}', '', /onload of a browser is not explored/],
    ['a module of Node', `import 'node:fs'`, '', /imports node:fs, which no browser has/],
    ['a worker by http', `new Worker('http://localhost/')`, '', /a worker of http:\/\/localhost\/ is not explored/],
    [
      'importScripts',
      `new Worker('./worker.js')`,
      `importScripts('a.js')`,
      /importScripts of a browser is not explored/,
    ],
    [
      'shared memory in a broadcast',
      `new BroadcastChannel('a').postMessage({ in: new SharedArrayBuffer(4) })`,
      '',
      /shared memory in a message of a BroadcastChannel/,
    ],
    [
      'a variable that is a global',
      `new Worker('./worker.js')`,
      'var onmessage = 1',
      /a variable onmessage at the top of a classic script/,
    ],
    [
      'a function that takes the place of a handler',
      `new Worker('./worker.js')`,
      'function onmessage() {}',
      /a function onmessage at the top of a classic script/,
    ],
    [
      'a wait before the worker could begin',
      `new Worker('./worker.js')`,
      `new Worker('./inner.js'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
      /Atomics\.wait in the task that started a worker/,
    ],
  ])('%s', async (_, main, worker, message) => {
    const result = await explored({ 'main.js': main, 'worker.js': worker, 'inner.js': '' }).catch(
      (error: Error) => error,
    )
    expect(result instanceof Error ? result.message : result.violation?.message).toMatch(message)
  })

  it('another word than browser or node', async () => {
    await expect(explored({ 'main.js': '' }, { globals: 'deno' as never })).rejects.toThrow(
      "globals: got 'deno', expected 'node' or 'browser'",
    )
  })
})

it('does not say where an error was thrown', async () => {
  const main = `const w = new Worker('./worker.js')
    w.onerror = (e) => { e.preventDefault(); console.log(JSON.stringify([e.filename, e.lineno, e.colno])) }`
  const { outcomes } = await explored({ 'main.js': main, 'worker.js': 'throw 1' })
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([JSON.stringify({ main: '["",0,0]\n' })])
})

it('begins a worker while the task goes on that made it', async () => {
  const main = `const d = new Int32Array(new SharedArrayBuffer(4)); const w = new Worker('./worker.js'); w.postMessage(d)
    while (Atomics.load(d, 0) === 0); console.log('seen')`
  const worker = 'onmessage = (e) => Atomics.store(e.data, 0, 1)'
  const { violation, outcomes } = await explored({ 'main.js': main, 'worker.js': worker })
  expect([violation, outcomes.length]).toEqual([null, 1])
})

it('tells nobody of messageerror, since what can be posted can be taken', async () => {
  const main = `const w = new Worker('./worker.js'); w.onmessage = (e) => console.log(e.data)
    for (const each of [new Map([[1, new Date(0)]]), new Blob(['a']), new Error('e'), 1n, /a/g]) w.postMessage(each)`
  const worker = `let n = 0; onmessage = () => { if (++n === 5) postMessage(n) }; onmessageerror = () => postMessage('error')`
  const { violation, outcomes } = await explored({ 'main.js': main, 'worker.js': worker })
  expect([violation, outcomes.map(({ outcome }) => outcome)]).toEqual([null, [JSON.stringify({ main: '5\n' })]])
})

it('has Promise.withResolvers, whatever Node has', async () => {
  const main = `const { promise, resolve } = Promise.withResolvers(); new Worker('./worker.js').onmessage = resolve
    console.log((await promise).data)`
  const { outcomes } = await explored({ 'main.js': main, 'worker.js': 'postMessage(5)' })
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([JSON.stringify({ main: '5\n' })])
})

describe('is a finding', () => {
  it.each([
    ['an error that nobody hears of', `throw new Error('bad')`, /^main \(error of worker\.js, main\.js:1\) threw: bad/],
    ['a rejection that nobody hears of', `Promise.reject(new Error('r'))`, /^worker\.js left a rejection unhandled: r/],
  ])('%s', async (_, worker, message) => {
    const main = `new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`
    const result = await explored({ 'main.js': main, 'worker.js': worker })
    expect(result.violation).toMatchObject({ kind: 'assertion', message: expect.stringMatching(message) as unknown })
  })

  it('a race between who posts and who gets', async () => {
    const main = `const d = new Int32Array(new SharedArrayBuffer(4)); const w = new Worker('./worker.js'); w.postMessage(d); d[0] = 1`
    const result = await explored({ 'main.js': main, 'worker.js': 'onmessage = (e) => { e.data[0] = 2 }' })
    expect(result.violation?.kind).toBe('data-race')
  })
})
