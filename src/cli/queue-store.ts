/**
 * Searches on a server: what each is, and the roots of them.
 */

import type { Redis } from '../command/queue-client.ts'
import { type Committed, createRoots, type Open, readStanding } from '../command/queue-roots.ts'
import { STRATEGY_NAMES, shape } from '../explore/internals.ts'
import type { Walk } from '../explore/internals-load.ts'
import { OPTIONS } from './explore-checkpoint.ts'
import type { Plan } from './explore-plan.ts'
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
export type OpenRoot = Open<Root>
/** What is committed of a root. */
export type Commit = Committed<Root, Told>

const { oneOf, record, text } = shape
const SEARCH = record({
  scenario: text,
  fingerprint: text,
  start: text,
  strategy: oneOf(...STRATEGY_NAMES),
  options: OPTIONS,
})

/** The first root of an exact search: all of it. */
const FIRST: ReadonlyMap<string, Root> = new Map([['r', { walk: null, completed: false, share: 1, gifts: 0 }]])

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

/** What stands on that server. */
export type Store = ReturnType<typeof createStore>

export function createStore(redis: Redis) {
  const roots = createRoots<Root, Told>(redis, 'searches')
  return {
    ...roots,
    /** Puts a search there with the roots that it begins with, if it is not there yet. */
    put: (id: string, search: Search, its = FIRST) => roots.put(id, JSON.stringify(search), its),
    /** The searches that are there, by id; in place of one that is none of ours, what is wrong with it. */
    async searches(): Promise<ReadonlyMap<string, Search | string>> {
      return new Map(
        Object.entries(await roots.all()).map(([id, value]) => [id, readStanding<Search>(value, SEARCH, 'search')]),
      )
    },
  }
}
