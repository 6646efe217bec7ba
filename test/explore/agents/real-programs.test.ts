/**
 * Small whole programs on real workers: what these print is one of the explorer's outcomes.
 */
import { join } from 'node:path'
import { BroadcastChannel, Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { exploreProgram } from '../../../src/explore/index.ts'
import { LONG, shareOf } from '../../share.ts'
import { withFiles } from '../support/source.ts'
import { filesOf, WORKER_PROGRAMS, type WorkerProgram } from '../support/worker-programs.ts'

const ROUNDS = LONG ? 1000 : 50

/** What was printed, by whoever, and the exit code: the texts in order, since names are the explorer's own. */
const told = (texts: readonly string[], code: number): string => JSON.stringify([[...texts].sort(), code])

/** One round on real threads. */
async function round(file: string, run: string): Promise<string> {
  const heard = new Map<number, string>()
  const channel = new BroadcastChannel(`out${run}`)
  channel.onmessage = (event) => {
    const [id, text] = (event as unknown as { data: [number, string] }).data
    heard.set(id, `${heard.get(id) ?? ''}${text}\n`)
  }
  const main = new Worker(file, { env: { ...process.env, RUN: run } })
  const code = await new Promise<number>((done, fail) => {
    main.on('exit', done)
    main.on('error', fail)
  })
  // What was posted before is there by then.
  await new Promise((done) => setTimeout(done, 2))
  channel.close()
  return told([...heard.values()], code)
}

async function rounds(program: WorkerProgram): Promise<Set<string>> {
  return withFiles(filesOf(program, true), async (folder) => {
    const seen = new Set<string>()
    for (let n = 0; n < ROUNDS; n++) seen.add(await round(join(folder, 'main.mjs'), `${process.pid}.${Math.random()}`))
    return seen
  })
}

it.each(shareOf('whole programs on real workers', WORKER_PROGRAMS, 2))(
  '$name: real workers do nothing that was not explored',
  { timeout: 900_000 },
  async (program) => {
    const result = await withFiles(filesOf(program, false), (folder) => exploreProgram(join(folder, 'main.mjs')))
    expect(result.violation?.message ?? null).toBeNull()
    expect([result.exhaustive, result.redundant]).toEqual([true, 0])
    const known = result.outcomes.map(({ outcome }) => {
      const { 'exit code': code = 0, ...texts } = JSON.parse(outcome) as Record<string, string> & {
        'exit code'?: number
      }
      return told(Object.values(texts), code)
    })
    const seen = await rounds(program)
    expect([...seen].filter((each) => !known.includes(each))).toEqual([])
    console.log(`${program.name}: ${seen.size} of ${new Set(known).size} outcomes in ${result.complete} traces`)
  },
)
