/**
 * Objects with the private members of their classes, made without running a constructor: copies are, and get what the
 * original has.
 *
 * Only a class can give an object its private members, where it is constructed. So constructors of such classes return
 * at once while `runtime.hollow` is set, and fields stay empty. A class that extends one without private members would
 * run that one's constructor: for this once its parent is what gives the object.
 */

import { fieldsAt, readersOf } from '../runtime/private-fields.ts'
import { runtime } from '../runtime/runtime.ts'

type Class = abstract new () => object

const { getPrototypeOf, setPrototypeOf, isExtensible } = Object

/** What an object has of private fields, by the prototype of the class that they are of; base classes come first. */
export function privatesOf(
  object: object,
): { readonly at: object; readonly values: Readonly<Record<string, unknown>> }[] {
  return readersOf(object)
    .map(({ at, read }) => ({ at, values: read(object) ?? {} }))
    .reverse()
}

/** Whether such an object can be made: its classes have made this one, and let their parents be changed. */
export const canBeHollow = (object: object): boolean =>
  readersOf(object).every(({ at, read }) => read(object) !== undefined && isExtensible(fieldsAt(at)!.of))

/** Makes an object with that prototype, and the private members of the classes of these, base classes first. */
export function hollow(prototype: object, of: readonly object[]): object {
  const before = [runtime.hollow, runtime.bare] as const
  runtime.hollow = runtime.bare = true
  try {
    let made: object | undefined
    for (const each of of) {
      const maker = fieldsAt(each)!.of as unknown as Class
      if (made === undefined && getPrototypeOf(maker) === Function.prototype)
        made = Reflect.construct(
          maker,
          [],
          Object.assign(function Target() {}, { prototype }),
        ) as object
      else install(maker, (made ??= Object.create(prototype) as object))
    }
    // Public fields are there as well, empty. What the original has of them is put in their place.
    for (const key of Reflect.ownKeys(made!)) Reflect.deleteProperty(made!, key)
    return made!
  } finally {
    ;[runtime.hollow, runtime.bare] = before
  }
}

function install(maker: Class, given: object): void {
  const parent = getPrototypeOf(maker) as object
  setPrototypeOf(maker, function Giver() {
    return given
  })
  try {
    Reflect.construct(maker, [])
  } finally {
    setPrototypeOf(maker, parent)
  }
}
