/**
 * What a value has to look like that comes from outside, such as a checkpoint from a file: the first thing that is not
 * as it must be, in words.
 */

/** Says what is wrong with a value that stands at that place; undefined: nothing. */
export type Shape = (value: unknown, place: string) => string | undefined

const of =
  (what: string, fits: (value: unknown) => boolean): Shape =>
  (value, place) =>
    fits(value) ? undefined : `${place}: got ${named(value)}, expected ${what}`

function named(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value !== 'object') return `${JSON.stringify(value)}`.slice(0, 40)
  return Array.isArray(value) ? 'a list' : 'an object'
}

export const text: Shape = of('a text', (value) => typeof value === 'string')
export const flag: Shape = of('true or false', (value) => typeof value === 'boolean')
export const amount: Shape = of('a number', (value) => typeof value === 'number')

/** A whole number from 0 on, below `limit`. */
export const below = (limit: number): Shape =>
  of(limit > Number.MAX_SAFE_INTEGER ? 'a whole number' : `a whole number below ${limit}`, (value) => {
    return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < limit
  })

export const count: Shape = below(Number.POSITIVE_INFINITY)

/** One of these values. */
export const oneOf = (...values: readonly unknown[]): Shape =>
  of(values.map((each) => JSON.stringify(each)).join(' or '), (value) => values.includes(value))

/** That, or null. */
export const orNull =
  (shape: Shape): Shape =>
  (value, place) =>
    value === null ? undefined : shape(value, place)

/** That, or not there. */
export const orNothing =
  (shape: Shape): Shape =>
  (value, place) =>
    value === undefined ? undefined : shape(value, place)

/** Any number of these. */
export const list =
  (each: Shape): Shape =>
  (value, place) => {
    if (!Array.isArray(value)) return `${place}: got ${named(value)}, expected a list`
    for (const [k, item] of value.entries()) {
      const wrong = each(item, `${place}[${k}]`)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

/** A list with these, one after the other, and nothing more. */
export const tuple =
  (...shapes: readonly Shape[]): Shape =>
  (value, place) => {
    if (!Array.isArray(value) || value.length !== shapes.length)
      return `${place}: got ${named(value)}, expected a list of ${shapes.length}`
    return firstWrong(shapes.map((shape, k) => shape(value[k], `${place}[${k}]`)))
  }

/** An object with these keys and no others. */
export const record =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `${place}: got ${named(value)}, expected an object`
    const stray = Object.keys(value).find((key) => !Object.hasOwn(shapes, key))
    if (stray !== undefined) return `${place}.${stray}: got a key that nobody knows`
    const its = value as Readonly<Record<string, unknown>>
    return firstWrong(Object.entries(shapes).map(([key, shape]) => shape(its[key], `${place}.${key}`)))
  }

/** Whatever fits one of these; of what fits none the last is told. */
export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value, place) => {
    const all = shapes.map((shape) => shape(value, place))
    return all.includes(undefined) ? undefined : all.at(-1)
  }

const firstWrong = (all: readonly (string | undefined)[]) => all.find((wrong) => wrong !== undefined)
