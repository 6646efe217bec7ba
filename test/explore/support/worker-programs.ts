/**
 * Small whole programs of workers, ports, waits and timers, for the explorer and for real threads.
 *
 * Main and worker find `start`, `words` and what they need of Node's modules. `d` is what a worker was started with. No
 * program depends on how long a timer takes beside what others do.
 */

/** A program: what main does, and what its workers do. */
export interface WorkerProgram {
  readonly name: string
  readonly main: string
  readonly worker: string
}

const program = (name: string, main: string, worker: string): WorkerProgram => ({ name, main, worker })
const ADD = 'Atomics.store(d, 0, Atomics.load(d, 0) + 1)'
const ECHO = "parentPort.on('message', (m) => m === 'end' ? parentPort.close() : parentPort.postMessage(m))"
const told = (w: string) => `${w}.on('message', (m) => console.log(m)); ${w}.on('exit', (c) => console.log('exit', c))`

export const WORKER_PROGRAMS: readonly WorkerProgram[] = [
  program('an add that is lost', `const d = words(1); start(d).on('exit', () => console.log(d[0])); ${ADD}`, ADD),
  program(
    'two workers add',
    `const d = words(1); let n = 2; for (const w of [start(d), start(d)]) w.on('exit', () => { if (--n === 0) console.log(d[0]) })`,
    ADD,
  ),
  program(
    'an atomic add',
    `const d = words(1); start(d).on('exit', () => console.log(d[0])); console.log(Atomics.add(d, 0, 1))`,
    'console.log(Atomics.add(d, 0, 2))',
  ),
  program(
    'an exchange',
    `const d = words(1); start(d); console.log(Atomics.exchange(d, 0, 1))`,
    'console.log(Atomics.exchange(d, 0, 2))',
  ),
  program(
    'who comes first',
    `const d = words(1); start(d); console.log(Atomics.compareExchange(d, 0, 0, 1))`,
    'console.log(Atomics.compareExchange(d, 0, 0, 2))',
  ),
  program(
    'stores that are seen in their order',
    `const d = words(2); start(d); Atomics.store(d, 0, 1); Atomics.store(d, 1, 1)`,
    'console.log(Atomics.load(d, 1), Atomics.load(d, 0))',
  ),
  program(
    'each looks at the other',
    `const d = words(2); start(d); Atomics.store(d, 0, 1); console.log(Atomics.load(d, 1))`,
    'Atomics.store(d, 1, 1); console.log(Atomics.load(d, 0))',
  ),
  program(
    'a wait until it is stored',
    `const d = words(1); start(d); Atomics.wait(d, 0, 0); console.log(Atomics.load(d, 0))`,
    'Atomics.store(d, 0, 5); Atomics.notify(d, 0)',
  ),
  program(
    'who wakes whom',
    `const d = words(2); start(d); Atomics.store(d, 1, 3); console.log(Atomics.notify(d, 0))`,
    'while (Atomics.load(d, 1) === 0) Atomics.wait(d, 0, 0, 20); console.log(Atomics.load(d, 1))',
  ),
  program(
    'a spin',
    `const d = words(2); start(d); while (Atomics.load(d, 0) === 0); console.log(Atomics.load(d, 1))`,
    'Atomics.store(d, 0, 1); Atomics.store(d, 1, 1)',
  ),
  program(
    'a mutex',
    `const d = words(2); const w = start(d); lock(d); d[1] += 1; unlock(d); w.on('exit', () => console.log(d[1]))`,
    'lock(d); d[1] += 2; console.log(d[1]); unlock(d)',
  ),
  program(
    'a barrier of three',
    `const d = words(1); start(d); start(d); meet(d, 3); console.log(Atomics.load(d, 0))`,
    'meet(d, 3); console.log(Atomics.load(d, 0))',
  ),
  program('a message back', `const w = start(); ${told('w')}`, 'parentPort.postMessage(1)'),
  program(
    'messages in their order',
    `const w = start(); ${told('w')}`,
    'parentPort.postMessage(1); parentPort.postMessage(2); parentPort.postMessage(3)',
  ),
  program(
    'an echo',
    `const w = start(); ${told('w')}; w.postMessage('a'); w.postMessage('b'); w.postMessage('end')`,
    ECHO,
  ),
  program(
    'an echo beside words',
    `const d = words(1); const w = start(d); w.on('message', (m) => console.log(m, Atomics.load(d, 0))); w.postMessage('a'); Atomics.store(d, 0, 1); w.postMessage('end')`,
    `${ECHO}`,
  ),
  program(
    'a look for a message',
    `const w = start(); w.postMessage(1)`,
    `console.log(receiveMessageOnPort(parentPort)?.message ?? 'none')`,
  ),
  program(
    'looks until it is there',
    `const d = words(1); const w = start(d); w.postMessage(1); Atomics.store(d, 0, 1)`,
    `const seen = Atomics.load(d, 0); console.log(seen, receiveMessageOnPort(parentPort)?.message ?? 'none')`,
  ),
  program(
    'a port for two workers',
    `const { port1, port2 } = new MessageChannel(); const a = start('a'), b = start('b'); ${told('a')}; ${told('b')}; a.postMessage(port1, [port1]); b.postMessage(port2, [port2])`,
    `parentPort.once('message', (p) => { if (d === 'a') { p.postMessage('hi'); p.once('message', (m) => { parentPort.postMessage(m); p.close() }) } else p.once('message', (m) => { p.postMessage(m + '!') }) })`,
  ),
  program(
    'the end of a port',
    `const { port1, port2 } = new MessageChannel(); new Worker(new URL('./w.mjs', import.meta.url), { workerData: port2, transferList: [port2] }); port1.on('message', (m) => console.log(m)); port1.on('close', () => console.log('closed'))`,
    `d.postMessage(1); d.postMessage(2); d.close()`,
  ),
  program(
    'a port that a worker leaves open',
    `const { port1, port2 } = new MessageChannel(); const w = new Worker(new URL('./w.mjs', import.meta.url), { workerData: port2, transferList: [port2] }); port1.on('message', (m) => console.log(m)); port1.on('close', () => console.log('closed')); w.on('exit', (c) => console.log(c))`,
    `d.postMessage(1)`,
  ),
  program(
    'what is posted behind the exit',
    `const w = start(); w.on('exit', () => { w.postMessage(1); console.log('exit') })`,
    '',
  ),
  program(
    'online, message, exit',
    `const w = start(); for (const e of ['online', 'message', 'exit']) w.on(e, () => console.log(e))`,
    'parentPort.postMessage(1)',
  ),
  program(
    'an error and its exit',
    `const w = start(); w.on('error', (e) => console.log(e.name, e.message)); w.on('exit', (c) => console.log(c))`,
    `throw new RangeError('far')`,
  ),
  program(
    'a message before an error',
    `const w = start(); w.on('message', (m) => console.log(m)); w.on('error', (e) => console.log(e.message)); w.on('exit', (c) => console.log(c))`,
    `parentPort.postMessage(1); throw new Error('bad')`,
  ),
  program(
    'a rejection',
    `const w = start(); w.on('error', (e) => console.log(e.message)); w.on('exit', (c) => console.log(c))`,
    `Promise.reject(new Error('no'))`,
  ),
  program('a code', `start().on('exit', (c) => console.log(c))`, `process.exitCode = 7`),
  program(
    'process.exit in a worker',
    `start().on('exit', (c) => console.log(c))`,
    `try { process.exit(3) } finally { console.log('never') }`,
  ),
  program(
    'process.exit in a job',
    `start().on('exit', (c) => console.log(c))`,
    `process.on('exit', (c) => console.log('at', c)); Promise.resolve().then(() => process.exit(2)); console.log('first')`,
  ),
  program(
    'jobs before messages',
    `start().on('message', (m) => console.log(m))`,
    `parentPort.postMessage(1); Promise.resolve().then(() => parentPort.postMessage(3)); process.nextTick(() => parentPort.postMessage(2))`,
  ),
  program(
    'a job between messages',
    `const w = start(); w.on('message', (m) => { console.log(m); queueMicrotask(() => console.log('job', m)) })`,
    `parentPort.postMessage(1); parentPort.postMessage(2)`,
  ),
  program(
    'immediates beside a message',
    `const w = start(); w.on('message', (m) => console.log(m)); setImmediate(() => console.log('now'))`,
    `parentPort.postMessage(1)`,
  ),
  program(
    'timers of one agent',
    `setTimeout(() => console.log(2), 30); setTimeout(() => console.log(1), 5); start().on('exit', () => setTimeout(() => console.log('last'), 60))`,
    `setTimeout(() => console.log('a'), 1); setTimeout(() => console.log('b'), 1)`,
  ),
  program(
    'a timer that keeps a worker',
    `start().on('exit', (c) => console.log(c))`,
    `setTimeout(() => console.log('done'), 10)`,
  ),
  program(
    'a timer that does not',
    `start().on('exit', (c) => console.log(c))`,
    `setTimeout(() => console.log('never'), 5000).unref(); process.on('exit', () => console.log('end'))`,
  ),
  program(
    'an interval',
    `const w = start(); w.on('message', (m) => console.log(m))`,
    `let n = 0; const t = setInterval(() => { parentPort.postMessage(n); if (++n === 3) clearInterval(t) }, 2)`,
  ),
  program(
    'waitAsync that is woken',
    `const d = words(1); start(d); const { async, value } = Atomics.waitAsync(d, 0, 0); const keep = setInterval(() => {}, 1000); Promise.resolve(value).then((v) => { console.log(async, v); clearInterval(keep) })`,
    'Atomics.store(d, 0, 1); Atomics.notify(d, 0)',
  ),
  program(
    'waitAsync beside a message',
    `const d = words(1); const w = start(d); w.on('message', (m) => console.log(m)); const keep = setInterval(() => {}, 1000); const r = Atomics.waitAsync(d, 0, 0); Promise.resolve(r.value).then((v) => { console.log(v); clearInterval(keep) })`,
    'parentPort.postMessage(1); Atomics.store(d, 0, 1); Atomics.notify(d, 0)',
  ),
  program(
    'waitAsync in a worker',
    `const d = words(1); const w = start(d); w.on('message', (m) => console.log(m)); Atomics.store(d, 0, 1); Atomics.notify(d, 0)`,
    `const keep = setInterval(() => {}, 1000); const { value } = Atomics.waitAsync(d, 0, 0); parentPort.postMessage(await value); clearInterval(keep)`,
  ),
  program(
    'a top that awaits',
    `const w = start(); ${told('w')}; w.postMessage(4)`,
    `const [m] = await once(parentPort, 'message'); parentPort.postMessage(m * 2)`,
  ),
  program(
    'an await of two',
    `const a = start(1), b = start(2); const [[x], [y]] = await Promise.all([once(a, 'message'), once(b, 'message')]); console.log(x, y)`,
    `parentPort.postMessage(d)`,
  ),
  program(
    'who answers first',
    `const a = start(1), b = start(2); for (const w of [a, b]) w.on('message', (m) => console.log(m))`,
    `parentPort.postMessage(d)`,
  ),
  program(
    'the first of two',
    `const a = start(1), b = start(2); console.log(await Promise.race([once(a, 'message'), once(b, 'message')].map(async (p) => (await p)[0])))`,
    `parentPort.postMessage(d)`,
  ),
  program(
    'a pool of two for three',
    `const d = words(1); const pool = [start(d), start(d)]; let left = 3; for (const w of pool) { w.on('message', (m) => { console.log(m); if (--left === 0) for (const each of pool) each.postMessage('end') }) } pool[0].postMessage(1); pool[1].postMessage(2); pool[0].postMessage(3)`,
    `parentPort.on('message', (m) => { if (m === 'end') parentPort.close(); else { Atomics.add(d, 0, m); parentPort.postMessage(m) } })`,
  ),
  program(
    'a worker of a worker',
    `start(2).on('exit', () => console.log('main'))`,
    `if (d > 0) start(d - 1).on('exit', () => console.log('level', d)); else console.log('last')`,
  ),
  program(
    'a chain by ports',
    `const w = start(2); w.on('message', (m) => console.log(m))`,
    `if (d > 0) start(d - 1).on('message', (m) => parentPort.postMessage(m + 1)); else parentPort.postMessage(0)`,
  ),
  program(
    'memory in a message',
    `const w = start(); const s = words(1); w.postMessage(s); console.log(Atomics.add(s, 0, 1)); w.on('exit', () => console.log(s[0]))`,
    `parentPort.once('message', (s) => { Atomics.add(s, 0, 10) })`,
  ),
  program(
    'a clone is made at the post',
    `const list = [1]; const w = start(list); list.push(2); w.postMessage(list); list.push(3); w.on('message', (m) => console.log(m))`,
    `parentPort.once('message', (m) => parentPort.postMessage(d.length * 10 + m.length))`,
  ),
  program(
    'what is transferred is gone',
    `const b = new ArrayBuffer(8); const w = start(); w.postMessage(b, [b]); console.log(b.byteLength)`,
    `parentPort.once('message', (b) => console.log(b.byteLength))`,
  ),
  program(
    'what can not be cloned',
    `const w = start(); try { w.postMessage(() => {}) } catch (e) { console.log(e.name) } w.postMessage(1)`,
    `parentPort.once('message', (m) => console.log(m))`,
  ),
  program(
    'off',
    `const w = start(); const f = (m) => { console.log(m); w.off('message', f) }; w.on('message', f)`,
    `parentPort.postMessage(1); parentPort.postMessage(2)`,
  ),
  program(
    'once on a parentPort',
    `const w = start(); w.postMessage(1); w.postMessage(2); w.on('exit', (c) => console.log(c))`,
    `parentPort.once('message', (m) => console.log(m))`,
  ),
  program(
    'onmessage',
    `const { port1, port2 } = new MessageChannel(); const w = start(); w.postMessage(port2, [port2]); port1.onmessage = ({ data }) => { console.log(data); port1.close() }`,
    `parentPort.once('message', (p) => { p.onmessage = ({ data }) => p.postMessage(data); p.postMessage('hi') })`,
  ),
  program(
    'sync over a worker',
    `const d = words(1); const { port1, port2 } = new MessageChannel(); const w = new Worker(new URL('./w.mjs', import.meta.url), { workerData: { d, p: port2 }, transferList: [port2] }); w.unref(); w.postMessage(20); Atomics.wait(d, 0, 0); console.log(receiveMessageOnPort(port1)?.message)`,
    `parentPort.on('message', async (m) => { d.p.postMessage(await Promise.resolve(m * 2)); Atomics.add(d.d, 0, 1); Atomics.notify(d.d, 0) })`,
  ),
  program(
    'sync with the flag too early',
    `const d = words(1); const { port1, port2 } = new MessageChannel(); const w = new Worker(new URL('./w.mjs', import.meta.url), { workerData: { d, p: port2 }, transferList: [port2] }); Atomics.wait(d, 0, 0); console.log(receiveMessageOnPort(port1)?.message ?? 'none')`,
    `Atomics.add(d.d, 0, 1); Atomics.notify(d.d, 0); d.p.postMessage(1)`,
  ),
  program(
    'terminate when it waits',
    `const w = start(); w.on('exit', (c) => console.log('exit', c)); w.on('message', async () => console.log(await w.terminate())); w.postMessage(1)`,
    `parentPort.on('message', (m) => parentPort.postMessage(m))`,
  ),
  program(
    'an end between two steps',
    `const d = words(2); const w = start(d); w.on('exit', (c) => console.log(c, d[0], d[1])); w.on('message', () => w.terminate())`,
    'parentPort.postMessage(1); for (let n = 0; n < 3; n++) { Atomics.add(d, 0, 1); Atomics.add(d, 1, 1) }',
  ),
  program(
    'an end before the first step',
    `const d = words(1); const w = start(d); w.on('exit', (c) => console.log(c, d[0])); w.terminate()`,
    'Atomics.store(d, 0, 1)',
  ),
  program(
    'an end that comes to a sleeper',
    `const d = words(1); const w = start(d); w.on('exit', (c) => console.log(c, Atomics.notify(d, 0))); w.on('message', () => { w.terminate(); console.log(Atomics.notify(d, 0)) })`,
    'parentPort.postMessage(1); Atomics.wait(d, 0, 0)',
  ),
  program(
    'an end with a port under way',
    `const { port1, port2 } = new MessageChannel(); port1.on('close', () => console.log('closed')); port1.on('message', (m) => console.log(m)); const w = start(); w.postMessage(port2, [port2]); w.terminate()`,
    `parentPort.on('message', (p) => p.postMessage(1))`,
  ),
  program(
    'an end behind a message',
    `const d = words(1); const w = start(d); w.on('exit', (c) => console.log(c, d[0])); w.on('message', () => { w.postMessage(1); w.terminate() })`,
    `parentPort.on('message', () => Atomics.store(d, 0, 1)); parentPort.postMessage(0)`,
  ),
  program(
    'code in place of a file',
    `new Worker("const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage(workerData + 1)", { eval: true, workerData: 1 }).on('message', (m) => console.log(m))`,
    '',
  ),
  program(
    'modules of its own',
    `const w = start(); next(); next(); w.on('message', (m) => console.log(m, next()))`,
    `next(); parentPort.postMessage(next())`,
  ),
  program(
    'a broadcast',
    `const b = new BroadcastChannel('x' + RUN); b.onmessage = ({ data }) => { console.log(data); b.close() }; start()`,
    `const b = new BroadcastChannel('x' + RUN); b.postMessage('hi'); b.close()`,
  ),
  program(
    'arguments and a name',
    `new Worker(new URL('./w.mjs', import.meta.url), { argv: ['a', 1], env: { ...process.env, X: 'y' } })`,
    `console.log(process.argv.slice(2).join(), process.env.X)`,
  ),
  program(
    'a queue of one place',
    `const d = words(2); start(d); for (const v of [1, 2]) { for (let u = Atomics.load(d, 0); u !== 0; u = Atomics.load(d, 0)) Atomics.wait(d, 0, u); Atomics.store(d, 0, v); Atomics.notify(d, 0) }`,
    `for (let n = 0; n < 2; n++) { while (Atomics.load(d, 0) === 0) Atomics.wait(d, 0, 0); console.log(Atomics.exchange(d, 0, 0)); Atomics.notify(d, 0) }`,
  ),
]

