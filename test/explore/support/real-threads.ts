/**
 * A scenario of threads that post to each other, run on real workers: what these return, and what is in the words.
 *
 * Each worker evaluates the scenario's text as it stands, gets the memory and its ports in a message, waits with the
 * others until all are there, and calls its thread. What the thread gives is awaited.
 */
import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'

/** Three threads at most: `a`, `b` and `c` are channels, of which the thread named first gets port 1. */
export interface Posting {
  readonly name: string
  /** By channel: the threads that have its two ports. */
  readonly channels: Readonly<Record<string, readonly [number, number]>>
  /** As text: functions of `{ w, a1, a2, ... }`, of which each thread has its own ports alone. */
  readonly threads: readonly string[]
}

export const REAL_WORDS = 8

const HEAD = `import { MessageChannel, receiveMessageOnPort, parentPort } from 'node:worker_threads'
import { once } from 'node:events'
`

/** The scenario as a module, for the explorer and for workers. */
export function postingText({ channels, threads }: Posting): string {
  const names = Object.keys(channels)
  const made = names.map((name) => `const ${name} = new MessageChannel()`).join('; ')
  const ports = names.map((name) => `${name}1: ${name}.port1, ${name}2: ${name}.port2`).join(', ')
  return `${HEAD}export const setup = () => { ${made}; return { w: new Int32Array(new SharedArrayBuffer(${4 * REAL_WORDS})), ${ports} } }
export const threads = [\n${threads.join(',\n')}\n]
export const outcome = ({ w }, results) => JSON.stringify([results, [...w]])
`
}

const SERVE = `
parentPort.on('message', async ({ t, all, gate, given, spins }) => {
  Atomics.add(gate, 0, 1)
  while (Atomics.load(gate, 0) < all);
  for (let i = 0; i < spins; i++) Atomics.load(gate, 0)
  const value = await threads[t](given)
  parentPort.postMessage(value)
})
`

/** Runs it so often, and gives the outcomes seen. `random` draws how long each thread waits before it begins. */
export async function runPosting(
  posting: Posting,
  rounds: number,
  random: (below: number) => number,
): Promise<Set<string>> {
  const { channels, threads } = posting
  const code = `data:text/javascript,${encodeURIComponent(postingText(posting) + SERVE)}`
  const workers = threads.map(() => new Worker(new URL(code)))
  const seen = new Set<string>()
  try {
    for (let round = 0; round < rounds; round++) {
      const w = new Int32Array(new SharedArrayBuffer(4 * REAL_WORDS))
      const gate = new Int32Array(new SharedArrayBuffer(4))
      const given = threads.map(() => ({ w }) as Record<string, unknown>)
      const moved = threads.map((): MessagePort[] => [])
      for (const [name, [first, second]] of Object.entries(channels)) {
        const { port1, port2 } = new MessageChannel()
        given[first][`${name}1`] = port1
        given[second][`${name}2`] = port2
        moved[first].push(port1)
        moved[second].push(port2)
      }
      const ends = workers.map((worker) => once(worker, 'message'))
      workers.forEach((worker, t) => {
        const spins = random(4) * random(2000)
        worker.postMessage({ t, all: threads.length, gate, given: given[t], spins }, moved[t])
      })
      const results = (await Promise.all(ends)).map(([value]) => value as unknown)
      seen.add(JSON.stringify([results, [...w]]))
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return seen
}
