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

/** Gives the private fields of an object of the class those values. */
type Writer = (object: object, values: Readonly<Record<string, unknown>>) => void

/** What is left of a class for who looks at its private fields. */
export interface Fields {
  readonly of: { readonly prototype: object }
  readonly read: Reader
  readonly write: Writer
}

/** Keeps what reads and writes the private fields of a class. */
export function keepFields(of: Fields['of'], read: Reader, write: Writer): void {
  Object.defineProperty(of.prototype, FIELDS, { value: { of, read, write } })
}

/** Those of the class that has this prototype; undefined: its objects have none. */
export const fieldsAt = (prototype: object): Fields | undefined =>
  Object.getOwnPropertyDescriptor(prototype, FIELDS)?.value as Fields | undefined

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
    const its = fieldsAt(at)
    if (its !== undefined) readers.push({ at, read: its.read })
  }
  return readers
}

const KEPT: unique symbol = Symbol.for('sk-storage/explore keeps to itself')

/** Remembers that no member of the class hands its objects to anybody, as they stand when it is made. */
export function keepToItself(of: { readonly prototype: object }): void {
  Object.defineProperty(of.prototype, KEPT, { value: new Set(membersOf(of)) })
}

/** The class and the functions on its prototype. */
function membersOf(of: { readonly prototype: object }): unknown[] {
  const members = Object.values(Object.getOwnPropertyDescriptors(of.prototype) as Record<string, PropertyDescriptor>)
  return [of, ...members.flatMap(({ value, get, set }) => [value, get, set] as unknown[])]
}

/** The functions of a class of which nobody knows whether they hand its objects to somebody. */
export function unknownMembers(of: { readonly prototype: object }): unknown[] {
  const kept = Object.getOwnPropertyDescriptor(of.prototype, KEPT)?.value as ReadonlySet<unknown> | undefined
  return membersOf(of).filter((each) => typeof each === 'function' && kept?.has(each) !== true)
}
