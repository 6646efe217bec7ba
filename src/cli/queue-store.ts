/**
 * Searches on a server: what each is, the roots that are open, and what was told of those that are not.
 *
 * A root is committed in one step: what was told of it, what is left of it and what it gave away. A root has a token,
 * which is another one after each commit; whoever comes with an old one changes nothing. So a root that two have worked
 * at counts once. The queue itself only says who may work at what: all of it can be made anew from here.
 */

import { randomUUID } from 'node:crypto'
import { STRATEGY_NAMES, shape } from '../explore/internals.ts'
import type { Walk } from '../explore/internals-load.ts'
import { OPTIONS } from './explore-checkpoint.ts'
import type { Plan } from './explore-plan.ts'
import { PREFIX, type Redis } from './queue-client.ts'
import type { Told } from './queue-told.ts'

/** What is known of a search to whoever works at it: its scenario's name, what it begins with, and how to explore. */
export interface Search {
  readonly scenario: string
  /** Of the code; and of code, memory and first execution together. */
  readonly fingerprint: string
  readonly start: string
  readonly strategy: Plan['strategy']
  readonly options: Plan['options']
}

/** A part of a search that somebody is to work at. */
export interface Root {
  /** What lies ahead of it: of a sample, a block of it. */
  readonly walk: Walk
  /** An execution that comes before it has come to its end. */
  readonly completed: boolean
  /** Which share of the search it is thought to be. */
  readonly share: number
  /** How many roots it has given away. */
  readonly gifts: number
}

/** A root that is open, with the name of its place in the order of one core. */
export interface OpenRoot extends Root {
  readonly name: string
  readonly token: string
}

/** What is committed of a root. */
export interface Commit {
  readonly told: Told
  /** Executions that are new in it, and the share of the search that now lies behind. */
  readonly executions: number
  readonly behind: number
  /** What is left of it. Undefined: nothing. */
  readonly left: Root | undefined
  /** What it gave away, by name. */
  readonly gifts: ReadonlyMap<string, Root>
  /** What was found ends the search: what comes behind does not count. */
  readonly found: boolean
}

/** How far a search is. */
export interface Standing {
  readonly executions: number
  readonly behind: number
  /** Roots that are open. */
  readonly open: number
  readonly seconds: number
  /** Why it can't be explored. */
  readonly failed: string | undefined
}

const { oneOf, record, text } = shape
const SEARCH = record({
  scenario: text,
  fingerprint: text,
  start: text,
  strategy: oneOf(...STRATEGY_NAMES),
  options: OPTIONS,
})

const REGISTRY = `${PREFIX}:searches`
const keysOf = (id: string) => ['search', 'open', 'told'].map((what) => `${PREFIX}:${id}:${what}`)
/** The first root of an exact search: all of it. */
const FIRST: ReadonlyMap<string, Root> = new Map([['r', { walk: null, completed: false, share: 1, gifts: 0 }]])
/** Seconds for which a search that has ended is kept, for whoever follows it as well. */
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
 * The name of what a root gives away, for the nth time: behind all that the root keeps, and before what it gave away
 * earlier, as letters are sorted.
 */
export function nameOfGift(root: string, nth: number): string {
  const last = 36 ** DIGITS - 1
  if (nth > last) throw new Error(`a root gave away more than ${last} others`)
  return root + (last - nth).toString(36).padStart(DIGITS, '0')
}
const DIGITS = 5

/** A token and what it is for, as it stands on the server. */
const signed = (root: Root) => `${randomUUID()} ${JSON.stringify(root)}`

const namedAndSigned = (roots: ReadonlyMap<string, Root>) => [...roots].flatMap(([name, root]) => [name, signed(root)])

function rootIn(name: string, value: string): OpenRoot {
  const space = value.indexOf(' ')
  return { ...(JSON.parse(value.slice(space + 1)) as Root), name, token: value.slice(0, space) }
}

/** What stands on that server. */
export type Store = ReturnType<typeof createStore>

export function createStore(redis: Redis) {
  const run = (script: string, id: string, words: readonly (string | number)[]) =>
    redis.eval(script, 4, ...keysOf(id), REGISTRY, ...words)
  return {
    /** Puts a search there with the roots that it begins with, if it is not there yet. */
    async put(id: string, search: Search, roots: ReadonlyMap<string, Root> = FIRST): Promise<void> {
      await run(PUT, id, [id, JSON.stringify(search), ...namedAndSigned(roots)])
    },
    /** The searches that are there, by id; in place of one that is none of ours, what is wrong with it. */
    async searches(): Promise<ReadonlyMap<string, Search | string>> {
      const all = Object.entries(await redis.hgetall(REGISTRY))
      return new Map(all.map(([id, value]) => [id, searchIn(value)]))
    },
    /** All roots that are open. */
    async open(id: string): Promise<OpenRoot[]> {
      return Object.entries(await redis.hgetall(keysOf(id)[1])).map(([name, value]) => rootIn(name, value))
    },
    /** A root, if it is open, and what was told of it before. */
    async root(id: string, name: string): Promise<{ root: OpenRoot; told: Told | undefined } | undefined> {
      const [, open, told] = keysOf(id)
      const [value, before] = await Promise.all([redis.hget(open, name), redis.hget(told, name)])
      if (value === null) return undefined
      return { root: rootIn(name, value), told: before === null ? undefined : (JSON.parse(before) as Told) }
    },
    /** Commits a root. False: somebody else has done so, or it does not count any more. */
    async commit(id: string, { name, token }: OpenRoot, commit: Commit): Promise<boolean> {
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
    /** What was told of all roots, in the order of one core. */
    async told(id: string): Promise<Told[]> {
      const all = Object.entries(await redis.hgetall(keysOf(id)[2]))
      // By letters, as the server does it.
      all.sort(([a], [b]) => (a < b ? -1 : 1))
      return all.map(([, value]) => JSON.parse(value) as Told)
    },
    /** How often nothing came of that root, this time included. */
    failures: (id: string, { name, token }: OpenRoot) => redis.hincrby(keysOf(id)[0], `failures ${name} ${token}`, 1),
    /** Says that it can't be explored. */
    async fail(id: string, why: string): Promise<void> {
      await redis.hset(keysOf(id)[0], 'failed', why)
    },
    /** Takes it off, after a while. */
    async end(id: string, soon = false): Promise<void> {
      await run(END, id, [id, soon ? 0 : KEPT])
    },
  }
}

function searchIn(value: string): Search | string {
  let search: unknown
  try {
    search = JSON.parse(value)
  } catch {
    search = undefined
  }
  return SEARCH(search, 'search') ?? (search as Search)
}
