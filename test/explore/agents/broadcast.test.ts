/**
 * Broadcast channels of threads.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumented } from '../support/source.ts'

/** What the threads of that text come to. */
async function explored(threads: string) {
  const text = `import { BroadcastChannel } from 'node:worker_threads'
const open = (name = 'x') => new BroadcastChannel(name)
export const setup = () => new Int32Array(new SharedArrayBuffer(16))
export const threads = [\n${threads}\n]`
  const made = await instrumented(text, {}, 'broadcast.js')
  const outcome = (w: Int32Array) => [...w].join()
  return check({ setup: made.setup as () => Int32Array, threads: made.threads, outcome })
}

async function outcomes(threads: string): Promise<string[]> {
  const result = await explored(threads)
  expect(result.violation).toBeNull()
  expect([result.exhaustive, result.redundant]).toEqual([true, 0])
  return result.outcomes.map(({ outcome }) => outcome).sort()
}

it('who has joined before a post hears of it, who joins later does not', async () => {
  const threads = `(w) => { open().onmessage = ({ data }) => { w[0] = data } },
  () => { open().postMessage(7) },`
  expect(await outcomes(threads)).toEqual(['0,0,0,0', '7,0,0,0'])
})

it('all hear the messages of several senders in one order, and nobody its own', async () => {
  const threads = `(w) => { const b = open(); let n = 0; b.addEventListener('message', ({ data }) => { w[n++] = data }); Atomics.store(w, 3, 1) },
  (w) => { const b = open(); b.onmessage = () => Atomics.add(w, 2, 1); if (Atomics.load(w, 3) === 1) { b.postMessage(1); b.postMessage(2) } },`
  expect(await outcomes(threads)).toEqual(['0,0,0,1', '1,2,0,1'])
  const two = `(w) => { const b = open(); let n = 0; b.onmessage = ({ data }) => { w[n++] = data; if (n === 2) b.close() } },
  () => { open().postMessage(1) },
  () => { open().postMessage(2) },`
  expect(await outcomes(two)).toEqual(['0,0,0,0', '1,0,0,0', '1,2,0,0', '2,0,0,0', '2,1,0,0'])
})

it('channels of other names hear nothing', async () => {
  const threads = `(w) => { open('y').onmessage = () => { w[0] = 1 } },
  (w) => { Atomics.add(w, 1, 1); open('x').postMessage(7) },`
  expect(await outcomes(threads)).toEqual(['0,1,0,0'])
})

it('a message carries what its sender did before', async () => {
  const threads = `(w) => { open().onmessage = () => { w[0] = w[1] } },
  (w) => { w[1] = 3; open().postMessage(7); w[2] = 1 },`
  expect(await outcomes(threads)).toEqual(['0,3,1,0', '3,3,1,0'])
  expect((await explored(threads.replace('w[0] = w[1]', 'w[0] = w[2]'))).violation).toMatchObject({ kind: 'data-race' })
})

it('what is closed neither posts nor hears', async () => {
  const threads = `(w) => {
    const b = open()
    b.onmessage = () => { w[0] = 1 }
    b.close()
    try { b.postMessage(1) } catch (e) { w[1] = e.name === 'InvalidStateError' ? 1 : 2 }
  },
  () => { open().postMessage(7) },`
  expect(await outcomes(threads)).toEqual(['0,1,0,0'])
})

it('a message carries nothing of what its sender did behind it, though more messages have come', async () => {
  const threads = `(w) => { const b = open(); b.onmessage = () => { w[0] = w[2]; b.close() } },
  (w) => { const b = open(); b.postMessage(1); w[2] = 1; b.postMessage(2) },`
  expect((await explored(threads)).violation).toMatchObject({ kind: 'data-race' })
})
