/**
 * Values of JSON with one thing wrong in them.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Path = readonly (string | number)[]

/** All places in a value, as paths; the empty one is the value itself. */
export function placesIn(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...inner.flatMap(([key, its]) => placesIn(its as Json, [...path, key]))]
}

export const valueAt = (value: Json, path: Path): Json =>
  path.reduce((at: Json, key) => (at as Record<string | number, Json>)[key], value)

/** A copy with another value at a path; undefined: without it. */
export function changed(value: Json, path: Path, to: Json | undefined): Json {
  const root = structuredClone({ value }) as Record<string | number, Json>
  const all = ['value', ...path]
  const at = valueAt(root as Json, all.slice(0, -1)) as Record<string | number, Json>
  const last = all.at(-1)!
  if (to === undefined) delete at[last]
  else at[last] = to
  return root.value
}

/** Of each type one or more. */
const OTHERS: readonly Json[] = [null, true, -1, 0.5, 'x', [], {}, [1], { x: 1 }]

const typeOf = (value: Json | undefined) => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value)

/** One thing that is wrong. */
export interface Damage {
  readonly path: string
  /** What stands there; undefined: the field is gone. */
  readonly to: Json | undefined
  readonly value: Json
}

/** The value with each of its fields gone, and with values of other types at all its places. */
export function damages(value: Json): Damage[] {
  return placesIn(value).flatMap((path) => {
    if (path.length === 0) return []
    const known = valueAt(value, path)
    const others = OTHERS.filter((other) => typeOf(other) !== typeOf(known))
    const gone = typeof path.at(-1) === 'string' ? [undefined] : []
    return [...gone, ...others].map((to) => ({ path: path.join('.'), to, value: changed(value, path, to) }))
  })
}
