/**
 * Work on a server that is cut into roots: what each is, the roots that are open, and what was told of those that are
 * not.
 *
 * A root is committed in one step: what was told of it, what is left of it and what it gave away. A root has a token,
 * which is another one after each commit; whoever comes with an old one changes nothing. So a root that two have worked
 * at counts once. The queue itself only says who may work at what: all of it can be made anew from here.
 */

import { randomUUID } from 'node:crypto'
import { PREFIX, type Queue, type Redis } from './queue-client.ts'

/** A root that is open, with its name, which says where it comes among the others. */
export type Open<Root> = Root & { readonly name: string; readonly token: string }

/** What is committed of a root. */
export interface Committed<Root, Told> {
  readonly told: Told
  /** What is new in it, counted, and the share of the whole that now lies behind. */
  readonly executions: number
  readonly behind: number
  /** What is left of it. Undefined: nothing. */
  readonly left: Root | undefined
  /** What it gave away, by name. */
  readonly gifts: ReadonlyMap<string, Root>
  /** What was found ends the whole: what comes behind does not count. */
  readonly found: boolean
}

/** How far it is. */
export interface Standing {
  readonly executions: number
  readonly behind: number
  /** Roots that are open. */
  readonly open: number
  readonly seconds: number
  /** Why it can't be done. */
  readonly failed: string | undefined
}

const keysOf = (id: string) => ['search', 'open', 'told'].map((what) => `${PREFIX}:${id}:${what}`)
/** Seconds for which what has ended is kept, for whoever follows it as well. */
const KEPT = 60

