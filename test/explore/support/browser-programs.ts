/**
 * Small programs of a page and dedicated workers, for the explorer and for a browser. The page alone prints; no program
 * depends on how long something takes.
 */

/** A program: what the page does, what its worker does, and what the page may have printed. */
export interface BrowserProgram {
  readonly name: string
  readonly main: string
  readonly worker: string
  /** The worker's script is a classic one. */
  readonly classic?: boolean
  readonly printed: readonly string[]
}

const TELLS = `w.onmessage = (e) => console.log(JSON.stringify(e.data))
w.onerror = (e) => { e.preventDefault(); console.log('error', e.message, e.error) }
`

/** Its files. */
export function browserFiles({ main, worker, classic = false }: BrowserProgram): Record<string, string> {
  const start = classic ? '' : `, { type: 'module' }`
  return {
    'main.js': `const w = new Worker(new URL('./worker.js', import.meta.url)${start})\n${TELLS}${main}\n`,
    'worker.js': `${worker}\n`,
    'inner.js': `onmessage = (e) => postMessage(e.data + 1)\n`,
  }
}

const WORDS = 'const d = new Int32Array(new SharedArrayBuffer(16)); w.postMessage(d);'

export const BROWSER_PROGRAMS: readonly BrowserProgram[] = [
  {
    name: 'an echo',
    main: 'w.postMessage(1); w.postMessage(2)',
    worker: `addEventListener('message', (e) => postMessage(e.data + 1))`,
    printed: ['2\n3\n'],
  },
  {
    name: 'an add that is lost',
    main: `${WORDS} w.onmessage = () => { Atomics.store(d, 0, Atomics.load(d, 0) + 1); w.onmessage = () => console.log(d[0]); w.postMessage(0) }`,
    worker: `let d; onmessage = (e) => { if (e.data !== 0) { d = e.data; postMessage(0); Atomics.store(d, 0, Atomics.load(d, 0) + 1) } else postMessage(1) }`,
    printed: ['1\n', '2\n'],
  },
  {
    name: 'who comes first',
    main: `${WORDS} w.onmessage = () => console.log(Atomics.compareExchange(d, 0, 0, 1))`,
    worker: `onmessage = ({ data: d }) => { postMessage(0); Atomics.compareExchange(d, 0, 0, 2) }`,
    printed: ['0\n', '2\n'],
  },
  {
    name: 'a wait in the worker, woken by the page',
    main: `${WORDS} Atomics.store(d, 0, 5); Atomics.notify(d, 0)`,
    worker: `onmessage = ({ data: d }) => { Atomics.wait(d, 0, 0); postMessage(Atomics.load(d, 0)) }`,
    printed: ['5\n'],
  },
  {
    name: 'a waitAsync on the page',
    main: `${WORDS} const r = Atomics.waitAsync(d, 0, 0); if (r.async) r.value.then((v) => console.log(v)); else console.log(r.value)`,
    worker: `onmessage = ({ data: d }) => { Atomics.store(d, 0, 1); Atomics.notify(d, 0) }`,
    printed: ['not-equal\n', 'ok\n'],
  },
  {
    name: 'a page can not wait',
    main: `w.postMessage(0); try { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1) } catch (e) { console.log(e.name) }`,
    worker: '',
    printed: ['TypeError\n'],
  },
  {
    name: 'a message that nobody listens to yet',
    main: `w.postMessage(1); w.onmessage = (e) => { console.log(e.data); w.postMessage(2); w.onmessage = (e) => console.log(e.data) }`,
    worker: `const { port1, port2 } = new MessageChannel(); port2.onmessage = () => { onmessage = (e) => postMessage(e.data); postMessage('up') }; setTimeout(() => port1.postMessage(0), 20)`,
    printed: ['up\n2\n'],
  },
  {
    name: 'a listener behind an await',
    main: 'w.postMessage(1)',
    worker: 'await 0; onmessage = (e) => postMessage(e.data)',
    printed: ['1\n'],
  },
  {
    name: 'what is thrown does not end it',
    main: 'w.postMessage(1); w.postMessage(2)',
    worker: `onmessage = (e) => { if (e.data === 1) throw new Error('bad'); postMessage(e.data) }`,
    printed: ['2\nerror Uncaught Error: bad null\n', 'error Uncaught Error: bad null\n2\n'],
  },
  {
    name: 'who says that it is dealt with',
    main: '',
    worker: `self.onerror = (...all) => { postMessage([all.length, all[0], String(all[4])]); return true }; throw new Error('top')`,
    printed: ['[5,"Uncaught Error: top","Error: top"]\n'],
  },
  {
    name: 'an error that rejects the module',
    main: '',
    worker: `await 0; throw new TypeError('later')`,
    printed: ['error Uncaught TypeError: later null\n'],
  },
  {
    name: 'a rejection',
    main: '',
    worker: `onunhandledrejection = (e) => { e.preventDefault(); postMessage(String(e.reason)) }; Promise.reject(new Error('r'))`,
    printed: ['"Error: r"\n'],
  },
  {
    name: 'close, and what is done after it',
    main: 'w.postMessage(1)',
    worker: `setTimeout(() => postMessage('timer')); close(); postMessage('after'); Promise.resolve().then(() => postMessage('job')); onmessage = () => postMessage('no')`,
    printed: ['"after"\n"job"\n'],
  },
  {
    name: 'terminate loses what was posted',
    main: `${WORDS} w.onmessage = (e) => { console.log(e.data, w.terminate()); w.postMessage(1) }`,
    worker: `onmessage = () => { postMessage('one'); postMessage('two') }`,
    printed: ['one undefined\n'],
  },
  {
    name: 'jobs run between those who listen',
    main: '',
    worker: `addEventListener('message', () => { Promise.resolve().then(() => postMessage('job')) }); addEventListener('message', () => postMessage('second')); const c = new MessageChannel(); c.port1.onmessage = () => { Promise.resolve().then(() => postMessage('port job')) }; c.port1.addEventListener('message', () => postMessage('port')); c.port2.postMessage(0)`,
    printed: ['"port job"\n"port"\n'],
  },
  {
    name: 'a port that nobody has started',
    main: `const { port1, port2 } = new MessageChannel(); port2.addEventListener('message', (e) => console.log(e.data)); port1.postMessage(1); w.onmessage = () => { console.log('start'); port2.start() }`,
    worker: 'postMessage(0)',
    printed: ['start\n1\n'],
  },
  {
    name: 'a port that goes to the worker',
    main: `const { port1, port2 } = new MessageChannel(); w.postMessage('take', [port2]); port1.onmessage = (e) => console.log(e.data); port1.postMessage(4)`,
    worker: `onmessage = ({ ports: [port] }) => { port.onmessage = (e) => port.postMessage(e.data + 1) }`,
    printed: ['5\n'],
  },
  {
    name: 'a worker of the worker',
    main: 'w.postMessage(1)',
    worker: `const n = new Worker('./inner.js', { type: 'module' }); n.onmessage = (e) => postMessage(e.data); onmessage = (e) => n.postMessage(e.data)`,
    printed: ['2\n'],
  },
  {
    name: 'what a module of a worker finds',
    main: '',
    worker: `postMessage([typeof this, typeof importScripts, typeof window, typeof process, typeof globalThis.postMessage, self instanceof WorkerGlobalScope, String(self), typeof navigator.hardwareConcurrency, self.name, typeof self.setTimeout, location.href === import.meta.url])`,
    printed: [
      '["undefined","function","undefined","undefined","function",true,"[object DedicatedWorkerGlobalScope]","number","","function",true]\n',
    ],
  },
  {
    name: 'a classic script',
    main: 'w.postMessage(7)',
    worker: `var seen = 1; function hears(e) { seen++; postMessage([e.data, self.seen]) }; onmessage = self.hears; postMessage([self.seen, this === self])`,
    classic: true,
    printed: ['[1,true]\n[7,2]\n'],
  },
  {
    name: 'code of a function, by a data: URL',
    main: `const add = async (a) => a + 1
import('data:text/javascript,' + encodeURIComponent('export default ' + add)).then(async ({ default: f }) => console.log(String(f) === String(add), await f(1)))
w.postMessage(0)`,
    worker: '',
    printed: ['true 2\n'],
  },
  {
    name: 'what can not be cloned',
    main: `for (const each of [() => {}, Symbol(), new MessageChannel().port1]) try { w.postMessage(each) } catch (e) { console.log(e.name) }
w.postMessage(0)`,
    worker: `onmessage = (e) => { try { postMessage({ f() {} }) } catch (e) { postMessage(e.name) } }`,
    printed: ['DataCloneError\nDataCloneError\nDataCloneError\n"DataCloneError"\n'],
  },
]
