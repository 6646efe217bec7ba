/**
 * What a structure of <linux/bpf.h> is to programs, and how one is written down here.
 */

import type { Region } from './register.ts'

/** One field. What is read of it is a number, or a pointer to a socket. */
export interface Field {
  readonly name: string
  readonly offset: number
  readonly size: number
  /** Programs may store to it. */
  readonly writable: boolean
  /** Programs may load a part of it. */
  readonly narrow: boolean
  /** It is there in the kernel, and not here: packets, options, addresses that are changed. */
  readonly absent?: true
  /** It is a pointer. */
  readonly points?: { readonly region: Region; readonly nullable: boolean }
}

/** A structure: its name in C, its bytes, and the fields that may be touched. */
export interface Structure {
  readonly name: string
  readonly size: number
  readonly fields: readonly Field[]
}

/**
 * Fields from lines `offset name`: four bytes each, `*n` an array of n of them, `:n` another size, `=` may be stored
 * to. Parts of those in `narrow` may be loaded.
 */
export function structure(
  name: string,
  size: number,
  text: string,
  points: Record<string, Field['points']> = {},
  narrow = /^/,
): Structure {
  const fields = text
    .trim()
    .split(/\s*\n\s*/)
    .flatMap((line) => {
      const [, offset, fieldName, count, bytes, mark] = /^(\d+) (\w+)(?:\*(\d+))?(?::(\d+))?(?: ([=-]))?$/.exec(line)!
      const one = (i: number, at: number, suffix: string): Field => ({
        name: `${fieldName}${suffix}`,
        offset: at + 4 * i,
        size: bytes === undefined ? 4 : Number(bytes),
        writable: mark === '=',
        narrow: narrow.test(fieldName),
        ...(mark === '-' ? { absent: true as const } : {}),
        ...(points[fieldName] === undefined ? {} : { points: points[fieldName] }),
      })
      if (count === undefined) return [one(0, Number(offset), '')]
      return Array.from({ length: Number(count) }, (_, i) => one(i, Number(offset), `${i}`))
    })
  return { name, size, fields }
}
