/**
 * `npm run hunt -- --queue`: a hunt that several processes work at, on a real redis-server.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Failure } from '../../../props/hunt/failure.ts'
import type { Tally } from '../../../props/hunt/job.ts'
import { HANG } from '../../cli/command.ts'
import { lacking, type RedisServer, startRedis } from '../../cli/redis-server.ts'
import { LONG, seedOf } from '../../share.ts'
import { built } from '../../workers/on-machine.ts'

const { connect } = await built<typeof import('../../../src/command/queue-client.ts')>('src/command/queue-client')
const { huntsOn } = await built<typeof import('../../../props/hunt/queue.ts')>('props/hunt/queue')

const inDist = (path: string) => fileURLToPath(new URL(`../../../dist/${path}`, import.meta.url))
const missing = lacking()
const folder = mkdtempSync(join(tmpdir(), 'hunt-queue-'))
const running = new Set<ChildProcess>()
let redis: RedisServer
beforeAll(async () => {
  if (missing === undefined) redis = await startRedis()
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})
afterAll(() => {
  redis?.end()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts the command. */
function hunt(...args: string[]) {
  const child = spawn(process.execPath, [inDist('props/hunt/main.js'), ...args], { cwd: folder })
  running.add(child)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr })),
  )
  return { child, ended }
}

const worker = () => hunt('--queue', redis.url, '--work', '--stalled', '1')

describe.skipIf(missing !== undefined)('a hunt in a queue', { timeout: HANG }, () => {
  it('has each program hunted and counted once, whoever is killed over it', async () => {
    // Of seed 6 the first programs are small ones.
    const [seed, most] = LONG ? [seedOf('programs of a queue') & 0xffff, 24] : [6, 5]
    const workers = [worker(), worker()]
    const following = hunt('--queue', redis.url, '--programs', `${most}`, '--cpus', '2', '--seed', `${seed}`, '--json')
    const server = await connect('test', redis.url)
    const hunts = huntsOn(server.redis)
    let over = false
    void following.ended.then(() => {
      over = true
    })
    for (let isKilled = false; !isKilled && !over; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const [id = ''] = Object.keys(await hunts.all())
      const standing = await hunts.standing(id)
      if (standing === undefined || standing.executions === 0) continue
      workers[0].child.kill('SIGKILL')
      isKilled = true
    }
    const { status, stdout, stderr } = await following.ended
    server.close()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const { threads, explorer, failures } = JSON.parse(stdout)
    expect(failures).toBe(0)
    expect({ programs: threads.programs, runs: threads.runs }).toEqual({ programs: most, runs: 200 * most })
    expect(explorer.programs).toBe(most)
    workers[1].child.kill('SIGTERM')
    expect(await workers[1].ended).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('tells what was found, writes it down, and ends with the status of a finding', async () => {
    const following = hunt('--queue', redis.url, '--programs', '9', '--seed', '3', '--json')
    const server = await connect('test', redis.url)
    const hunts = huntsOn(server.redis)
    const idOf = async () => Object.entries(await hunts.all()).find(([, what]) => JSON.parse(what).seed === 3)?.[0]
    let id: string | undefined
    while (id === undefined) id = await idOf()
    const program = { kind: 'connected', before: [1, 0, 0, 0], cpus: [[{ do: 'watch', map: 0, sock: 0 }]] }
    const file = 'hunt-failures/seed-3-program-0.ts'
    const failure = {
      schema: 1,
      event: 'failure',
      on: 'explorer',
      seed: 3,
      index: 0,
      message: 'wrong',
      replay: null,
      file,
    }
    const tally: Tally = { programs: 1, runs: 200, outcomes: 1, whole: 0 }
    const roots = await hunts.open(id)
    for (const on of ['threads', 'explorer']) {
      const its = roots.filter((root) => root.on === on).sort((a, b) => a.first - b.first)
      const indices = its.flatMap(({ first, programs }) => Array.from({ length: programs }, (_, k) => first + k))
      expect(indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    }
    for (const root of roots) {
      const failures = root.on === 'explorer' && root.first === 0 ? [{ ...failure, program } as unknown as Failure] : []
      const commit = { told: { on: root.on, tally, failures }, executions: 1, behind: 0.5, left: undefined }
      const whole = { ...commit, gifts: new Map(), found: false }
      expect(await hunts.commit(id, root, whole)).toBe(true)
      expect(await hunts.commit(id, root, whole)).toBe(false)
    }
    server.close()
    const { status, stdout } = await following.ended
    expect(status).toBe(1)
    const [told, summary] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(told).toEqual({ ...failure, program })
    const threads: Tally = { programs: 3, runs: 600, outcomes: 3, whole: 0 }
    expect(summary).toMatchObject({ event: 'summary', seed: 3, threads, explorer: threads, failures: 1 })
    expect(existsSync(join(folder, file))).toBe(true)
  })

  it('is refused where the code is another one, or it is no hunt', async () => {
    const server = await connect('test', redis.url)
    const hunts = huntsOn(server.redis)
    await hunts.put('other', JSON.stringify({ seed: 1, cpus: 2, programs: 1, code: 'other' }), new Map())
    await hunts.put('none', '{"seed":1,"run":"rm"}', new Map())
    const its = worker()
    let said = ''
    for await (const text of its.child.stderr) {
      said += text
      if (said.split('\n').length > 2) break
    }
    for (const id of ['other', 'none']) await hunts.end(id, true)
    server.close()
    expect(said).toContain('hunt: got a hunt that is none of ours: its code is another one here\n')
    expect(said).toMatch(/none of ours: hunt\.run: got a key that nobody knows/)
  })

  it('does not take what a hunt in a queue has no use for', async () => {
    const queue = ['--queue', redis.url]
    const told = async (...args: string[]) => {
      const { status, stderr } = await hunt(...args).ended
      return { status, stderr }
    }
    const refused = (sentence: string) => ({ status: 2, stderr: `hunt: ${sentence}\n` })
    expect(await told(...queue, '--seconds', '1')).toEqual(
      refused('--queue: got --seconds as well, expected it without'),
    )
    expect(await told(...queue, '--work', '--seed', '1')).toEqual(
      refused('--queue: got --work and --seed as well, expected it without'),
    )
    expect(await told(...queue)).toEqual(
      refused('--queue: got no --programs, expected --programs N: a hunt in a queue has no time, but an end'),
    )
    expect(await told('--programs', '3')).toEqual(refused('--programs: got no --queue, expected --queue redis://HOST'))
  })
})
