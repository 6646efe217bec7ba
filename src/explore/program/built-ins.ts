/**
 * The objects of the language that everybody shares, the explorer among them. A thread that changes one changes the
 * next execution, and maybe what the explorer itself is told: after that no verdict can be trusted.
 */

import { languageObjects as objects } from '../runtime/language-functions.ts'
import { preparedBy } from './error-stacks.ts'

/** Taken now: what a thread puts in its place must not be what looks for it. */
const { ownKeys, getOwnPropertyDescriptor } = Reflect
const { is } = Object
const toText = String

/** One property as it was. */
interface Property {
  readonly object: object
  readonly key: string | symbol
  /** `Array.prototype` */
  readonly owner: string
  readonly value: unknown
  readonly get: unknown
}

/** `Array.prototype.push` */
const nameOf = ({ owner, key }: Property): string => `${owner}.${toText(key)}`

/** Looks whether all is as it was. Names a property that is not, if there is one. */
export interface BuiltIns {
  /** Reads the values alone, which takes a fraction of the time: a getter of the same value is not seen. */
  glance(): string | undefined
  look(): string | undefined
}

/** What formats stacks is ours for as long as a program runs, and so is looked at apart. */
const PREPARES = 'prepareStackTrace'

const countOf = (object: object): number =>
  ownKeys(object).length - (object === Error && getOwnPropertyDescriptor(object, PREPARES) !== undefined ? 1 : 0)

let latest: BuiltIns | undefined

/** Notes what stands where. What was noted last will do if all of it is so still. */
export function watchBuiltIns(): BuiltIns {
  if (latest === undefined || latest.look() !== undefined) latest = noteBuiltIns()
  return latest
}

function noteBuiltIns(): BuiltIns {
  const properties: Property[] = []
  const counts: number[] = []
  const prepared = preparedBy()
  for (const [name, object] of objects) {
    counts.push(countOf(object))
    for (const key of ownKeys(object)) {
      if (object === Error && key === PREPARES) continue
      const { value, get } = getOwnPropertyDescriptor(object, key)!
      properties.push({ object, key, owner: name, value, get })
    }
  }
  // Only what was taken above is called from here on, and nothing is iterated by the language's own iterators.
  const oneMore = (): string | undefined => {
    for (let i = 0; i < objects.length; i++) {
      const { 0: name, 1: object } = objects[i]
      if (countOf(object) !== counts[i]) return `${name}, which has a property more`
    }
    return preparedBy() === prepared ? undefined : `Error.${PREPARES}`
  }
  return {
    glance() {
      for (let i = 0; i < properties.length; i++) {
        const { object, key, value, get } = properties[i]
        if (get === undefined && !is((object as Record<string | symbol, unknown>)[key], value))
          return nameOf(properties[i])
      }
      return oneMore()
    },
    look() {
      for (let i = 0; i < properties.length; i++) {
        const { object, key, value, get } = properties[i]
        const now = getOwnPropertyDescriptor(object, key)
        if (now === undefined || !is(now.value, value) || now.get !== get) return nameOf(properties[i])
      }
      return oneMore()
    },
  }
}
