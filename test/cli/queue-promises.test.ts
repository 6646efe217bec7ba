/**
 * What a queue of searches promises, seen from within: what counts, when it is there, how much of it waits, and whose
 * code is run.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HANG } from './command.ts'
import { built, lacking, type RedisServer, startRedis } from './redis-server.ts'

const { connect } = await built<typeof import('../../src/command/queue-client.ts')>('../command/queue-client.js')
const { createStore, nameOfGift } = await built<typeof import('../../src/cli/queue-store.ts')>('queue-store.js')
const { sumOfTold } = await built<typeof import('../../src/cli/queue-told.ts')>('queue-told.js')
const { startSeat } = await built<typeof import('../../src/cli/queue-seat.ts')>('queue-seat.js')
const { workAt } = await built<typeof import('../../src/cli/queue-work.ts')>('queue-work.js')

const missing = lacking()
let redis: RedisServer
let server: Awaited<ReturnType<typeof connect>>
let store: ReturnType<typeof createStore>
beforeAll(async () => {
  if (missing !== undefined) return
  redis = await startRedis()
  server = await connect('test', redis.url)
  store = createStore(server.redis)
})
afterAll(() => {
  server?.close()
  redis?.end()
})

describe.skipIf(missing !== undefined)('the roots of a search', () => {
  const search = { scenario: 's', fingerprint: 'f', start: 'b', strategy: 'optimal', options: {} } as const
  const nothing = sumOfTold([])
  const root = (share: number) => ({ walk: {}, completed: true, share, gifts: 0 })
  const telling = (executions: number) => ({
    ...{ told: { ...nothing, counts: { ...nothing.counts, executions } }, executions, behind: 0.5 },
    ...{ left: undefined, gifts: new Map(), found: false },
  })
  let id = ''
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

  it('are committed in one request, so that all of it is there or nothing', async () => {
    const first = await begin('request')
    const asked: PropertyKey[] = []
    const watched = new Proxy(server.redis, {
      get(redis, name) {
        asked.push(name)
        const its: unknown = Reflect.get(redis, name)
        return typeof its === 'function' ? its.bind(redis) : its
      },
    })
    const gifts = new Map([[nameOfGift(first.name, 0), root(0.5)]])
    expect(await createStore(watched).commit(id, first, { ...telling(1), left: root(0.5), gifts })).toBe(true)
    expect(asked).toEqual(['eval'])
    expect(await store.open(id)).toHaveLength(2)
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

describe.skipIf(missing !== undefined)('who works at a search', { timeout: HANG }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-queue-work-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'threads.mjs')
  const source = { file, raw: false, packages: '' }
  const plan = { source, scenario: 'stores', strategy: 'optimal', options: {} } as const
  writeFileSync(
    file,
    `const set = (k) => (w) => { for (let i = 0; i < 9; i++) Atomics.store(w, i, k) }
export const stores = { setup: () => new Int32Array(new SharedArrayBuffer(64)), threads: [1, 2, 3].map(set) }
`,
  )
  /**
   * Works at it, alone, for so many commits. Returns what stood there when each root came to be committed, and behind
   * that.
   */
  async function work(id: string, waiting: number, commits: number) {
    const seat = startSeat(plan, 30)
    const { fingerprint, begun } = await seat.begun
    await store.put(id, { scenario: plan.scenario, fingerprint, start: begun, strategy: 'optimal', options: {} })
    const queue = server.queue(id)
    const over = new AbortController()
    const seen: { before: unknown; behind: unknown; waits: number }[] = []
    const stands = async () => ({
      open: (await store.open(id)).map(({ name, token }) => `${name} ${token}`).sort(),
      told: await store.told(id),
    })
    const watched: typeof store = {
      ...store,
      async commit(...words) {
        const before = await stands()
        const committed = await store.commit(...words)
        if (seen.length === commits - 1) over.abort()
        seen.push({ before, behind: await stands(), waits: await queue.getWaitingCount() })
        return committed
      },
    }
    const options = { command: 'test', jobs: 1, patience: 30, slice: 0.5, stalled: 30, waiting, signal: over.signal }
    await workAt(server, watched, id, plan, seat, options)
    await queue.close()
    return seen
  }

  it('puts nothing of a root there before it is committed, and few roots in the queue', async () => {
    const seen = await work('alone', 2, 4)
    expect(seen).toHaveLength(4)
    const [first] = seen
    expect(first.before).toEqual({ open: [expect.stringMatching(/^r /)], told: [] })
    for (const [k, { before }] of seen.slice(1).entries()) expect(before).toEqual(seen[k].behind)
    // What is left of the root that was committed last is not in the queue yet.
    expect(Math.max(...seen.map(({ waits }) => waits))).toBe(2)
  })
})
