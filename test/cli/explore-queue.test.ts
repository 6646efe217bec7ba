/**
 * `explore --queue` and `work`: searches that several machines work at, on a real redis-server. Whoever is killed, cut
 * off or begins anew: the result is that of one core.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRandom, nextBits } from '../../src/random/random.ts'
import { LONG, seedOf } from '../share.ts'
import { type Ended, HANG, type Started, skStorageInTurn, start, startBeside } from './command.ts'
import { built, lacking, type RedisServer, startRedis } from './redis-server.ts'

const { connect } = await built<typeof import('../../src/command/queue-client.ts')>('../command/queue-client.js')
const { createStore } = await built<typeof import('../../src/cli/queue-store.ts')>('queue-store.js')

const missing = lacking()
if (missing !== undefined) console.log(`searches in a queue: skipped, for want of ${missing}`)

const folder = mkdtempSync(join(tmpdir(), 'sk-storage-queue-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const FILE = join(folder, 'threads.mjs')
const TEXT = `const words = () => new Int32Array(new SharedArrayBuffer(64))
const look = (k) => (w) => { Atomics.store(w, 0, k); return Atomics.load(w, 0) }
export const stores = { setup: words, threads: [1, 2, 3, 4].map(look) }
export const lost = { setup: words, threads: [look(5), look(6), (w) => { w[1]++ }, (w) => { w[1]++ }] }
const set = (k, n) => (w) => { for (let i = 0; i < n; i++) Atomics.store(w, i, k) }
export const long = { setup: words, threads: [set(1, 5), set(2, 5), set(3, 5)], outcome: (w) => w.slice(0, 5).join() }
const unlikely = (w) => w.slice(0, 5).join() !== '2,2,1,2,1'
export const rare = { ...long, after: unlikely }
export const spent = { ...long, seconds: 5 }
export const throwing = { setup: words, threads: [1, 2, 3].map(look), after: (_, [a]) => a !== 3 || process.exit(7) }
`
writeFileSync(FILE, TEXT)
const OTHER = join(folder, 'other.mjs')
writeFileSync(OTHER, TEXT.replace('Atomics.load(w, 0)', 'Atomics.load(w, 0) + 1'))

let redis: RedisServer
const running = new Set<Started>()
beforeAll(async () => {
  if (missing === undefined) redis = await startRedis()
})
afterAll(() => redis?.end())
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL')
  await Promise.all([...running].map(({ ended }) => ended))
  running.clear()
})

/** A worker. What it loses and how soon others notice is small. */
function worker(file = FILE, ...flags: string[]) {
  const its = start('work', '--queue', redis.url, file, '--slice', '0.2', '--stalled', '0.5', ...flags)
  running.add(its)
  return its
}

/** Follows a search to its end. A worker that ends meanwhile, and was not killed, is told of. */
async function explore(scenario: string, ...flags: string[]): Promise<Ended> {
  const its = start('explore', FILE, '--queue', redis.url, '--scenario', scenario, '--json', ...flags)
  running.add(its)
  let over = false
  for (const { ended } of running) {
    if (ended === its.ended) continue
    void ended.then(({ signal, status, stderr }) => {
      if (signal !== null || over) return
      its.child.kill('SIGKILL')
      console.error(`a worker has ended with status ${status}: ${stderr}`)
    })
  }
  const ended = await its.ended
  over = true
  running.delete(its)
  return ended
}

/** A result, but for what the clock says and who had how much in memory. */
function told({ stdout, stderr }: Ended): Record<string, unknown> {
  expect(stderr).toBe('')
  const { seconds: _s, peakAhead: _p, estimate: _e, ...result } = JSON.parse(stdout)
  return result
}

/** What one core tells of each of these. */
const alone = async (scenarios: readonly string[]) => {
  const ended = await skStorageInTurn(scenarios.map((name) => ['explore', FILE, '--scenario', name, '--json']))
  return ended.map(told)
}

