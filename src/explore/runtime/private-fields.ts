/**
 * The fields of an object that stand behind `#`. Only code inside of a class can read them, so the transform leaves a
 * reader there.
 */

import { isProxy } from './proxies.ts'

/**
 * Where an instrumented class keeps the reader of its private fields: on its prototype, for every copy of this package.
 */
const FIELDS: unique symbol = Symbol.for('sk-storage/explore private fields')

/**
 * Gives an object's private fields with their values, as `#name` -> value; undefined for an object that has none of
 * this class.
 */
type Reader = (object: object) => Readonly<Record<string, unknown>> | undefined

/** Keeps the reader of a class. */
export function keepFields(prototype: object, read: Reader): void {
  Object.defineProperty(prototype, FIELDS, { value: read })
}

/**
 * What an object holds by name: its own enumerable properties, and the private fields of instrumented classes. No
 * getter runs, and a proxy is asked nothing.
 */
export function fieldsOf(object: object): [string, unknown][] {
  if (isProxy(object)) return []
  const fields: [string, unknown][] = []
  for (const name of Object.keys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, name)!
    if (get === undefined && set === undefined) fields.push([name, value])
  }
  for (const { at, read } of readersOf(object)) {
    for (const [name, value] of Object.entries(read(object) ?? {})) {
      // A class and the one that it extends may have a #field each.
      const taken = fields.some(([other]) => other === name)
      fields.push([taken ? `${name} of ${at.constructor.name}` : name, value])
    }
  }
  return fields
}

/** What reads private fields of this object: its own class, and those that it extends. */
export function readersOf(object: object): { readonly at: object; readonly read: Reader }[] {
  const readers: { at: object; read: Reader }[] = []
  for (let at: object | null = object; at !== null && !isProxy(at); at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, FIELDS)) {
      readers.push({ at, read: Object.getOwnPropertyDescriptor(at, FIELDS)!.value as Reader })
    }
  }
  return readers
}
