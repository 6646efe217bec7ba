/**
 * Messages between threads: ports, posts and what receives them.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { perfettoTrace } from '../../../src/explore/report/perfetto.ts'
import { shivizLog } from '../../../src/explore/report/shiviz.ts'
import type { Options } from '../../../src/explore/scenario.ts'
import { instrumented } from '../support/source.ts'

const HEAD = `import { MessageChannel, receiveMessageOnPort, BroadcastChannel } from 'node:worker_threads'
import { on, once } from 'node:events'
`
const SETUP = '() => ({ ...new MessageChannel(), words: new Int32Array(new SharedArrayBuffer(16)) })'

/** What the threads of that text come to. `setup` is text as well. */
async function explored(threads: string, { setup = SETUP, ...options }: Options & { setup?: string } = {}) {
  const text = `${HEAD}export const setup = ${setup}\nexport const threads = [\n${threads}\n]`
  const made = await instrumented(text, {}, 'ports.js')
  return check({ setup: made.setup as () => unknown, threads: made.threads }, options)
}

/** The outcomes of a program that is explored to its end and is clean. */
async function outcomes(threads: string, options: Options & { setup?: string } = {}): Promise<string[]> {
  const result = await explored(threads, options)
  expect(result.violation).toBeNull()
  expect([result.exhaustive, result.redundant]).toEqual([true, 0])
  return result.outcomes.map(({ outcome }) => outcome).sort()
}

it('who looks for a message finds it, or comes too early', async () => {
  const threads = `({ port1 }) => receiveMessageOnPort(port1)?.message ?? 'nothing',
  ({ port2 }) => { port2.postMessage('a') },`
  expect(await outcomes(threads)).toEqual(['a | undefined', 'nothing | undefined'])
})

it('what was posted in an execution is gone in the next', async () => {
  const threads = `({ port1, words }) => {
    if (Atomics.load(words, 0) === 0) return 'not looked'
    let messages = 0
    while (receiveMessageOnPort(port1)) messages++
    return messages
  },
  ({ port2, words }) => { Atomics.load(words, 0); port2.postMessage('a'); Atomics.store(words, 0, 1) },`
  expect(await outcomes(threads)).toEqual(['1 | undefined', 'not looked | undefined'])
})

it('a listener hears of messages in their order, one task each', async () => {
  const threads = `({ port1, words }) => { port1.on('message', (m) => { words[m]++; if (m === 2) port1.close() }) },
  ({ port2 }) => { port2.postMessage(1); port2.postMessage(2) },`
  const result = await explored(threads)
  expect(result.violation).toBeNull()
  expect([result.exhaustive, result.redundant]).toEqual([true, 0])
})

it('a request is answered, by once, onmessage and addEventListener alike', async () => {
  const served = [
    "port2.on('message', (m) => port2.postMessage(m + 1))",
    'port2.onmessage = ({ data }) => port2.postMessage(data + 1)',
    "port2.addEventListener('message', (e) => port2.postMessage(e.data + 1))",
    "port2.addEventListener('message', { handleEvent(e) { port2.postMessage(e.data + 1) } })",
    "(async () => { for (;;) { const [m] = await once(port2, 'message'); port2.postMessage(m + 1) } })()",
  ]
  for (const serve of served) {
    const threads = `async ({ port1 }) => {
      port1.postMessage(1)
      const [second] = await once(port1, 'message')
      port1.postMessage(second)
      return (await once(port1, 'message'))[0]
    },
    ({ port2 }) => { ${serve} },`
    expect(await outcomes(threads)).toEqual(['3 | undefined'])
  }
})

it('a message carries what its sender did before, and nothing else is ordered', async () => {
  const post = 'words[1] = 1; port2.postMessage(0); words[2] = 1'
  const reads = (at: number) => `({ port1, words }) => { port1.on('message', () => { words[3] = words[${at}] }) },
  ({ port2, words }) => { ${post} },`
  expect((await explored(reads(1))).violation).toBeNull()
  expect((await explored(reads(2))).violation).toMatchObject({ kind: 'data-race' })
  const looks = `({ port1, words }) => (receiveMessageOnPort(port1) ? words[1] : -1),
  ({ port2, words }) => { ${post} },`
  expect(await outcomes(looks)).toEqual(['-1 | undefined', '1 | undefined'])
})

it('shared memory in a message is the same memory; all else is a copy', async () => {
  const threads = `({ port1 }) => {
    const mine = { list: [1], words: new Int32Array(new SharedArrayBuffer(4)), map: new Map([['a', { b: 1 }]]) }
    mine.self = mine
    port1.postMessage(mine)
    mine.list.push(2)
    Atomics.wait(mine.words, 0, 0)
    return [mine.words[0], mine.map.get('a').b]
  },
  async ({ port2 }) => {
    const [its] = await once(port2, 'message')
    its.map.get('a').b = 2
    Atomics.store(its.words, 0, 7)
    Atomics.notify(its.words, 0)
    return [its.list.length, its.self === its]
  },`
  expect(await outcomes(threads)).toEqual(['[7,1] | [1,true]'])
})

