/**
 * The requests that `run --listen` answers, each a line of JSON.
 */

import type { DumpWish } from './dump.ts'

/** What a line asks for: the maps, the programs, or a dump of sockets. */
export type DumpRequest = 'maps' | 'progs' | DumpWish

/** As much of what was got as is told back. */
const SHOWN = 100

/** What a line asks for, or what is wrong with it. */
export function dumpRequest(line: string): DumpRequest | Error {
  let request: unknown
  try {
    request = JSON.parse(line)
  } catch {
    return new Error(`got ${line.slice(0, SHOWN)}, expected a line of JSON`)
  }
  const { request: kind, maps, types } = (request ?? {}) as { request?: unknown; maps?: unknown; types?: unknown }
  if (kind === 'maps' || kind === 'progs') return kind
  if (kind !== 'dump') return new Error(`request: got ${shown(kind)}, expected "dump", "maps" or "progs"`)
  if (types !== undefined && typeof types !== 'boolean')
    return new Error(`types: got ${shown(types)}, expected true or false`)
  if (maps === undefined) return { maps: undefined, types: types === true }
  if (Array.isArray(maps) && maps.every((id) => Number.isInteger(id) && id > 0))
    return { maps: new Set(maps as number[]), types: types === true }
  return new Error(`maps: got ${shown(maps)}, expected a list of map ids`)
}

/** A value as JSON. One that is nested too deep to be written is only named. */
function shown(value: unknown): string {
  try {
    return `${JSON.stringify(value)}`.slice(0, SHOWN)
  } catch {
    return 'something nested deeply'
  }
}
