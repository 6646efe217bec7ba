/**
 * Small programs of threads that post to each other, on real workers: each outcome seen there is one of the explorer's.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { LONG, seedOf, shareOf } from '../../share.ts'
import { type Posting, postingText, runPosting } from '../support/real-threads.ts'
import { instrumented } from '../support/source.ts'
import { drawer } from '../support/spin-programs.ts'

const ROUNDS = LONG ? 1000 : 50

const ONE = { a: [0, 1] } as const
const heard = (port: string, count: number, more = '') =>
  `new Promise((done) => { const all = []; ${port}.on('message', (m) => { ${more}; if (all.push(m) === ${count}) { ${port}.close(); done(all.join()) } }) })`

const PROGRAMS: readonly Posting[] = [
  {
    name: 'a look for a message',
    channels: ONE,
    threads: ["({ a1 }) => receiveMessageOnPort(a1)?.message ?? 'none'", "({ a2 }) => { a2.postMessage('m') }"],
  },
  {
    name: 'looks until it is empty',
    channels: ONE,
    threads: [
      '({ a1, w }) => { if (Atomics.load(w, 0) === 0) return -1; let n = 0; while (receiveMessageOnPort(a1)) n++; return n }',
      '({ a2, w }) => { a2.postMessage(1); Atomics.store(w, 0, 1); a2.postMessage(2) }',
    ],
  },
  {
    name: 'a listener beside words',
    channels: ONE,
    threads: [
      `({ a1, w }) => ${heard('a1', 2, 'Atomics.add(w, m, Atomics.load(w, 3))')}`,
      '({ a2, w }) => { a2.postMessage(1); Atomics.store(w, 3, 1); a2.postMessage(2); Atomics.store(w, 3, 2) }',
    ],
  },
  {
    name: 'two senders',
    channels: { a: [0, 1], b: [0, 2] },
    threads: [
      `({ a1, b1 }) => new Promise((done) => { const all = []; const hear = (m) => { if (all.push(m) === 3) { a1.close(); b1.close(); done(all.join()) } }; a1.on('message', hear); b1.on('message', hear) })`,
      "({ a2 }) => { a2.postMessage('a'); a2.postMessage('A') }",
      "({ b2 }) => { b2.postMessage('b') }",
    ],
  },
  {
    name: 'a request and its answer',
    channels: ONE,
    threads: [
      "async ({ a1, w }) => { a1.postMessage(1); Atomics.add(w, 0, 1); const [m] = await once(a1, 'message'); a1.close(); return m }",
      "({ a2, w }) => new Promise((done) => { a2.once('message', (m) => { a2.postMessage(m + Atomics.add(w, 0, 1)); done() }) })",
    ],
  },
  {
    name: 'a sleep until a message is there',
    channels: ONE,
    threads: [
      "({ a1, w }) => { a1.postMessage('q'); const r = Atomics.wait(w, 0, 0); return [r === 'timed-out', receiveMessageOnPort(a1)?.message] }",
      "({ a2, w }) => new Promise((done) => { a2.once('message', () => { a2.postMessage('r'); Atomics.store(w, 0, 1); Atomics.notify(w, 0); done() }) })",
    ],
  },
  {
    name: 'the flag comes before the message',
    channels: ONE,
    threads: [
      '({ a1, w }) => { while (Atomics.load(w, 0) === 0) ; return receiveMessageOnPort(a1)?.message ?? -1 }',
      '({ a2, w }) => { Atomics.store(w, 0, 1); a2.postMessage(5) }',
    ],
  },
  {
    name: 'a port in a message',
    channels: ONE,
    threads: [
      `({ a1 }) => { const c = new MessageChannel(); c.port1.postMessage(1); a1.postMessage(c.port2, [c.port2]); c.port1.postMessage(2); return ${heard('c.port1', 1)} }`,
      `async ({ a2 }) => { const [p] = await once(a2, 'message'); const got = receiveMessageOnPort(p)?.message; p.postMessage(got); const next = receiveMessageOnPort(p)?.message ?? -1; return [got, next] }`,
    ],
  },
  {
    name: 'memory in a message',
    channels: ONE,
    threads: [
      '({ a1 }) => { const s = new Int32Array(new SharedArrayBuffer(4)); a1.postMessage(s); Atomics.add(s, 0, 1); return Atomics.load(s, 0) }',
      "async ({ a2 }) => { const [s] = await once(a2, 'message'); return Atomics.add(s, 0, 10) }",
    ],
  },
  {
    name: 'the end of a channel',
    channels: ONE,
    threads: [
      '({ a1 }) => { a1.postMessage(1); a1.postMessage(2); a1.close() }',
      "({ a2, w }) => new Promise((done) => { let n = 0; a2.on('message', (m) => { n += m; Atomics.store(w, 0, n) }); a2.on('close', () => done(n)) })",
    ],
  },
  {
    name: 'messages, jobs and immediates',
    channels: ONE,
    threads: [
      `({ a1 }) => new Promise((done) => { const all = []; const see = (m) => { if (all.push(m) === 6) { a1.close(); done(all.join()) } }; a1.on('message', (m) => { see(m); queueMicrotask(() => see(m + 'j')); process.nextTick(() => see(m + 't')) }) })`,
      "({ a2 }) => { a2.postMessage('x'); a2.postMessage('y') }",
    ],
  },
  {
    name: 'a message or an immediate',
    channels: ONE,
    threads: [
      `({ a1 }) => new Promise((done) => { const all = []; const see = (m) => { if (all.push(m) === 2) { a1.close(); done(all.join()) } }; a1.on('message', see); setImmediate(() => see('now')) })`,
      "({ a2 }) => { a2.postMessage('m') }",
    ],
  },
  {
    name: 'a wait that is awaited, and a message',
    channels: ONE,
    threads: [
      `({ a1, w }) => new Promise((done) => { const all = []; const see = (m) => { if (all.push(m) === 2) { a1.close(); done(all.join()) } }; a1.on('message', see); const r = Atomics.waitAsync(w, 0, 0); if (r.async) r.value.then(see); else see(r.value) })`,
      "({ a2, w }) => { a2.postMessage('m'); Atomics.store(w, 0, 1); Atomics.notify(w, 0) }",
    ],
  },
  {
    name: 'listeners come and go',
    channels: ONE,
    threads: [
      `({ a1 }) => new Promise((done) => { a1.once('message', (m) => { const next = receiveMessageOnPort(a1)?.message ?? 'none'; setTimeout(() => { const last = receiveMessageOnPort(a1)?.message ?? 'none'; a1.close(); done([m, next, last].join()) }, 30) }) })`,
      "({ a2 }) => { a2.postMessage('x'); a2.postMessage('y') }",
    ],
  },
  {
    name: 'a clone is made at the post',
    channels: ONE,
    threads: [
      '({ a1 }) => { const list = [1]; a1.postMessage({ list }); list.push(2); a1.postMessage({ list }) }',
      "async ({ a2 }) => { const [one] = await once(a2, 'message'); const two = receiveMessageOnPort(a2); return [one.list.length, two ? two.message.list.length : -1] }",
    ],
  },
]

it.each(shareOf('programs on real workers', PROGRAMS, 3))(
  '$name: real workers do nothing that was not explored',
  { timeout: 600_000 },
  async (posting) => {
    const made = await instrumented(postingText(posting), {}, 'posting.js')
    const { setup, threads, outcome } = made as unknown as Record<string, never>
    const result = check({ setup, threads, outcome })
    expect(result.violation).toBeNull()
    expect([result.exhaustive, result.redundant]).toEqual([true, 0])
    const known = result.outcomes.map((each) => each.outcome)
    const { below } = drawer(seedOf(`${ROUNDS} rounds of ${posting.name}`))
    const seen = await runPosting(posting, ROUNDS, below)
    expect([...seen].filter((each) => !known.includes(each))).toEqual([])
    console.log(`${posting.name}: ${seen.size} of ${known.length} outcomes in ${result.complete} traces`)
  },
)
