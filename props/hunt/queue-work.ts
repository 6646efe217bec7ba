/**
 * Works at hunts that are on a server: takes blocks, hunts each in a process of its own, and commits what came of it.
 */

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CommandFailure } from '../../src/command/command-failure.ts'
import type { RootJob, Server } from '../../src/command/queue-client.ts'
import { type Open, offer, readStanding, type Standing } from '../../src/command/queue-roots.ts'
import { shape } from '../../src/explore/internals.ts'
import { SCENARIO } from './explore.ts'
import type { Failure } from './failure.ts'
import type { Job, Tally, Word } from './job.ts'
import { type Block, codeOfHunts, huntsOn, type QueuedHunt, type Told } from './queue.ts'

const { count, record, text } = shape
const HUNT = record({ seed: count, cpus: count, programs: count, code: text })

/** A job, as this tree has it. */
const JOB = fileURLToPath(new URL('./job.js', import.meta.url))
/** Milliseconds between two looks for a hunt, and whether one has come to its end. */
const LOOK = 500
/** How often nothing may come of a block. */
const FAILURES = 3

/** How it is worked at. */
export interface WorkOptions {
  /** Blocks at the same time. */
  readonly jobs: number
  /** Seconds without a sign of life, after which others take its blocks. */
  readonly stalled: number
  /** Where failures are written as well. */
  readonly out: string
  readonly signal: AbortSignal
}

/** Works at one hunt after the other, until the signal comes. */
export async function workAtHunts(server: Server, options: WorkOptions): Promise<void> {
  const hunts = huntsOn(server.redis)
  const code = codeOfHunts()
  const refused = new Set<string>()
  const { signal } = options
  while (!signal.aborted) {
    for (const [id, value] of Object.entries(await hunts.all())) {
      if (refused.has(id) || signal.aborted) continue
      const hunt = readStanding<QueuedHunt>(value, HUNT, 'hunt')
      const why = typeof hunt === 'string' ? hunt : hunt.code === code ? undefined : 'its code is another one here'
      if (why !== undefined) {
        refused.add(id)
        process.stderr.write(`hunt: got a hunt that is none of ours: ${why}\n`)
      } else if (isOpen(await hunts.standing(id))) await workAt(server, id, hunt as QueuedHunt, options)
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

/** Whether something is left to hunt. */
const isOpen = (standing: Standing | undefined): boolean =>
  standing !== undefined && standing.open > 0 && standing.failed === undefined

async function workAt(server: Server, id: string, hunt: QueuedHunt, options: WorkOptions): Promise<void> {
  const { jobs, stalled, signal } = options
  const hunts = huntsOn(server.redis)
  const queue = server.queue(id)
  await offer(hunts, queue, id)
  const doBlock = async ({ data }: RootJob): Promise<void> => {
    const open = await hunts.root(id, data.root)
    if (open === undefined || open.root.token !== data.token || signal.aborted) return
    const { root } = open
    try {
      const told = await huntBlock(hunt, root, options)
      const { programs } = told.tally
      const behind = programs / (2 * hunt.programs)
      await hunts.commit(id, root, {
        ...{ told, executions: programs, behind, left: undefined, gifts: new Map(), found: false },
      })
    } catch (error) {
      // What was under way will be hunted again.
      if (signal.aborted) return
      process.stderr.write(`hunt: ${error instanceof Error ? error.message : String(error)}\n`)
      if ((await hunts.failures(id, root)) < FAILURES) return
      await hunts.fail(id, `nothing came of a block of it, ${FAILURES} times: the workers have said why`)
    }
  }
  const worker = server.worker(id, doBlock, jobs, stalled)
  let offered = performance.now()
  try {
    while (!signal.aborted) {
      if (!isOpen(await hunts.standing(id))) break
      if (performance.now() - offered > stalled * 1000) {
        await offer(hunts, queue, id)
        offered = performance.now()
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK))
    }
    await worker.close()
  } finally {
    await queue.close()
  }
}

/** Hunts the programs of a block, each once. Rejects if the process that does so comes to no end of its own. */
function huntBlock({ seed, cpus }: QueuedHunt, block: Open<Block>, { out, signal }: WorkOptions): Promise<Told> {
  const { on, first, programs } = block
  const until = Number.MAX_SAFE_INTEGER
  const job: Job = { on, cpus, seed, first, step: 1, most: programs, out, storage: SCENARIO.href, until }
  const child = fork(JOB)
  let tally: Tally = { programs: 0, runs: 0, outcomes: 0, whole: 0 }
  const failures: Failure[] = []
  child.on('message', (word: Word) => {
    if ('tally' in word) tally = word.tally
    else if ('failure' in word) failures.push(word.failure)
  })
  const stop = () => child.kill()
  signal.addEventListener('abort', stop, { once: true })
  child.send(job)
  return new Promise<Told>((resolve, reject) => {
    child.once('error', reject)
    // Later than its exit: all that it said has come.
    child.once('close', (code, by) => {
      signal.removeEventListener('abort', stop)
      if (code === 0 && tally.programs === programs) resolve({ on, tally, failures })
      else reject(new CommandFailure(`programs ${first} to ${first + programs - 1} on ${on} ended with ${by ?? code}`))
    })
  })
}
