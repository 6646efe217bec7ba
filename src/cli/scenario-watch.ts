/**
 * The process that runs the author's code, for a command: a worker that does the jobs, and this thread, which looks
 * whether that still does something. See scenario-process.ts.
 */

import { relative } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { ASLEEP, createCalls, createPatience, type Hand, handOn, type Word } from '../explore/internals-load.ts'
import {
  type Answer,
  type Call,
  type End,
  type Limits,
  type Message,
  type Order,
  PRINTED,
  type Report,
} from './scenario-messages.ts'

/** Milliseconds between two looks at a worker. */
const LOOK = 100
/** Seconds that a job may take beyond its time: it looks at the clock now and then, and shortens what it has found. */
const GRACE = 3

/** Word 0 counts the steps of explorations, word 1 is the site of the last one. */
const pulse = new Int32Array(new SharedArrayBuffer(8))

/** The author's code may send to its parent, too. */
const send = process.send!.bind(process)
const tell = (report: Report) => send(report)

let worker: Worker | undefined
/** It has started. */
let ready = false
/** By which it is reached while it has a part in a search. */
let hand: Hand | undefined

/** May the author's code have left something behind that another job would find? */
function leavesTraces(answer: Answer): boolean {
  if ('parted' in answer) return answer.parted
  const violation =
    'result' in answer ? answer.result.violation : 'replayed' in answer ? answer.replayed.violation : null
  return violation?.kind === 'refused' || violation?.kind === 'nondeterminism'
}

/** Does a job. The first end that there is counts; one without an answer is the end of this process, too. */
function run({ job, limits }: Order): void {
  let over = false
  const end = (report: End): void => {
    if (over) return
    over = true
    clearInterval(watching)
    process.stderr.write(PRINTED, () => tell(report))
  }
  let sites: readonly string[] = []
  let rejected: string | undefined
  const fail = (sentence: string, ending: 'failed' | 'budget' = 'failed') =>
    end({ given: `${limits.name}: ${sentence}`, ending })
  Atomics.store(pulse, 1, -1)
  worker ??= new Worker(new URL('./scenario-job.js', import.meta.url))
  const working = worker
  for (const event of ['message', 'error', 'exit']) working.removeAllListeners(event)
  working.on('message', (message: Message) => {
    if ('ready' in message) ready = true
    else if ('progress' in message || 'checkpoint' in message) tell(message)
    else if ('sites' in message) sites = message.sites
    else if ('rejected' in message) rejected ??= message.rejected
    else if ('usage' in message) end(message)
    else if ('cut' in message) end({ given: message.cut, ending: 'failed' })
    else if ('failed' in message) fail(message.failed)
    else if ('stuck' in message) fail('its code awaits a promise at the top of a module that nobody will ever settle')
    else if (rejected !== undefined) fail(`its own code left a promise that was rejected: ${rejected}`)
    else end({ answer: message.answer, reusable: !leavesTraces(message.answer) })
  })
  working.on('error', (error: NodeJS.ErrnoException) => {
    const out = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    if (!ready) fail(`a worker did not start: ${error.message}`)
    fail(out ? 'the memory that Node allows was not enough' : `its own code threw outside of threads: ${error}`)
  })
  working.on('exit', (code) => fail(`its own code ended the process with status ${code}${lastStep(sites)}`))
  let at = ''
  const looked = (): void => {
    const now = lastStep(sites)
    if (now !== at) tell({ at: (at = now) })
  }
  const watching = watchOver(working, limits, looked, (what, ending) => fail(`${what}${lastStep(sites)}`, ending))
  if ('share' in job) {
    const { port1, port2 } = new MessageChannel()
    const calls = createCalls()
    port1.on('message', (word: Word) => tell({ word }))
    hand = handOn(port1, calls)
    working.postMessage({ job, pulse, line: { port: port2, calls } }, [port2])
  } else working.postMessage({ job, pulse })
}

/** Looks now and then whether the worker still does something, and has time left. */
function watchOver(
  working: Worker,
  { patience, seconds }: Limits,
  looked: () => void,
  hangs: (what: string, ending?: 'budget') => void,
): NodeJS.Timeout {
  const begun = performance.now()
  const lookAt = createPatience(patience, LOOK)
  let last = -1
  let idle = 0
  return setInterval(() => {
    looked()
    if (seconds !== undefined && performance.now() - begun > (seconds + GRACE) * 1000) {
      hangs(`the time of ${seconds} s was over`, 'budget')
    }
    const beat = Atomics.load(pulse, 0)
    const asleep = working.performance.eventLoopUtilization().idle / 1000
    const held = lookAt(beat)
    if (beat !== last) {
      last = beat
      idle = asleep
    } else if (held === 'busy')
      hangs(`a loop without a visible step, or a native that takes long: nothing for ${patience} s of computing`)
    else if (asleep - idle > ASLEEP * patience) hangs(`asleep for ${ASLEEP * patience} s without a visible step`)
    // A thread that sleeps in a real `Atomics.wait` is neither idle nor busy.
    else if (held === 'asleep')
      hangs(
        `asleep for ${ASLEEP * patience} s: code that is not followed waits, and nobody runs beside it; --packages NAME follows a package`,
      )
  }, LOOK)
}

function lastStep(sites: readonly string[]): string {
  const site = Atomics.load(pulse, 1)
  if (site < 0) return ', before the first visible step of a thread'
  return sites[site] === undefined ? '' : `, after a step at ${relative(process.cwd(), sites[site])}`
}

// Ctrl-C is for the command, whose end is the end of this process, however busy the worker is.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', (said: Order | Call) => {
  if ('job' in said) run(said)
  else if ('order' in said) hand?.tell(said.order)
  else if ('stop' in said) hand?.stop(said.stop)
  else hand?.ask(said.ask)
})
tell({ started: true })