describe.skipIf(missing !== undefined)('a search in a queue', { timeout: LONG ? 6 * HANG : HANG }, () => {
  it('tells what one core tells: counts, outcomes and the violation; over TLS, with a password', async () => {
    const trusting = { NODE_EXTRA_CA_CERTS: redis.certificate }
    const queue = ['--queue', redis.secureUrl]
    const its = startBeside(trusting, 'work', ...queue, FILE, '--slice', '0.2', '--jobs', '2', '--waiting', '4')
    running.add(its)
    const scenarios = ['stores', 'lost']
    const expected = await alone(scenarios)
    for (const [k, name] of scenarios.entries()) {
      const ended = await startBeside(trusting, 'explore', FILE, ...queue, '--scenario', name, '--json').ended
      expect(told(ended)).toEqual(expected[k])
    }
    its.child.kill('SIGTERM')
    expect(await its.ended).toMatchObject({ status: 0, stderr: '', stdout: '' })
    const written = redis.written()
    expect(written).toContain('"scenario":"lost"')
    // As a word: a fingerprint may well have the letters of a short name.
    expect(written).not.toMatch(new RegExp(`\\b${hostname()}\\b`))
    for (const secret of [userInfo().homedir, folder, 'threads.mjs', redis.password])
      expect(written.includes(secret), secret).toBe(false)
  })

  it('counts the same when workers are killed, connections cut, and the server begins anew', async () => {
    const random = createRandom(seedOf('kills of workers'))
    const below = (n: number) => nextBits(random) % n
    const kills = LONG ? 200 : 20
    let killed = 0
    const [expected] = await alone(['long'])
    const server = await connect('test', redis.url)
    const store = createStore(server.redis)
    const { client } = server.redis as unknown as { client(...words: string[]): Promise<unknown> }
    const cut = () => client.call(server.redis, 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const stalled = () => redis.written().split('\nstalled\r').length - 1
    const before = stalled()
    const enough = () => killed >= kills && stalled() > before
    const workers = [worker(), worker(), worker()]
    // One that came when nobody was there has ended with a sentence. Whatever starts workers starts it again.
    const startAgain = async () => {
      for (const [at, { child, ended }] of workers.entries()) {
        if (child.exitCode === null) continue
        expect((await ended).stderr).toMatch(
          /^sk-storage work: --queue: got '.*', expected a server that takes us: .*\n$/,
        )
        workers[at] = worker()
      }
    }
    // Each is another search: those that have ended are kept for a while.
    for (let k = 0; !enough(); k++) {
      const words = ['--queue', redis.url, '--scenario', 'long', '--json', '--max-steps', `${20_001 + k}`]
      const search = start('explore', FILE, ...words)
      running.add(search)
      let behind = 0
      while (search.child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, below(200)))
        await startAgain()
        if (enough()) continue
        // Only who has work can lose it.
        const [id = ''] = [...(await store.searches()).keys()]
        const { executions = 0 } = (await store.standing(id)) ?? {}
        if (executions === behind) continue
        behind = executions
        const at = below(workers.length)
        workers[at].child.kill('SIGKILL')
        workers[at] = worker()
        killed++
        if (killed % 4 === 1) await cut()
        if (killed % (LONG ? 20 : 6) === 3) await redis.restart()
      }
      const { stdout, stderr } = await search.ended
      // It says so when it loses the server, and nothing else.
      expect(stderr.replace(/^sk-storage explore: lost redis:\/\/127\.0\.0\.1:\d+ \(.*\), trying again\n/gm, '')).toBe(
        '',
      )
      expect(told({ stdout, stderr: '', status: 0, signal: null })).toEqual(expected)
    }
    console.log(`${killed} workers killed, ${stalled() - before} roots taken up by others`)
    server.close()
  })

  const sample = (executions: number) => ['--strategy', 'portfolio', '--seed', '7', '--max-executions', `${executions}`]

  /** What one core tells of the blocks of a sample, each a sample of its own seed, until one has a violation. */
  async function inBlocks(scenario: string, executions: number): Promise<Record<string, unknown>[]> {
    const starts = Array.from({ length: Math.ceil(executions / 1000) }, (_, k) => 1000 * k)
    const lines = starts.map((at) => [
      ...['explore', FILE, '--scenario', scenario, '--json', '--strategy', 'portfolio', '--seed', `${7 + at}`],
      ...['--max-executions', `${Math.min(1000, executions - at)}`],
    ])
    const blocks = (await skStorageInTurn(lines)).map(told)
    const last = blocks.findIndex(({ violation }) => violation !== null)
    return last < 0 ? blocks : blocks.slice(0, last + 1)
  }

  /** The blocks together: what is counted is added up, and the last one has whatever else there is. */
  function addedUp(blocks: readonly Record<string, unknown>[]) {
    const counted = ['complete', 'blocked', 'redundant', 'failing', 'unknown', 'executions', 'steps', 'newSteps']
    const sums = counted.flatMap((name) => {
      const all = blocks.map((block) => block[name])
      return all[0] === undefined ? [] : [[name, (all as number[]).reduce((sum, n) => sum + n, 0)] as const]
    })
    const outcomes = new Map<string, { count: number }>()
    for (const each of blocks.flatMap((block) => block.outcomes as { outcome: string; count: number }[])) {
      const known = outcomes.get(each.outcome)
      if (known === undefined) outcomes.set(each.outcome, { ...each })
      else known.count += each.count
    }
    return { ...blocks.at(-1), ...Object.fromEntries(sums), outcomes: [...outcomes.values()], seed: 7 }
  }

  it('draws a sample in blocks, each that of its seed on one core, whoever is killed over it', async () => {
    const expected = addedUp(await inBlocks('long', 2500))
    expect(expected).toMatchObject({ executions: 2500, violation: null, budget: 'executions' })
    const workers = [1, 2, 3].map(() => worker(FILE, '--slice', '0.05'))
    let over = false
    const search = explore('long', ...sample(2500)).finally(() => {
      over = true
    })
    const server = await connect('test', redis.url)
    const store = createStore(server.redis)
    let behind = 0
    for (let killed = 0; killed < 2 && !over; ) {
      const [id = ''] = [...(await store.searches()).keys()]
      const { executions = 0 } = (await store.standing(id)) ?? {}
      if (executions > behind) {
        behind = executions
        workers[killed % 3].child.kill('SIGKILL')
        workers[killed++ % 3] = worker(FILE, '--slice', '0.05')
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    server.close()
    expect(behind).toBeGreaterThan(0)
    expect(told(await search)).toEqual(expected)
  })

  it('tells the first violation of a sample, and nothing of what comes behind it', async () => {
    const blocks = await inBlocks('rare', 5000)
    expect(blocks).toHaveLength(3)
    for (let k = 0; k < 3; k++) worker()
    const ended = await explore('rare', ...sample(5000))
    expect(ended.status).toBe(1)
    expect(told(ended)).toEqual(addedUp(blocks))
  })

  it('draws on after violations if that is asked for, and counts them', async () => {
    worker(FILE, '--slice', '0.05', '--jobs', '2')
    const { executions, failing, violation } = told(await explore('rare', ...sample(3000), '--keep-going'))
    const words = ['explore', FILE, '--scenario', 'rare', '--json', '--keep-going', '--strategy', 'portfolio']
    const seeds = [7, 1007, 2007].map((seed) => ['--seed', `${seed}`, '--max-executions', '1000'])
    const all = (await skStorageInTurn(seeds.map((seed) => [...words, ...seed]))).map(told)
    const failures = all.reduce((sum, each) => sum + (each.failing as number), 0)
    expect(failures).toBeGreaterThan(0)
    expect({ executions, failing }).toEqual({ executions: 3000, failing: failures })
    expect(violation).toEqual(all.find((each) => each.violation !== null)?.violation)
  })

  it('fails in a sentence when nothing comes of a part of it on any machine', async () => {
    const its = worker()
    const { status, stderr } = await explore('throwing')
    expect({ status, stderr }).toEqual({
      status: 4,
      stderr: 'sk-storage explore: nothing came of a part of it, 3 times: the workers have said why\n',
    })
    its.child.kill('SIGTERM')
    // Beside much other work it may be late to say that it is still there.
    const said = (await its.ended).stderr.replace(/^sk-storage work: lost .*\n/gm, '')
    expect(said).toMatch(/^(sk-storage work: throwing: its own code ended the process .*\n){3}$/)
  })

  it('does not take what a search in a queue has no use for', async () => {
    const foreign = [
      ['--seconds', '1'],
      ['--max-preemptions', '1'],
      ['--max-executions', '10'],
      ['--jobs', '2'],
      ['--coverage'],
      ['--seconds', '1', '--strategy', 'pct', '--seed', '1'],
      ['--checkpoint', join(folder, 'kept'), '--strategy', 'pct', '--seed', '1'],
    ]
    const lines = foreign.map((flags) => ['explore', FILE, '--queue', redis.url, '--scenario', 'lost', ...flags])
    const ended = await skStorageInTurn(lines)
    expect(ended.map(({ status }) => status)).toEqual(foreign.map(() => 2))
    for (const [k, { stderr }] of ended.entries())
      expect(stderr).toBe(`sk-storage explore: --queue: got ${foreign[k][0]} as well, expected it without\n`)
    const words = ['--queue', redis.url, '--strategy', 'pct']
    const unnamed = await skStorageInTurn([
      ['explore', FILE, '--scenario', 'lost', ...words],
      ['explore', FILE, '--scenario', 'spent', ...words, '--seed', '1'],
    ])
    expect(unnamed.map(({ status, stderr }) => ({ status, stderr }))).toEqual([
      {
        status: 2,
        stderr:
          'sk-storage explore: --queue: got --strategy pct without --seed, expected the seed that names the sample\n',
      },
      {
        status: 2,
        stderr: 'sk-storage explore: spent: got a budget in the scenario, expected none for a search in a queue\n',
      },
    ])
  })

  it('needs a server that takes us, and never says the password', async () => {
    const given = [
      [redis.wrong, /WRONGPASS/],
      [redis.url.replace(/\d+$/, '1'), /ECONNREFUSED/],
      [redis.secureUrl, /self-signed certificate/],
      ['http://x:open-sesame@y', /redis:\/\/HOST/],
    ] as const
    const ended = await skStorageInTurn(given.map(([url]) => ['explore', FILE, '--queue', url, '--scenario', 'lost']))
    for (const [k, { status, stderr }] of ended.entries()) {
      expect(status).toBe(2)
      expect(stderr).toMatch(/^sk-storage explore: --queue: got '[^\n]*\n$/)
      expect(stderr).toMatch(given[k][1])
      expect(stderr).not.toContain('sesame')
    }
  })

  it('is refused by a worker that has other code, or no such scenario', async () => {
    const [other, none] = [worker(OTHER), worker(join(folder, 'none.mjs'))]
    const { child, ended } = start('explore', FILE, '--queue', redis.url, '--scenario', 'stores', '--max-steps', '300')
    const said = new Promise<string>((resolve) => other.child.stderr?.once('data', resolve))
    const explored = ended.then(({ stdout }) => `explored: ${stdout}`)
    expect(await Promise.race([said, explored])).toMatch(
      /^sk-storage work: got a search of 'stores', but its code is another one here: refused\n$/,
    )
    expect(await none.ended).toMatchObject({ status: 2, stderr: expect.stringMatching(/none\.mjs', expected a file/) })
    child.kill('SIGKILL')
  })

  it('runs no code but that of the files of its workers, whatever stands in the queue', async () => {
    const server = await connect('test', redis.url)
    const store = createStore(server.redis)
    const search = { scenario: 'stores', fingerprint: 'f', start: 'b', strategy: 'optimal', options: {} } as const
    const litmus = 'W x 1; R y | W y 1; R x'
    const path = `${OTHER}#stores`
    const strange = {
      text: [{ ...search, text: TEXT }, /none of ours: search.text: got a key that nobody knows/],
      source: [{ ...search, source: { litmus } }, /none of ours: search.source: got/],
      packages: [{ ...search, options: { packages: '*' } as object }, /none of ours: search.options.packages: got/],
      litmus: [{ ...search, scenario: litmus }, /'W x 1; R y \| W y 1; R x', which no file here has: left to others/],
      path: [{ ...search, scenario: path }, /other\.mjs#stores', which no file here has: left to others/],
    } as const
    for (const [id, [its]] of Object.entries(strange)) await store.put(id, its)
    const { child, ended } = worker()
    let said = ''
    for await (const text of child.stderr!) {
      said += text
      if (said.split('\n').length > Object.keys(strange).length) break
    }
    child.kill('SIGTERM')
    await ended
    for (const [, why] of Object.values(strange)) expect(said).toMatch(why)
    for (const id of Object.keys(strange)) {
      expect(await store.told(id)).toEqual([])
      await store.end(id, true)
    }
    server.close()
  })
})