const PUT = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'search', ARGV[2], 'begun', redis.call('TIME')[1])
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
return 1`

const COMMIT = `
local root, token = ARGV[1], ARGV[2] .. ' '
local open = redis.call('HGET', KEYS[2], root)
if not open or string.sub(open, 1, #token) ~= token then return 0 end
redis.call('HSET', KEYS[3], root, ARGV[3])
redis.call('HINCRBY', KEYS[1], 'executions', ARGV[4])
redis.call('HINCRBYFLOAT', KEYS[1], 'behind', ARGV[5])
if ARGV[6] == '' then redis.call('HDEL', KEYS[2], root) else redis.call('HSET', KEYS[2], root, ARGV[6]) end
for i = 8, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
if ARGV[7] == 'found' then
  for k = 2, 3 do
    for _, name in ipairs(redis.call('HKEYS', KEYS[k])) do
      if name > root then redis.call('HDEL', KEYS[k], name) end
    end
  end
end
return 1`

const END = `
redis.call('HDEL', KEYS[4], ARGV[1])
for k = 1, 3 do redis.call('EXPIRE', KEYS[k], ARGV[2]) end`

/**
 * What stands on that server of work of one kind: `searches`, `hunts`. What a root is, and what is told of it, is JSON.
 */
export function createRoots<Root extends object, Told>(redis: Redis, kind: string) {
  const registry = `${PREFIX}:${kind}`
  const run = (script: string, id: string, words: readonly (string | number)[]) =>
    redis.eval(script, 4, ...keysOf(id), registry, ...words)
  /** A token and what it is for, as it stands on the server. */
  const signed = (root: Root) => `${randomUUID()} ${JSON.stringify(root)}`
  const namedAndSigned = (roots: ReadonlyMap<string, Root>) =>
    [...roots].flatMap(([name, root]) => [name, signed(root)])
  const rootIn = (name: string, value: string): Open<Root> => {
    const space = value.indexOf(' ')
    return { ...(JSON.parse(value.slice(space + 1)) as Root), name, token: value.slice(0, space) }
  }
  return {
    /** Puts work there with the roots that it begins with, if it is not there yet. */
    async put(id: string, what: string, roots: ReadonlyMap<string, Root>): Promise<void> {
      await run(PUT, id, [id, what, ...namedAndSigned(roots)])
    },
    /** What is there, by id. */
    all: () => redis.hgetall(registry),
    /** All roots that are open. */
    async open(id: string): Promise<Open<Root>[]> {
      return Object.entries(await redis.hgetall(keysOf(id)[1])).map(([name, value]) => rootIn(name, value))
    },
    /** A root, if it is open, and what was told of it before. */
    async root(id: string, name: string): Promise<{ root: Open<Root>; told: Told | undefined } | undefined> {
      const [, open, told] = keysOf(id)
      const [value, before] = await Promise.all([redis.hget(open, name), redis.hget(told, name)])
      if (value === null) return undefined
      return { root: rootIn(name, value), told: before === null ? undefined : (JSON.parse(before) as Told) }
    },
    /** Commits a root. False: somebody else has done so, or it does not count any more. */
    async commit(id: string, { name, token }: Open<Root>, commit: Committed<Root, Told>): Promise<boolean> {
      const { told, executions, behind, left, gifts, found } = commit
      const words = [name, token, JSON.stringify(told), executions, behind]
      const ends = [left === undefined ? '' : signed(left), found ? 'found' : '', ...namedAndSigned(gifts)]
      return (await run(COMMIT, id, [...words, ...ends])) === 1
    },
    /** How far it is. Undefined: it is not there. */
    async standing(id: string): Promise<Standing | undefined> {
      const [search, open] = keysOf(id)
      const [its, left, [now]] = await Promise.all([redis.hgetall(search), redis.hlen(open), redis.time()])
      if (its.search === undefined) return undefined
      const { executions = '0', behind = '0', begun, failed } = its
      const seconds = Number(now) - Number(begun)
      return { executions: Number(executions), behind: Number(behind), open: left, seconds, failed }
    },
    /** What was told of all roots, in the order of their names. */
    async told(id: string): Promise<Told[]> {
      const all = Object.entries(await redis.hgetall(keysOf(id)[2]))
      // By letters, as the server does it.
      all.sort(([a], [b]) => (a < b ? -1 : 1))
      return all.map(([, value]) => JSON.parse(value) as Told)
    },
    /** How often nothing came of that root, this time included. */
    failures: (id: string, { name, token }: Open<Root>) => redis.hincrby(keysOf(id)[0], `failures ${name} ${token}`, 1),
    /** Says that it can't be done. */
    async fail(id: string, why: string): Promise<void> {
      await redis.hset(keysOf(id)[0], 'failed', why)
    },
    /** Takes it off, after a while. */
    async end(id: string, soon = false): Promise<void> {
      await run(END, id, [id, soon ? 0 : KEPT])
    },
  }
}

/**
 * What stands there as JSON; in place of what is none of ours, what is wrong with it, as the judge of its shape says.
 */
export function readStanding<What extends object>(
  value: string,
  judge: (what: unknown, place: string) => string | undefined,
  place: string,
): What | string {
  let what: unknown
  try {
    what = JSON.parse(value)
  } catch {
    what = undefined
  }
  return judge(what, place) ?? (what as What)
}

/** The names under which the queue has what it needs of roots. */
const jobsOf = (roots: readonly Pick<Open<object>, 'name' | 'token'>[]) =>
  roots.map(({ name, token }) => ({
    name: 'root',
    data: { root: name, token },
    opts: { jobId: `${name}-${token}`, removeOnComplete: true, removeOnFail: true },
  }))

/** Where roots that are open are told. */
interface Opens {
  open(id: string): Promise<readonly Pick<Open<object>, 'name' | 'token'>[]>
}

/**
 * Has the queue say of all roots that are open that they are. What it says already stays; what it has lost, with a
 * server or between a commit and this, comes back.
 */
export async function offer(store: Opens, queue: Queue, id: string): Promise<void> {
  const roots = await store.open(id)
  if (roots.length > 0) await queue.addBulk(jobsOf(roots))
}