/** What both find. `real`: on real threads, where a channel tells who printed what. */
function headOf(real: boolean, isWorker: boolean): string {
  const console = real
    ? `const ID = Math.random(); const OUT = new BroadcastChannel('out' + RUN); OUT.unref(); const console = { log: (...all) => OUT.postMessage([ID, format(...all)]) };`
    : ''
  return `import { BroadcastChannel, MessageChannel, parentPort, receiveMessageOnPort, Worker${isWorker ? ', workerData as d' : ''} } from 'node:worker_threads'; import { once } from 'node:events'; import { format } from 'node:util'; import { next } from './dep.mjs'; const RUN = process.env.RUN ?? ''; ${console} const words = (n) => new Int32Array(new SharedArrayBuffer(4 * n)); const start = (workerData, file = './w.mjs') => new Worker(new URL(file, import.meta.url), { workerData }); const lock = (d) => { while (Atomics.compareExchange(d, 0, 0, 1) !== 0) Atomics.wait(d, 0, 1) }; const unlock = (d) => { Atomics.store(d, 0, 0); Atomics.notify(d, 0, 1) }; const meet = (d, n) => { if (Atomics.add(d, 0, 1) === n - 1) Atomics.notify(d, 0); else for (let v = Atomics.load(d, 0); v < n; v = Atomics.load(d, 0)) Atomics.wait(d, 0, v) };\n`
}

/** The files of a program, for either. */
export const filesOf = ({ main, worker }: WorkerProgram, real: boolean): Record<string, string> => ({
  'main.mjs': headOf(real, false) + main,
  'w.mjs': headOf(real, true) + worker,
  'dep.mjs': 'let count = 0; export const next = () => ++count',
})
