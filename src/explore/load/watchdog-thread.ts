/**
 * The thread that looks at another one of the same process, which explores. See watchdog.ts.
 */

import { writeSync } from 'node:fs'
import inspector from 'node:inspector'
import { relative } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { createPatience } from './patience.ts'

/** What it is to look at. */
export interface Watched {
  /** Word 0 counts steps, word 1 is the site of the last one, word 2 says whether an exploration runs. */
  readonly pulse: Int32Array
  /** Seconds. */
  readonly patience: number
}

/** Milliseconds between two looks. */
const LOOK = 100

const { pulse, patience } = workerData as Watched
const sites: string[] = []
const lookAt = createPatience(patience, LOOK)
/** Counts the looks at a thread that does not explore, or stands still for a debugger: each is a sign of life. */
let excused = 0

function whatIsWrong(held: 'busy' | 'asleep'): string {
  const site = sites[Atomics.load(pulse, 1)]
  const where = site === undefined ? 'before the first visible step of a thread' : `after a step at ${site}`
  const what =
    held === 'busy'
      ? `a loop without a visible step, or a native that takes long: nothing for ${patience} s of computing`
      : 'asleep without a visible step: code that is not followed waits, and nobody runs beside it'
  return `explore: ${what}, ${where}. Nothing can interrupt it, so its process is ended here`
}

parentPort!.on('message', (more: readonly string[]) => {
  for (const site of more) sites.push(relative(process.cwd(), site))
})
setInterval(() => {
  if (Atomics.load(pulse, 2) === 0 || inspector.url() !== undefined) excused++
  const held = lookAt(Atomics.load(pulse, 0) + excused)
  if (held === undefined) return
  // The thread that holds the process passes on nothing that is written by a stream.
  writeSync(2, `${whatIsWrong(held)}\n`)
  process.kill(process.pid, 'SIGKILL')
}, LOOK)