it('a port goes to another thread in a message, with what stands in its queue', async () => {
  const threads = `({ port1 }) => {
    const { port1: mine, port2: its } = new MessageChannel()
    mine.postMessage('before')
    port1.postMessage({ its }, [its])
    mine.postMessage('after')
    try { its.postMessage(1); return 'dead' } catch (e) { return e.message }
  },
  async ({ port2 }) => {
    const [{ its }] = await once(port2, 'message')
    const heard = []
    return new Promise((done) => its.on('message', (m) => { if (heard.push(m) === 2) done(heard.join()) }))
  },`
  expect(await outcomes(threads)).toEqual(['dead | before,after'])
})

it('the end of a channel is told behind its messages, on both sides', async () => {
  const threads = `({ port1 }) => new Promise((done) => { port1.close(() => done('closed')) }),
  ({ port2 }) => new Promise((done) => {
    const heard = []
    port2.on('message', (m) => heard.push(m))
    port2.on('close', () => done(heard.join()))
  }),`
  const posts = threads.replace('port1.close', "port1.postMessage('a'); port1.postMessage('b'); port1.close")
  expect(await outcomes(threads)).toEqual(['closed | '])
  expect(await outcomes(posts)).toEqual(['closed | a,b'])
})

it('messages that wait to be asked for stay, when nobody listens any more', async () => {
  const threads = `({ port1, words }) => {
    port1.once('message', (m) => { setTimeout(() => { words[0] = receiveMessageOnPort(port1)?.message ?? 9 }, 5) })
  },
  ({ port2 }) => { port2.postMessage(1); port2.postMessage(2); port2.postMessage(3) },`
  const result = await explored(threads)
  expect(result.violation).toBeNull()
  const last = await explored(
    threads
      .replace('words[0] =', 'if (Atomics.load(words, 0) !== 0) throw 1; const got =')
      .replace('?? 9 }', "?? 9; if (got !== 2) throw new Error('got ' + got) }"),
  )
  expect(last.violation).toBeNull()
})

it('a loop that looks for a message waits for it', async () => {
  const threads = `({ port1 }) => { for (;;) { const it = receiveMessageOnPort(port1); if (it) return it.message } },
  ({ port2, words }) => { Atomics.add(words, 0, 1); port2.postMessage(5) },`
  expect(await outcomes(threads)).toEqual(['5 | undefined'])
})

it('a thread that awaits a message that nobody posts is stuck; one that listens is at rest', async () => {
  const awaits = `async ({ port1, words }) => { words[0] = 1; await once(port1, 'message') },`
  expect((await explored(awaits)).violation).toMatchObject({ kind: 'deadlock' })
  const listens = `({ port1, words }) => { words[0] = 1; port1.on('message', () => {}) },`
  expect((await explored(listens)).violation).toBeNull()
})

it('what setup posted is there from the start, in each execution', async () => {
  const setup = `() => { const c = new MessageChannel(); c.port2.postMessage({ n: 1 }); return { ...c } }`
  const threads = `({ port1 }) => { const { message } = receiveMessageOnPort(port1); return [message.n++, receiveMessageOnPort(port1)?.message] },
  ({ port2 }) => { port2.postMessage(2) },`
  expect(await outcomes(threads, { setup })).toEqual(['[1,2] | undefined', '[1,null] | undefined'])
})

it.each([
  ['a function', 'port1.postMessage(() => {})', 'DataCloneError: () => {} could not be cloned.'],
  ['a symbol', "port1.postMessage(Symbol('x'))", 'DataCloneError: Symbol(x) could not be cloned.'],
  ['a proxy', 'port1.postMessage(new Proxy({}, {}))', 'DataCloneError: #<Object> could not be cloned.'],
  ['a WeakMap', 'port1.postMessage([new WeakMap()])', 'DataCloneError: #<WeakMap> could not be cloned.'],
  ['itself', 'port1.postMessage(port1, [port1])', 'DataCloneError: Transfer list contains source port'],
  [
    'a port that is not transferred',
    'port1.postMessage(new MessageChannel().port1)',
    'TypeError: Object that needs transfer was found in message but not listed in transferList',
  ],
  [
    'shared memory to be transferred',
    'port1.postMessage(0, [new SharedArrayBuffer(4)])',
    'TypeError: Found invalid object in transferList',
  ],
  [
    'a buffer twice',
    'const b = new ArrayBuffer(4); port1.postMessage(b, [b, b])',
    'DataCloneError: Transfer list contains duplicate ArrayBuffer',
  ],
  ['nothing', 'port1.postMessage()', 'TypeError: Not enough arguments to MessagePort.postMessage'],
])('to post %s throws what Node throws', async (_, code, error) => {
  const tried = `try { ${code} } catch (e) { return e.name + ': ' + e.message }`
  const threads = `({ port1, words }) => { Atomics.load(words, 0); ${tried} },`
  expect(await outcomes(threads)).toEqual([error])
  const there = new Function('port1', 'MessageChannel', tried) as (...args: unknown[]) => string
  const { port1 } = new MessageChannel()
  expect(there(port1, MessageChannel)).toBe(error)
  port1.close()
})

