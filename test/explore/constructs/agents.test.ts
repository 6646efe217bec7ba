/**
 * What reaches other agents is refused in a thread, by name: messages, workers that get shared memory, code of
 * WebAssembly that works on it. What shares nothing goes on working.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/index.ts'
import { instrumented } from '../support/source.ts'

const HEAD = `import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
const words = () => new Int32Array(new SharedArrayBuffer(8))
const quiet = (port) => { port.unref(); return port }
const add = ({ w }) => { Atomics.add(w, 0, 1) }
const worker = (options) => { new Worker('0', { eval: true, ...options }).unref() }
class Mine extends Worker {}
const shared = () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
// Imports e.m, a shared memory; exports add, which adds one to its first word, not atomically.
const wasm = new WebAssembly.Module(new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 9, 1, 1, 0x65, 1, 0x6d, 2, 3, 1, 1, 3, 2, 1, 0,
  7, 7, 1, 3, 0x61, 0x64, 0x64, 0, 0, 10, 17, 1, 15, 0, 0x41, 0, 0x41, 0, 0x28, 2, 0, 0x41, 1, 0x6a, 0x36, 2, 0, 0x0b,
]))
const withWasm = () => {
  const m = shared()
  return { m, w: new Int32Array(m.buffer), exports: new WebAssembly.Instance(wasm, { e: { m } }).exports }
}`

async function explored(setup: string, thread: string) {
  const text = `${HEAD}\nexport const scenario = { setup: () => { ${setup} }, threads: [${thread}, add] }`
  const { scenario } = await instrumented(text, {}, 'source.mjs')
  return check(scenario as Parameters<typeof check>[0])
}

const W = 'return { w: words() }'
const PORTS =
  'const { port1, port2 } = new MessageChannel(); quiet(port1); quiet(port2); return { w: words(), port1, port2 }'

describe('refused by name and place', () => {
  it.each([
    [
      'the end of the process, in a constructor',
      W,
      '() => new (class { constructor() { process.abort() } })()',
      /process.abort ends the process/,
    ],
    [
      'a channel to all that setup made',
      "const b = new BroadcastChannel('x'); quiet(b); return { w: words(), b }",
      '({ b }) => b.postMessage(1)',
      /a BroadcastChannel that this thread has not made/,
    ],
    [
      'a listener of a worker',
      "const k = new Worker('0', { eval: true }); k.unref(); return { w: words(), k }",
      "({ w, k }) => { k.on('message', () => w[0]) }",
      /what addListener is handed would run when no thread does/,
    ],
    [
      'a worker that setup gave the memory',
      'const w = words(); worker({ workerData: { w } }); return { w }',
      'add',
      /shared memory that a worker has \(new Worker\)/,
    ],
    [
      'a worker that setup posted the memory to',
      "const w = words(), k = new Worker('0', { eval: true }); k.unref(); k.postMessage({ w }); return { w }",
      'add',
      /a worker has \(Worker.postMessage\)/,
    ],
    [
      'a channel that setup posted the memory to',
      "const w = words(), b = new BroadcastChannel('x'); b.postMessage([w]); b.close(); return { w }",
      'add',
      /a worker has \(BroadcastChannel.postMessage\)/,
    ],
    [
      'a port that setup gave to a worker',
      'const w = words(), { port1, port2 } = new MessageChannel(); worker({ workerData: port2, transferList: [port2] }); port1.postMessage(w); quiet(port1); return { w }',
      'add',
      /a worker has \(postMessage, to a port/,
    ],
    [
      'the same, given behind the message',
      'const w = words(), { port1, port2 } = new MessageChannel(); port1.postMessage({ w }); quiet(port1); worker({ workerData: port2, transferList: [port2] }); return { w }',
      'add',
      /a worker has \(postMessage, to a port/,
    ],
    [
      'a port that went by another port',
      'const w = words(), a = new MessageChannel(), b = new MessageChannel(); a.port1.postMessage(b.port2, [b.port2]); b.port1.postMessage(w); [a.port1, a.port2, b.port1].forEach(quiet); return { w }',
      'add',
      /a worker has \(postMessage, to a port/,
    ],
    [
      'code of WebAssembly',
      'return withWasm()',
      '({ exports }) => exports.add()',
      /^thread 0: add is code of WebAssembly with shared memory/,
    ],
    [
      'the same, bound',
      'const { exports, w } = withWasm(); return { w, add: exports.add.bind(null) }',
      '({ add }) => add()',
      /add is code of WebAssembly/,
    ],
    [
      'the same, as a callback',
      'return withWasm()',
      '({ exports }) => [1].forEach(exports.add)',
      /add is code of WebAssembly/,
    ],
    [
      'the same, in a getter',
      'return withWasm()',
      '({ exports }) => ({ get a() { return exports.add() } }).a',
      /add is code of WebAssembly/,
    ],
    [
      'an instance that is made in a thread',
      'const m = shared(); return { m, w: new Int32Array(m.buffer) }',
      '({ m }) => { new WebAssembly.Instance(wasm, { e: { m } }) }',
      /WebAssembly.Instance is handed shared memory/,
    ],
    [
      'a memory that grows',
      'const m = shared(); return { m, w: new Int32Array(m.buffer) }',
      '({ m }) => m.grow(0)',
      /grow is handed shared memory/,
    ],
  ])('%s', async (_, setup, thread, message) => {
    const { violation, exhaustive } = await explored(setup, thread)
    expect(violation).toMatchObject({ kind: 'refused', message: expect.stringMatching(message) })
    expect(violation?.message).toMatch(/source\.mjs:\d+/)
    expect(exhaustive).toBe(false)
  })
})

describe('explored', () => {
  it.each([
    [
      'a memory of WebAssembly that JavaScript alone works on',
      'const m = shared(); return { w: new Int32Array(m.buffer) }',
      'add',
    ],
    ['a worker that gets nothing shared, in setup', 'worker({ workerData: { n: 1 } }); return { w: words() }', 'add'],
    [
      'a worker that gets nothing shared, in a thread',
      W,
      '(c) => { worker({ workerData: { n: new Int32Array(2) } }); add(c) }',
    ],
    [
      'messages in setup',
      'const { port1, port2 } = new MessageChannel(); port1.postMessage(words()); const w = receiveMessageOnPort(port2).message; port1.close(); return { w }',
      'add',
    ],
    [
      'messages in setup, beside a worker that has a port of its own',
      'const own = new MessageChannel(); quiet(own.port1); worker({ workerData: own.port2, transferList: [own.port2] }); const { port1, port2 } = new MessageChannel(); port1.postMessage(words()); const w = receiveMessageOnPort(port2).message; port1.close(); return { w }',
      'add',
    ],
    ['a port that nobody posts to', PORTS, 'add'],
    ['code of WebAssembly that setup calls', 'const { w, exports } = withWasm(); exports.add(); return { w }', 'add'],
  ])('%s', async (_, setup, thread) => {
    expect(await explored(setup, thread)).toMatchObject({ violation: null, exhaustive: true, complete: 2 })
  })
})
