/**
 * The author's code runs in a process of its own, so that nothing it does can end the command, print into its output or
 * hang it without a word: `process.exit`, a broken built-in, a loop without a step, a promise that nobody settles, a
 * native that can't be interrupted, memory that Node gives up at.
 */

import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { CommandFailure } from '../command/command-failure.ts'
import { UsageError } from '../command/usage-error.ts'
import type { Hand, Word } from '../explore/internals-load.ts'
import type { Listeners } from './explore-plan.ts'
import { endOfPrinted, reasonIn } from './last-words.ts'
import {
  type Answer,
  type Call,
  type End,
  type Job,
  type Limits,
  type Order,
  PRINTED,
  type Report,
} from './scenario-messages.ts'

/** How a job is watched over. */
export interface Watch extends Limits, Listeners {
  /** The job has a part in a search. Returns what is to be called with each word of it. */
  readonly join?: (hand: Hand) => (word: Word) => void
  readonly signal?: AbortSignal | undefined
}

/** A process that does jobs, one after the other. */
interface Runner {
  readonly child: ChildProcess
  /** What it has printed and was not passed on yet. */
  held: string
  /** Its own code is there. */
  started: boolean
}

/** Those without a job: what one has read and instrumented, the next job need not read again. */
const idle: Runner[] = []

/**
 * Runs a job. Throws UsageError for what the command line has wrong, CommandFailure for code that comes to no answer.
 */
export async function runJob(job: Job, { name, patience, seconds, ...watch }: Watch): Promise<Answer> {
  const runner = take() ?? start()
  let reusable = false
  try {
    const report = await reportOf(runner, { job, limits: { name, patience, seconds } }, watch)
    if ('usage' in report) throw new UsageError(report.usage)
    if ('given' in report) throw new CommandFailure(report.given, report.ending)
    reusable = report.reusable
    return report.answer
  } finally {
    for (const event of ['message', 'close', 'error', 'printed']) runner.child.removeAllListeners(event)
    if (reusable) keep(runner)
    else await end(runner)
  }
}

function start(): Runner {
  const path = fileURLToPath(new URL('./scenario-watch.js', import.meta.url))
  // What it prints is not our output, of which each line is JSON if that was asked for.
  const child = fork(path, { serialization: 'advanced', stdio: ['ignore', 2, 'pipe', 'ipc'] })
  const runner: Runner = { child, held: '', started: false }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    runner.held += text
    passOn(runner)
  })
  return runner
}

/** Passes on what was printed: all before PRINTED, and else whole lines that are not Node's last words. */
function passOn(runner: Runner): void {
  const { child, held } = runner
  const printed = held.indexOf(PRINTED)
  const end = printed >= 0 ? printed : runner.started ? endOfPrinted(held) : 0
  process.stderr.write(held.slice(0, end))
  runner.held = held.slice(printed >= 0 ? printed + PRINTED.length : end)
  if (printed >= 0) child.emit('printed')
}

/** What comes of an order. */
function reportOf(
  runner: Runner,
  order: Order,
  { signal, join, onProgress, onCheckpoint }: Omit<Watch, keyof Limits>,
): Promise<End> {
  const { child } = runner
  const { name } = order.limits
  let at = ''
  let aborted = () => {}
  return new Promise<End>((resolve, reject) => {
    const fail = (sentence: string) => reject(new CommandFailure(`${name}: ${sentence}`))
    aborted = () => reject(signal!.reason)
    signal?.addEventListener('abort', aborted, { once: true })
    const heard = join?.(handTo(child))
    const printed = new Promise<void>((all) => child.once('printed', all))
    child.on('message', (report: Report) => {
      if ('started' in report) runner.started = true
      else if ('at' in report) at = report.at
      else if ('progress' in report) onProgress?.(report.progress)
      else if ('checkpoint' in report) onCheckpoint?.(report.checkpoint)
      else if ('word' in report) heard?.(report.word)
      else void printed.then(() => resolve(report))
    })
    child.on('error', (error) => fail(`a process for it did not start: ${error.message}`))
    // Later than its exit: all that it printed has come.
    child.on('close', (code, by) => fail(`${whyEnded(runner, by ?? `status ${code}`)}${at}`))
    if (child.connected) child.send(order)
  }).finally(() => signal?.removeEventListener('abort', aborted))
}

/** How a process is reached that has a part in a search. One that has ended is told of by its end. */
function handTo(child: ChildProcess): Hand {
  const call = (it: Call) => {
    if (child.connected) child.send(it)
  }
  return {
    tell: (order) => call({ order }),
    stop: (part) => call({ stop: part }),
    ask: (part) => call({ ask: part }),
  }
}

/** Why a process has ended that should have given a report. */
function whyEnded(runner: Runner, how: string): string {
  const { held, started } = runner
  const reason = reasonIn(held)
  if (started && reason === undefined) process.stderr.write(held)
  runner.held = ''
  if (reason !== undefined) return `Node gave up: ${reason}`
  if (started) return `its own code ended the process by ${how}`
  return `a process for it did not start: ${/\S.*/.exec(held)?.[0] ?? how}`
}

/** A process that has done a job already. */
function take(): Runner | undefined {
  const runner = idle.pop()
  if (runner === undefined) return undefined
  runner.child.removeAllListeners('exit')
  refer(runner, 'ref')
  return runner
}

/** Whether this process lives on for that one. */
function refer({ child }: Runner, how: 'ref' | 'unref'): void {
  child[how]()
  child.channel?.[how]()
  ;(child.stderr as Socket | null)?.[how]()
}

/** Keeps a process for another job. It ends with this one, or by what the author's code still does. */
function keep(runner: Runner): void {
  refer(runner, 'unref')
  idle.push(runner)
  runner.child.on('exit', () => idle.splice(idle.indexOf(runner), 1))
}

/** Ends a process, whatever its threads are at, and removes what it has written. */
async function end({ child }: Runner): Promise<void> {
  if (child.pid === undefined) return
  child.kill('SIGKILL')
  const { removeCopiesOf } = await import('../explore/internals-load.ts')
  removeCopiesOf(child.pid)
}
