/**
 * Classes that ask private names of other objects than `this`. Only an object that the same evaluation of the class's
 * text made has these, and each thread that has a class for itself evaluates it anew.
 */

const ASKING: unique symbol = Symbol.for('sk-storage/explore asks private names')

/** Remembers of a class, by its prototype, where it does so: `file:line:column`. */
export function keepAsking(prototype: object, place: string): void {
  Object.defineProperty(prototype, ASKING, { value: place })
}

/** Where the class of this prototype does so; undefined: nowhere. */
export const askingPlace = (prototype: object): string | undefined =>
  Object.getOwnPropertyDescriptor(prototype, ASKING)?.value as string | undefined
