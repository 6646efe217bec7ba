/**
 * Workers that threads start: agents with a file of their own.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { formatViolation } from '../../../src/explore/report/text.ts'
import type { Result } from '../../../src/explore/result.ts'
import { agentFiles } from '../../../src/explore/runtime/agent-files.ts'
import { instrumented, withFiles } from '../support/source.ts'

const explored = (main: string, files: Record<string, string>): Promise<Result> =>
  withFiles(
    { 'main.mjs': `import { Worker, MessageChannel } from 'node:worker_threads'\n${main}`, ...files },
    async (folder) => {
      const made = await loadInstrumented(join(folder, 'main.mjs'))
      return check(made.scenario as never)
    },
  )

const outcomes = (result: Result): string[] => {
  expect(result.violation?.message ?? null).toBeNull()
  expect([result.exhaustive, result.redundant]).toEqual([true, 0])
  return result.outcomes.map(({ outcome }) => outcome).sort()
}

it('starts a worker of a file, with data of its own and shared memory, and hears of its exit', async () => {
  const result = await explored(
    `export const scenario = {
       setup: () => ({ sab: new SharedArrayBuffer(8) }),
       threads: [({ sab }) => new Promise((done) => {
         const words = new Int32Array(sab)
         const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { sab, by: 10 } })
         Atomics.store(words, 0, Atomics.load(words, 0) + 1)
         worker.on('exit', (code) => done([Atomics.load(words, 0), code]))
       })],
     }`,
    {
      'worker.mjs': `import { workerData } from 'node:worker_threads'
         import { add } from './dep.mjs'
         add(new Int32Array(workerData.sab), workerData.by)`,
      'dep.mjs': `export function add(words, by) { Atomics.store(words, 0, Atomics.load(words, 0) + by) }`,
    },
  )
  expect(outcomes(result)).toEqual(['[1,0]', '[10,0]', '[11,0]'])
})

const ONE = `setup: () => ({ w: new Int32Array(new SharedArrayBuffer(16)) }),`
const worker = `new Worker(new URL('./worker.mjs', import.meta.url)`

it('posts to a worker and hears its answers, in the order of each side', async () => {
  const result = await explored(
    `export const scenario = { ${ONE} threads: [({ w }) => new Promise((done) => {
       const worker = ${worker}, { workerData: w })
       const all = []
       worker.on('message', (m) => { all.push(m); if (all.length === 2) worker.postMessage('end') })
       worker.on('exit', (code) => done([...all, code, Atomics.load(w, 0)].join()))
       worker.postMessage(1)
       worker.postMessage(2)
     })] }`,
    {
      'worker.mjs': `import { parentPort, workerData as w } from 'node:worker_threads'
         parentPort.on('message', (m) => {
           if (m === 'end') parentPort.close()
           else { Atomics.add(w, 0, m); parentPort.postMessage(m * 10) }
         })`,
    },
  )
  expect(outcomes(result)).toEqual(['10,20,0,3'])
})

it('takes code in place of a file, CommonJS, with argv, env and a name', async () => {
  const code = `const { parentPort, workerData, threadId, isMainThread } = require('node:worker_threads')
    parentPort.postMessage([workerData, threadId, isMainThread, process.argv.slice(2), process.env.WHO, __filename.includes('eval')])`
  const result = await explored(
    `import { once } from 'node:events'
     export const scenario = { ${ONE} threads: [async () => {
       const worker = new Worker(${JSON.stringify(code)}, { eval: true, workerData: 7, argv: ['x', 2], env: { WHO: 'me' }, name: 'job' })
       const [message] = await once(worker, 'message')
       return JSON.stringify(message)
     }] }`,
    {},
  )
  expect(outcomes(result)).toEqual(['[7,1,false,["x","2"],"me",true]'])
})

it.each([
  ['throw', 'RangeError far,1'],
  ['exit', '3'],
  ['reject', 'TypeError odd,1'],
  ['code', '4'],
])('tells what becomes of a worker: %s', async (what, told) => {
  const result = await explored(
    `export const scenario = { ${ONE} threads: [() => new Promise((done) => {
       const all = []
       const worker = ${worker}, { argv: ['${what}'] })
       worker.on('error', (error) => all.push(error.name + ' ' + error.message))
       worker.on('exit', (code) => done([...all, code].join()))
     })] }`,
    {
      'worker.mjs': `const what = process.argv[2]
         process.on('exit', (code) => { if (what === 'exit' && code !== 3) throw new Error('no ' + code) })
         if (what === 'throw') throw new RangeError('far')
         if (what === 'reject') Promise.reject(new TypeError('odd'))
         if (what === 'exit') { try { process.exit(3) } finally { setTimeout(() => {}, 10) } }
         process.exitCode = 4`,
    },
  )
  expect(outcomes(result)).toEqual([told])
})

it('requires files before, by NODE_OPTIONS of its own and by execArgv', async () => {
  const result = await explored(
    `const first = new URL('./a%20b.cjs', import.meta.url).pathname.replace('%20', ' ')
     const second = new URL('./second.cjs', import.meta.url).pathname
     export const scenario = { ${ONE} threads: [() => new Promise((done) => ${worker}, {
       execArgv: ['--no-warnings', '-r', second], env: { NODE_OPTIONS: '--require "' + first + '"' },
     }).on('message', done))] }`,
    {
      'a b.cjs': `exports.all = ['first']`,
      'second.cjs': `require('./a b.cjs').all.push('second')`,
      'worker.mjs': `import { parentPort } from 'node:worker_threads'
         import first from './a b.cjs'
         parentPort.postMessage([...first.all, process.execArgv.length].join())`,
    },
  )
  expect(outcomes(result)).toEqual(['first,second,3'])
})

it('tells who listens to the process what is thrown and rejected, and goes on', async () => {
  const result = await explored(
    `export const scenario = { ${ONE} threads: [() => new Promise((done) => {
       const all = []
       const worker = ${worker}).on('message', (m) => all.push(m))
       worker.on('error', (error) => all.push(error.message)).on('exit', (code) => done([...all, code].join()))
     })] }`,
    {
      'worker.mjs': `import { parentPort } from 'node:worker_threads'
         const told = (m) => parentPort.postMessage(m)
         process.on('uncaughtException', (error, origin) => told(error.message + ' ' + origin))
         process.on('unhandledRejection', (reason, promise) => { told(reason + ' ' + (promise instanceof Promise)); process.removeAllListeners('unhandledRejection') })
         process.on('exit', (code) => { told('exit ' + code); process.exit(3) })
         process.on('exit', () => told('never'))
         Promise.reject('odd')
         queueMicrotask(() => { throw new Error('job') })
         setImmediate(() => { throw new Error('task') })
         setTimeout(() => Promise.reject(new Error('late')), 1)
         setTimeout(() => { process.removeAllListeners('uncaughtException'); throw new Error('end') }, 5)`,
    },
  )
  // Node prints no more: what a listener for exit says with process.exit is its end.
  const all = ['job uncaughtException', 'odd true', 'task uncaughtException', 'late unhandledRejection', 'exit 1']
  expect(outcomes(result)).toEqual([[...all, '3'].join()])
})

it('finds an error of a worker that nobody listens for, with its place', async () => {
  const result = await explored(
    `export const scenario = { ${ONE} threads: [({ w }) => { ${worker}, { workerData: w }) }] }`,
    {
      'worker.mjs': `import { workerData as w } from 'node:worker_threads'\nif (Atomics.load(w, 0) === 0) throw new Error('bad')`,
    },
  )
  expect(result.violation?.message).toMatch(/bad/)
  expect(formatViolation(result.violation!)).toMatch(/worker\.mjs:2/)
})

it('gives each worker modules of its own, and ports in a message', async () => {
  const result = await explored(
    `import { once } from 'node:events'
     import { next } from './count.mjs'
     export const scenario = { ${ONE} threads: [async () => {
       const { port1, port2 } = new MessageChannel()
       const first = ${worker}, { workerData: { port: port1 }, transferList: [port1] })
       const second = ${worker})
       second.postMessage(port2, [port2])
       const [[a], [b]] = await Promise.all([once(first, 'message'), once(second, 'message')])
       return [next(), a, b].join()
     }] }`,
    {
      'count.mjs': `let count = 0\nexport const next = () => ++count\nexport { count as now }`,
      'worker.mjs': `import { once } from 'node:events'
         import { parentPort, workerData } from 'node:worker_threads'
         import { next, now } from './count.mjs'
         const port = workerData?.port ?? (await once(parentPort, 'message'))[0]
         next()
         port.postMessage(now + 10 * next())
         const [got] = await once(port, 'message')
         port.close()
         parentPort.postMessage(got)`,
    },
  )
  expect(outcomes(result)).toEqual(['1,21,21'])
})

it('starts workers from workers', async () => {
  const result = await explored(
    `import { once } from 'node:events'
     export const scenario = { ${ONE} threads: [async ({ w }) => {
       await once(${worker}, { workerData: { w, depth: 2 } }), 'exit')
       return Atomics.load(w, 0)
     }] }`,
    {
      'worker.mjs': `import { Worker, workerData } from 'node:worker_threads'
         const { w, depth } = workerData
         if (depth > 0) new Worker(new URL(import.meta.url), { workerData: { w, depth: depth - 1 } })
         Atomics.add(w, 0, 1)`,
    },
  )
  expect(outcomes(result)).toEqual(['3'])
})

it('says of a worker that sleeps for ever that it is stuck, and of one that listens nothing', async () => {
  const text = (file: string) =>
    `export const scenario = { ${ONE} threads: [({ w }) => { new Worker(new URL('./${file}', import.meta.url), { workerData: w }) }] }`
  const files = {
    'sleeps.mjs': `import { workerData } from 'node:worker_threads'\nAtomics.wait(workerData, 0, 0)`,
    'listens.mjs': `import { parentPort } from 'node:worker_threads'\nparentPort.on('message', () => {})`,
  }
  expect((await explored(text('sleeps.mjs'), files)).violation?.message).toBe('stuck: sleeps.mjs sleeps on w[0]')
  expect(outcomes(await explored(text('listens.mjs'), files))).toEqual([''])
})

it.each([
  [
    'execArgv',
    `${worker}, { execArgv: ['--x'] })`,
    '',
    /execArgv is not explored: got --x, expected --require of files/,
  ],
  [
    'NODE_OPTIONS',
    `${worker}, { env: { NODE_OPTIONS: '--import x' } })`,
    '',
    /NODE_OPTIONS of its own is not explored: got --import/,
  ],
  ['a stream', `${worker}, { stdout: true })`, '', /a stream of its own/],
  ['the environment', `${worker}, { env: SHARE_ENV })`, '', /shares process.env/],
  ['what it prints', `${worker}).stdout`, '', /stdout of a worker is not explored/],
  ['a late listener', `const x = ${worker}); setTimeout(() => x.on('online', () => {}))`, '', /may miss it/],
  ['TypeScript', `new Worker(new URL('./worker.ts', import.meta.url))`, '', /no JavaScript/],
  [
    'what is thrown before others of its task',
    `${worker})`,
    `process.on('uncaughtException', () => {}); process.nextTick(() => { throw 1 }); process.nextTick(() => {})`,
    /is thrown while others of the same task wait/,
  ],
  ['events of the process', `${worker})`, `process.on('message', () => {})`, /process.on\('message'\)/],
  [
    'a wait at its end',
    `${worker})`,
    `Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
    /ends while an Atomics.waitAsync/,
  ],
  [
    'a worker left behind',
    `${worker})`,
    `import { Worker, workerData as d } from 'node:worker_threads'\nif (d !== 1) new Worker(new URL(import.meta.url), { workerData: 1 }).unref()`,
    /ends while one that it has started/,
  ],
  [
    'what is read elsewhere',
    `${worker})`,
    `setEnvironmentData('a', 1)\nimport { setEnvironmentData } from 'node:worker_threads'`,
    /setEnvironmentData in a worker/,
  ],
])('refuses %s by name', async (_, thread, text, sentence) => {
  const main = `import { SHARE_ENV } from 'node:worker_threads'\nexport const scenario = { ${ONE} threads: [() => { ${thread} }] }`
  const { violation } = await explored(main, { 'worker.mjs': text, 'worker.ts': text })
  expect(violation?.message).toMatch(sentence)
})

it('refuses a worker where nobody loads its file', async () => {
  const { scenario } = await instrumented(
    `import { Worker } from 'node:worker_threads'
     export const scenario = { setup: () => ({}), threads: [() => { new Worker('./worker.mjs') }] }`,
    {},
    'main.mjs',
  )
  agentFiles.now = undefined
  expect(check(scenario).violation?.message).toMatch(
    /a worker of a file is explored by the command and by loadInstrumented/,
  )
})

it('leaves limits of memory out', async () => {
  const main = `export const scenario = { ${ONE} threads: [() => { ${worker}, { resourceLimits: { maxOldGenerationSizeMb: 1 } }) }] }`
  expect(outcomes(await explored(main, { 'worker.mjs': `globalThis.Array(2 ** 21).fill(0)` }))).toEqual([''])
})

it('takes a file from the program that was loaded last', async () => {
  const main = `import { Worker } from 'node:worker_threads'
    export const scenario = { ${ONE} threads: [() => new Promise((done) => ${worker}, { workerData: 1 }).on('message', done))] }`
  const text = `import { parentPort, workerData } from 'node:worker_threads'\nif (workerData === 1) parentPort.postMessage('as it is')`
  const edits = [{ file: './worker.mjs', from: 'as it is', to: 'edited' }]
  await withFiles({ 'main.mjs': main, 'worker.mjs': text, 'other.mjs': `import './worker.mjs'` }, async (folder) => {
    const { scenario } = await loadInstrumented(join(folder, 'main.mjs'))
    await loadInstrumented(join(folder, 'other.mjs'), { edits })
    expect(outcomes(check(scenario as never))).toEqual(['edited'])
  })
})

it('takes a class that extends Worker, and memory however deep it lies', async () => {
  const result = await explored(
    `class Mine extends Worker { constructor(w) { super(new URL('./worker.mjs', import.meta.url), { workerData: new Map([[1, [{ w }]]]) }) } }
     export const scenario = { ${ONE} threads: [({ w }) => new Promise((done) => {
       const mine = new Mine(w)
       mine.on('exit', () => done([mine instanceof Mine, mine instanceof Worker, Atomics.load(w, 0), mine.threadId].join()))
     })] }`,
    { 'worker.mjs': `import { workerData } from 'node:worker_threads'\nAtomics.store(workerData.get(1)[0].w, 0, 5)` },
  )
  expect(outcomes(result)).toEqual(['true,true,5,-1'])
})

it('waits for what it imports that awaits at its top, in the order of Node', async () => {
  const files = {
    'worker.mjs': `import { a } from './a.mjs'
       import { b } from './b.mjs'
       import { c } from './c.mjs'
       import { parentPort } from 'node:worker_threads'
       parentPort.postMessage([a, b, c].join())
       console.log = null`,
    'a.mjs': `export let a = 'no'\nawait 0\nawait 0\na = globalThis.Array.of('a').join()`,
    'b.mjs': `import { a } from './a.mjs'\nexport const b = a + 'b'\nawait 0`,
    'c.mjs': `export const c = 'c'`,
  }
  const main = `export const scenario = { ${ONE} threads: [() => new Promise((done) => ${worker}).on('message', done))] }`
  expect(outcomes(await explored(main, files))).toEqual(['a,ab,c'])
})

it('imports later: a file, a module of Node, and by the function that compilers leave alone', async () => {
  const main = `export const scenario = { ${ONE} threads: [() => new Promise((done) => ${worker}).on('message', done))] }`
  const result = await explored(main, {
    'worker.mjs': `import { parentPort } from 'node:worker_threads'
       const realImport = new Function('path', 'return import(path)')
       const { now } = await import('./dep.mjs')
       const { sep } = await realImport('node:path')
       const same = await realImport(new URL('./dep.mjs', import.meta.url).href)
       parentPort.postMessage([now, sep, same.now].join())`,
    'dep.mjs': `export const now = 'dep'`,
  })
  expect(outcomes(result)).toEqual(['dep,/,dep'])
  const other = await explored(main, { 'worker.mjs': `new Function('path', 'return path')` })
  expect(other.violation?.message).toMatch(/what is compiled from a string/)
})

it('calls what runs in a scope of Node’s by its twin', async () => {
  const result = await explored(
    `import { AsyncResource } from 'node:async_hooks'
     import { EventEmitterAsyncResource } from 'node:events'
     class Task extends AsyncResource { constructor(w) { super('task'); this.w = w } }
     const add = ({ w }) => {
       const task = new Task(w)
       const emitter = new EventEmitterAsyncResource({ name: 'e' })
       emitter.w = w
       emitter.on('add', (by) => Atomics.add(w, 0, by))
       task.runInAsyncScope((by) => Atomics.store(w, 0, Atomics.load(w, 0) + by), null, 1)
       task.emitDestroy()
       emitter.emit('add', 10)
     }
     export const scenario = { ${ONE} threads: [add, add], outcome: ({ w }) => w[0] }`,
    {},
  )
  expect(outcomes(result)).toEqual(['21', '22', '11', '12'].sort())
})
