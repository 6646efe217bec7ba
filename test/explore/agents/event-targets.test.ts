/**
 * `EventTarget`s and `AbortSignal`s of threads: listeners touch shared memory, and hear what they hear in Node.
 */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented, words } from '../support/source.ts'

/** Bodies that print what they come to, into shared memory as well. */
const PROGRAMS: readonly (readonly [name: string, body: string])[] = [
  [
    'listeners hear in their order',
    "t.addEventListener('x', () => print(1)); t.addEventListener('x', () => print(2)); print(t.dispatchEvent(new Event('x')))",
  ],
  [
    'one that is added twice hears once',
    "const f = () => print(1); t.addEventListener('x', f); t.addEventListener('x', f); t.addEventListener('x', f, true); t.dispatchEvent(new Event('x'))",
  ],
  [
    'once is once',
    "t.addEventListener('x', () => print(1), { once: true }); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x'))",
  ],
  [
    'one that is removed by another does not hear',
    "const f = () => print(2); t.addEventListener('x', () => { print(1); t.removeEventListener('x', f) }); t.addEventListener('x', f); t.dispatchEvent(new Event('x'))",
  ],
  [
    'one that removes itself',
    "const f = () => { print(2); t.removeEventListener('x', f) }; t.addEventListener('x', f); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x'))",
  ],
  [
    'one that is added by the first hears at once',
    "t.addEventListener('x', () => { print(1); t.addEventListener('x', () => print(3)) }, { once: true }); t.addEventListener('x', () => print(2)); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x'))",
  ],
  [
    'one that is added by the last does not',
    "t.addEventListener('x', () => { print(1); t.addEventListener('x', () => print(3)) }, { once: true }); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x'))",
  ],
  [
    'a stop',
    "t.addEventListener('x', (e) => { print(1); e.stopImmediatePropagation() }); t.addEventListener('x', () => print(2)); t.dispatchEvent(new Event('x'))",
  ],
  [
    'what is prevented',
    "t.addEventListener('x', (e) => { e.preventDefault(); print(e.defaultPrevented) }); print(t.dispatchEvent(new Event('x', { cancelable: true }))); print(t.dispatchEvent(new Event('x')))",
  ],
  [
    'what an event knows',
    "t.addEventListener('x', function (e) { print(this === t); print(e.target === t); print(e.currentTarget === t); print(e.eventPhase); print(e.composedPath()[0] === t); print(e.type) }); const e = new Event('x'); t.dispatchEvent(e); print(e.currentTarget === null); print(e.eventPhase); print(e.target === t)",
  ],
  [
    'an event within an event',
    "t.addEventListener('x', () => { print(1); t.dispatchEvent(new Event('y')); print(3) }); t.addEventListener('y', () => print(2)); t.addEventListener('x', () => print(4)); t.dispatchEvent(new Event('x'))",
  ],
  [
    'the same event within itself',
    "t.addEventListener('x', (e) => { try { t.dispatchEvent(e) } catch (error) { print(error.code) } }); t.dispatchEvent(new Event('x'))",
  ],
  [
    'an object that handles',
    "t.addEventListener('x', { n: 5, handleEvent(e) { print(this.n); print(e.type) } }); t.dispatchEvent(new Event('x'))",
  ],
  [
    'its own class',
    "class T extends EventTarget { go() { this.dispatchEvent(new CustomEvent('x', { detail: 7 })) } }\nconst o = new T(); o.addEventListener('x', (e) => print(e.detail)); o.go()",
  ],
  [
    'jobs come behind all listeners',
    "t.addEventListener('x', async () => { print(1); await null; print(4) }); t.addEventListener('x', () => { print(2); process.nextTick(() => print(3)) }); t.dispatchEvent(new Event('x'))",
  ],
  [
    'a signal takes a listener away',
    "const c = new AbortController(); t.addEventListener('x', () => print(1), { signal: c.signal }); t.dispatchEvent(new Event('x')); c.abort(); t.dispatchEvent(new Event('x'))",
  ],
  [
    'a signal that a listener aborts',
    "const c = new AbortController(); t.addEventListener('x', () => { print(1); c.abort() }); t.addEventListener('x', () => print(2), { signal: c.signal }); t.dispatchEvent(new Event('x'))",
  ],
  [
    'a signal that is aborted already',
    "t.addEventListener('x', () => print(1), { signal: AbortSignal.abort() }); print(t.dispatchEvent(new Event('x')))",
  ],
  [
    'abort tells who listens',
    "const c = new AbortController(); c.signal.addEventListener('abort', (e) => { print(c.signal.aborted); print(c.signal.reason); print(e.type) }); c.abort(5); c.abort(6)",
  ],
  [
    'onabort among listeners',
    "const c = new AbortController(); const s = c.signal; s.addEventListener('abort', () => print(1)); s.onabort = () => print(9); s.addEventListener('abort', () => print(3)); s.onabort = (e) => print(e.type); print(typeof s.onabort); c.abort()",
  ],
  [
    'onabort that is taken away',
    'const c = new AbortController(); c.signal.onabort = () => print(1); c.signal.onabort = null; print(c.signal.onabort); c.abort()',
  ],
  [
    'AbortSignal.any',
    "const a = new AbortController(); const b = new AbortController(); const s = AbortSignal.any([a.signal, b.signal]); s.addEventListener('abort', () => print(s.reason)); b.abort(4)",
  ],
  [
    'AbortSignal.timeout',
    "const s = AbortSignal.timeout(5); s.addEventListener('abort', () => { print(s.aborted); print(s.reason.name) }); setTimeout(() => print(0), 20)",
  ],
  [
    'events.once of a target',
    "const p = once(t, 'x'); t.addEventListener('x', () => { print(1); queueMicrotask(() => print(2)) }); setTimeout(() => t.dispatchEvent(new Event('x')), 1); const [e] = await p; print(3); print(e.type)",
  ],
  [
    'events.once of an emitter',
    "const e = new EventEmitter(); const p = once(e, 'x'); e.on('x', () => { print(1); queueMicrotask(() => print(2)) }); setTimeout(() => e.emit('x', 7), 1); const [v] = await p; print(3); print(v)",
  ],
  [
    'events.once of an emitter that fails',
    "const e = new EventEmitter(); const p = once(e, 'x').catch((error) => { print(error.message); print(e.listenerCount('x')) }); setTimeout(() => { e.emit('error', new Error('no')); queueMicrotask(() => queueMicrotask(() => print(2))) }, 1); await p; print(3)",
  ],
  [
    'events.once of what has on and once of its own',
    "const e = new EventEmitter(); const o = { on: (...a) => e.on(...a), once: (...a) => { print(a[0]); return e.once(...a) } }; const p = once(o, 'x'); setTimeout(() => { e.emit('x', 7); print(e.listenerCount('error')) }, 1); const [v] = await p; print(v)",
  ],
  [
    'events.once of a signal',
    "const c = new AbortController(); setTimeout(() => c.abort(), 1); const [e] = await once(c.signal, 'abort'); print(e.type)",
  ],
]

