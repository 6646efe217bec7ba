/**
 * The memory as a picture: boxes with fields at fixed places, and arrows between them. Nothing here knows how it is
 * drawn.
 */

import type { Moment } from '../../src/explore/internals.ts'

/**
 * What can be said of an object: in use; freed and out of reach; freed, and still pointed to; off all lists, waiting
 * for a grace period; not yet to be seen by others.
 */
export type Standing = 'live' | 'freed' | 'dangling' | 'waiting' | 'private'

export interface Field {
  readonly label: string
  readonly value: string
  /** What the source calls it, where that is another name. */
  readonly inSource?: string
  /** Flat address of the word, to ask who wrote it. */
  readonly address: number
  /** The pointer it holds, or 0. */
  readonly pointer: number
  /** A small cell in a row, as the cache slots are. */
  readonly cell?: boolean
}

export interface Box {
  readonly id: string
  readonly title: string
  readonly column: number
  readonly row: number
  readonly standing: Standing
  readonly fields: readonly Field[]
  /** Who holds the lock in it, as "locked by CPU 1"; '' if nobody does. */
  readonly lock: string
}

export interface Arrow {
  readonly from: string
  readonly field: number
  readonly to: string
  /** It points to freed memory. */
  readonly dangling: boolean
}

export interface Scene {
  readonly columns: readonly string[]
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

/** The words of a scenario's shared memory. */
export function wordsOf(context: unknown): Int32Array {
  const { words, cpus } = context as { words?: Int32Array; cpus?: readonly { words: Int32Array }[] }
  return words ?? cpus![0].words
}

/** The name of a CPU that holds the lock at an address, as the picture says it. */
export function lockedBy(moment: Moment, address: number): string {
  const held = moment.locks.find((each) => each.address === address)
  return held === undefined ? '' : `locked by ${moment.threads.find(({ thread }) => thread === held.owner)?.name}`
}

/** What a CPU or callback is called where there is little room: `CPU 1`, `rcu 1.2`. */
export const shortName = (name: string): string => name.replace(/^callback (\d+) of CPU (\d+).*$/, 'rcu $2.$1')

/** What can be shown of a variable in a word. */
const isShown = (value: unknown): value is number | string | boolean => /^(number|string|boolean)$/.test(typeof value)

/**
 * A box for each call that a CPU is in, below those that stand in the first column already. `beginOf` says where the
 * object begins that a pointer leads into. `only`: no variables but such pointers.
 */
export function callBoxes(
  { threads }: Moment,
  { rows, only }: { readonly rows: number; readonly only: boolean },
  beginOf: (pointer: number) => number | undefined,
): Box[] {
  const calls = threads.flatMap(({ name: cpu, calls }) =>
    calls.map(({ name, locals }) => {
      const fields = locals.flatMap(({ name: label, value }): Field[] => {
        const pointer = typeof value === 'number' && value > 0 ? (beginOf(value) ?? 0) : 0
        return isShown(value) && (pointer !== 0 || !only)
          ? [{ label, value: pointer === 0 ? `${value}` : `@${pointer}`, address: 0, pointer }]
          : []
      })
      return { title: `${shortName(cpu)} ${name}`.trim(), fields }
    }),
  )
  return calls
    .filter(({ fields }) => fields.length > 0)
    .map((call, k) => ({ ...call, id: `call${k}`, column: 0, row: rows + k, standing: 'live', lock: '' }))
}

/** Arrows for all fields that point to a box. `targets`: pointer -> box. */
export function arrowsOf(boxes: readonly Box[], targets: ReadonlyMap<number, Box>): Arrow[] {
  return boxes.flatMap((box) =>
    box.standing === 'freed'
      ? []
      : box.fields.flatMap(({ pointer }, field) => {
          const to = pointer === 0 ? undefined : targets.get(pointer)
          const dangling = to?.standing === 'dangling' || to?.standing === 'freed'
          return to === undefined ? [] : [{ from: box.id, field, to: to.id, dangling }]
        }),
  )
}