it.each([
  [
    'one port in two threads',
    '({ port1 }) => port1.postMessage(1), ({ port1 }) => port1.postMessage(2)',
    /two threads use one port/,
  ],
  ['a port of nobody', '() => globalThis.portOfNobody.postMessage(1)', /neither setup nor a thread made/],
  ['a listener since setup', '({ heard }) => heard.postMessage(1)', /listens to this port since setup/],
  [
    'unref of one that is listened to',
    "({ port1 }) => { port1.on('message', () => {}); port1.unref() }",
    /unref of a port/,
  ],
  ['an event of one’s own', "({ port1 }) => { port1.emit('message', 1) }", /emit of a port/],
  [
    'a signal',
    "({ port1 }) => { port1.addEventListener('message', () => {}, { signal: AbortSignal.timeout(1) }) }",
    /with a signal/,
  ],
  ['events.on', "({ port1 }) => { on(port1, 'message') }", /events.on in a thread/],
])('%s is refused by name', async (_, threads, message) => {
  Object.assign(globalThis, { portOfNobody: new MessageChannel().port1 })
  const setup = `() => {
    const { port1: heard, port2 } = new MessageChannel()
    heard.on('message', () => {})
    heard.unref()
    return { ...new MessageChannel(), heard, words: new Int32Array(new SharedArrayBuffer(16)) }
  }`
  const text = `${HEAD}export const setup = ${setup}\nexport const threads = [\n${threads}\n]`
  const made = await instrumented(text, {}, 'ports.js')
  const { violation } = check({ setup: made.setup as () => unknown, threads: made.threads })
  expect(violation).toMatchObject({ kind: 'refused', message: expect.stringMatching(message) })
})

it('off with something that is no listener leaves the others', async () => {
  const threads = `({ port1 }) => new Promise((done) => { port1.on('message', done); port1.off('message', null) }),
  ({ port2 }) => { port2.postMessage(1) },`
  expect(await outcomes(threads)).toEqual(['1 | undefined'])
})

it('what is posted and comes has a place, by which reports draw arrows', async () => {
  const threads = `({ port1 }) => { port1.on('message', () => { throw new Error('heard') }) },
  ({ port2 }) => { port2.postMessage(1) },`
  const { violation } = await explored(threads)
  expect(violation).toMatchObject({ kind: 'assertion', message: expect.stringContaining('message 1 from thread 1') })
  const told = violation!.steps.map(({ operation, place }) => `${operation} ${place}`)
  expect(told).toContain('post message 1 to port1')
  expect(told).toContain('message comes message 1 to port1')
  const flows = perfettoTrace(violation!).traceEvents.filter(({ ph }) => ph === 's' || ph === 'f')
  expect(flows.map(({ ph, name }) => [ph, name])).toEqual([
    ['s', 'message 1 to port1'],
    ['f', 'message 1 to port1'],
  ])
  const comes = shivizLog(violation!)
    .split('\n')
    .find((_, i, all) => all[i + 1]?.startsWith('message comes'))
  expect(comes).toContain('"1":1')
})

it('more messages than a queue has places of its own come in their order', async () => {
  const threads = `({ port1, words }) => { let n = 0; port1.on('message', (m) => { if (m !== n++) throw new Error('got ' + m); if (n === 70) words[0] = n }) },
  ({ port2 }) => { for (let i = 0; i < 70; i++) port2.postMessage(i) },`
  expect((await explored(threads, { maxExecutions: 30 })).violation).toBeNull()
})

it('a channel at the top of a module is another one in each thread', async () => {
  const text = `import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
const { port1, port2 } = new MessageChannel()
const thread = (w) => { port1.postMessage(Atomics.add(w, 0, 1)); return [receiveMessageOnPort(port2)?.message, receiveMessageOnPort(port2) ?? null] }
export const threads = [thread, thread]`
  const { threads } = await instrumented(text, {}, 'top.js')
  const result = check({ setup: () => new Int32Array(new SharedArrayBuffer(4)), threads })
  expect([result.violation, result.exhaustive]).toEqual([null, true])
  expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['[0,null] | [1,null]', '[1,null] | [0,null]'])
})