const HEAD = "import { EventEmitter, once } from 'node:events'\n"
/** Begun as a task: what `nextTick` queues comes before jobs. */
const inNode = (body: string): string => `await new Promise((done) => setImmediate(async () => {
  const printed = []
  const print = (v) => { printed.push(v) }
  const t = new EventTarget()
  ${body}
  setTimeout(() => { console.log(printed.join()); done() }, 50)
}))
`
const inThread = (body: string): string => `${HEAD}const printed = []
export const thread = async (w) => {
  const print = (v) => { Atomics.add(w, 0, 1); printed.push(v) }
  const t = new EventTarget()
  ${body}
  await new Promise((done) => setTimeout(done, 1000))
  return printed.join()
}`

it('listeners hear what they hear in Node', async () => {
  const input = HEAD + PROGRAMS.map(([, body]) => inNode(body)).join('')
  const child = spawnSync(process.execPath, ['--input-type=module', '-'], { input, encoding: 'utf8' })
  expect(child.stderr).toBe('')
  const expected = child.stdout.split('\n')
  for (const [n, [name, body]] of PROGRAMS.entries()) {
    const { thread } = await instrumented(inThread(body), {}, 'events.mjs')
    const { violation, outcomes, exhaustive } = check({ setup: () => words(1), threads: [thread] })
    expect(violation?.message, name).toBeUndefined()
    expect([outcomes.map(({ outcome }) => outcome), exhaustive], name).toEqual([[expected[n]], true])
  }
})

it('other threads come between the steps of listeners', async () => {
  const { threads } = await instrumented(
    `export const threads = [
  (w) => { const t = new EventTarget(); t.addEventListener('x', () => { Atomics.store(w, 0, 1); Atomics.store(w, 0, 2) }); t.dispatchEvent(new Event('x')) },
  (w) => Atomics.load(w, 0),
]`,
    {},
    'events.js',
  )
  const { outcomes, exhaustive } = check({ setup: () => words(1), threads })
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['undefined | 0', 'undefined | 1', 'undefined | 2'])
  expect(exhaustive).toBe(true)
})

it.each([
  [
    'throws',
    "t.addEventListener('x', () => { w[0] = 1; throw new Error('heard') }); t.dispatchEvent(new Event('x'))",
    /threw: heard/,
  ],
  [
    'is rejected',
    "t.addEventListener('x', async () => { w[0] = 1; throw new Error('heard') }); t.dispatchEvent(new Event('x'))",
    /threw: heard/,
  ],
])('what a listener %s is a finding', async (_, body, message) => {
  const { thread } = await instrumented(
    `export const thread = (w) => { const t = new EventTarget(); ${body} }`,
    {},
    'one.js',
  )
  expect(check({ setup: () => words(1), threads: [thread] }).violation).toMatchObject({
    kind: 'assertion',
    message: expect.stringMatching(message),
  })
})

it('a target that setup made is refused where a thread listens to it', async () => {
  const { thread } = await instrumented(
    "export const thread = ({ t, w }) => { t.addEventListener('x', () => { w[0] = 1 }); Atomics.add(w, 0, 1) }",
    {},
    'one.js',
  )
  const setup = () => ({ t: new EventTarget(), w: words(1) })
  const { violation, exhaustive } = check({ setup, threads: [thread, thread] })
  expect([violation?.kind, exhaustive]).toEqual(['refused', false])
  expect(violation?.message).toMatch(/an EventTarget that this thread has not made/)
})

it('signals that depend on another one are aborted before its listeners hear of that', async () => {
  const { thread } = await instrumented(
    `export const thread = (w) => {
  const c = new AbortController()
  const any = AbortSignal.any([c.signal])
  let heard
  c.signal.addEventListener('abort', () => { Atomics.add(w, 0, 1); heard = any.aborted })
  c.abort()
  return heard
}`,
    {},
    'one.js',
  )
  expect(check({ setup: () => words(1), threads: [thread] }).outcomes).toMatchObject([{ outcome: 'true' }])
})
