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
import { type Ended, HANG, skStorage, skStorageInTurn, start } from './command.ts'
import { lacking, type RedisServer, startRedis } from './redis-server.ts'

/** As built. */
const built = <Module>(file: string) =>
  import(new URL(`../../dist/src/cli/${file}`, import.meta.url).href) as Promise<Module>
const { connect } = await built<typeof import('../../src/cli/queue-client.ts')>('queue-client.js')
const { createStore, nameOfGift } = await built<typeof import('../../src/cli/queue-store.ts')>('queue-store.js')
const { sumOfTold } = await built<typeof import('../../src/cli/queue-told.ts')>('queue-told.js')

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
export const throwing = { setup: words, threads: [1, 2, 3].map(look), after: (_, [a]) => a !== 3 || process.exit(7) }
`
writeFileSync(FILE, TEXT)
const OTHER = join(folder, 'other.mjs')
writeFileSync(OTHER, TEXT.replace('Atomics.load(w, 0)', 'Atomics.load(w, 0) + 1'))

let redis: RedisServer
const running = new Set<ReturnType<typeof start>>()
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

const alone = async (scenario: string, ...flags: string[]) =>
  told(await skStorage('explore', FILE, '--scenario', scenario, '--json', ...flags))

describe.skipIf(missing !== undefined)('a search in a queue', { timeout: HANG }, () => {
  it('tells what one core tells: counts, outcomes and the violation', async () => {
    const { child, ended } = worker(FILE, '--jobs', '2', '--waiting', '4')
    for (const scenario of ['stores', 'lost']) expect(told(await explore(scenario))).toEqual(await alone(scenario))
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ status: 0, stderr: '', stdout: '' })
    const written = redis.written()
    expect(written).toContain('"scenario":"lost"')
    for (const secret of [hostname(), userInfo().homedir, folder, 'threads.mjs', redis.password])
      expect(written.includes(secret), secret).toBe(false)
  })

  it('counts the same when workers are killed, connections cut, and the server begins anew', async () => {
    const random = createRandom(seedOf('kills of workers'))
    const below = (n: number) => nextBits(random) % n
    const kills = LONG ? 200 : 6
    const expected = await alone('long')
    const server = await connect('test', redis.url)
    const { client } = server.redis as unknown as { client(...words: string[]): Promise<unknown> }
    const cut = () => client.call(server.redis, 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    let workers = [worker(), worker()]
    let killed = 0
    // Each is another search: those that have ended are kept for a while.
    for (let k = 0; killed < kills; k++) {
      let over = false
      const search = explore('long', '--max-steps', `${20_001 + k}`).finally(() => {
        over = true
      })
      while (!over && killed < kills) {
        await new Promise((resolve) => setTimeout(resolve, below(1500)))
        const at = below(workers.length)
        workers[at].child.kill('SIGKILL')
        killed++
        workers = workers.with(at, worker())
        if (killed % 4 === 1) await cut()
        if (killed % (LONG ? 20 : 4) === 3) await redis.restart()
      }
      const { stdout, stderr } = await search
      // It says so when it loses the server, and nothing else.
      expect(stderr.replace(/^sk-storage explore: lost redis:\/\/127\.0\.0\.1:\d+ \(.*\), trying again\n/gm, '')).toBe(
        '',
      )
      expect(told({ stdout, stderr: '', status: 0, signal: null })).toEqual(expected)
    }
    server.close()
  })

  it('fails in a sentence when nothing comes of a part of it on any machine', async () => {
    const its = worker()
    const { status, stderr } = await explore('throwing')
    expect({ status, stderr }).toEqual({
      status: 4,
      stderr: 'sk-storage explore: nothing came of a part of it, 3 times: the workers have said why\n',
    })
    its.child.kill('SIGTERM')
    expect((await its.ended).stderr).toMatch(/^(sk-storage work: throwing: its own code ended the process .*\n){3}$/)
  })

  it('does not take what a search in a queue has no use for', async () => {
    const foreign = [
      ['--seconds', '1'],
      ['--max-preemptions', '1'],
      ['--strategy', 'pct'],
      ['--jobs', '2'],
      ['--coverage'],
    ]
    const lines = foreign.map((flags) => ['explore', FILE, '--queue', redis.url, '--scenario', 'lost', ...flags])
    const ended = await skStorageInTurn(lines)
    expect(ended.map(({ status }) => status)).toEqual(foreign.map(() => 2))
    for (const [k, { stderr }] of ended.entries())
      expect(stderr).toBe(
        `sk-storage explore: --queue: got ${foreign[k].slice(0, 1)}${k === 2 ? ' pct' : ''} as well, expected ${k === 2 ? 'optimal' : 'it without'}\n`,
      )
  })

  it('needs a server that takes us, and never says the password', async () => {
    const nobody = redis.url.replace(/\d+$/, '1')
    for (const [url, why] of [
      [redis.wrong, /WRONGPASS/],
      [nobody, /ECONNREFUSED/],
      ['http://x:open-sesame@y', /redis:\/\/HOST/],
    ] as const) {
      const { status, stderr } = await skStorage('explore', FILE, '--queue', url, '--scenario', 'lost')
      expect(status).toBe(2)
      expect(stderr).toMatch(/^sk-storage explore: --queue: got '[^\n]*\n$/)
      expect(stderr).toMatch(why)
      expect(stderr).not.toContain('sesame')
    }
  })

  it('is refused by a worker that has other code, or no such scenario', async () => {
    const [other, none] = [worker(OTHER), worker(join(folder, 'none.mjs'))]
    const { child } = start('explore', FILE, '--queue', redis.url, '--scenario', 'stores', '--max-steps', '300')
    const said = (its: typeof other) =>
      new Promise<string>((resolve) => its.child.stderr?.once('data', (text: string) => resolve(text)))
    expect(await said(other)).toMatch(
      /^sk-storage work: got a search of 'stores', but its code is another one here: refused\n$/,
    )
    expect(await none.ended).toMatchObject({ status: 2, stderr: expect.stringMatching(/none\.mjs', expected a file/) })
    child.kill('SIGKILL')
  })
})

describe.skipIf(missing !== undefined)('the roots of a search', () => {
  const search = { scenario: 's', fingerprint: 'f', start: 'b', strategy: 'optimal', options: {} } as const
  const nothing = sumOfTold([])
  const root = (share: number) => ({ walk: {}, completed: true, share, gifts: 0 })
  const telling = (executions: number) => ({
    ...{ told: { ...nothing, counts: { ...nothing.counts, executions } }, executions, behind: 0.5 },
    ...{ left: undefined, gifts: new Map(), found: false },
  })
  let server: Awaited<ReturnType<typeof connect>>
  let store: ReturnType<typeof createStore>
  let id = ''
  beforeAll(async () => {
    server = await connect('test', redis.url)
    store = createStore(server.redis)
  })
  afterAll(() => server?.close())
  const executions = async () => (await store.told(id)).map(({ counts }) => counts.executions)
  const begin = async (name: string) => {
    id = name
    await store.put(id, search)
    return (await store.open(id))[0]
  }

  it('are one when they are put there twice', async () => {
    const [first] = [await begin('twice')]
    expect(await begin('twice')).toEqual(first)
    expect([...(await store.searches())].filter(([its]) => its === 'twice')).toEqual([['twice', search]])
  })

  it('count once when they are committed twice, by whoever', async () => {
    const first = await begin('committed')
    const gift = nameOfGift(first.name, 0)
    const commit = { ...telling(5), left: root(0.4), gifts: new Map([[gift, root(0.1)]]) }
    expect(await store.commit(id, first, commit)).toBe(true)
    const open = await store.open(id)
    expect(await store.commit(id, first, { ...telling(7), gifts: new Map([[`${gift}0`, root(1)]]) })).toBe(false)
    expect(await store.open(id)).toEqual(open)
    expect(await executions()).toEqual([5])
    const left = open.find(({ name }) => name === first.name)!
    expect(await store.commit(id, left, telling(9))).toBe(true)
    expect(await store.commit(id, left, telling(11))).toBe(false)
    expect(await executions()).toEqual([9])
    expect(await store.standing(id)).toMatchObject({ executions: 14, behind: 1, open: 1 })
  })

  it('come in the order of one core, and what was found ends those behind it alone', async () => {
    const first = await begin('found')
    const [earlier, later] = [0, 1].map((nth) => nameOfGift(first.name, nth))
    const within = nameOfGift(later, 0)
    const gifts = new Map([earlier, later].map((name) => [name, root(0.2)]))
    await store.commit(id, first, { ...telling(1), left: root(0.5), gifts })
    const named = async (name: string) => (await store.root(id, name))!.root
    await store.commit(id, await named(earlier), telling(4))
    await store.commit(id, await named(later), {
      ...telling(2),
      left: root(0.1),
      gifts: new Map([[within, root(0.1)]]),
    })
    await store.commit(id, await named(within), telling(3))
    expect(await executions()).toEqual([1, 2, 3, 4])
    const late = await named(later)
    expect(await store.commit(id, late, { ...telling(2), found: true })).toBe(true)
    // The first root comes before it and goes on; what it gave away first comes behind.
    expect(await executions()).toEqual([1, 2])
    expect((await store.open(id)).map(({ name }) => name)).toEqual([first.name])
  })
})
