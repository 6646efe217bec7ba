/**
 * Objects that every twin uses at every step.
 */

const lookUp = (it: { readonly toString: unknown }): unknown => it.toString

/**
 * Has V8 keep the properties of an object at fixed places. One that gets some later, or has an accessor among many,
 * keeps them in a table instead, and explorations take a third more time; one that something was looked up through, as
 * a prototype, never does. Elsewhere it does nothing.
 */
export function withFields(object: object): void {
  const child: object = Object.create(object)
  // The first times V8 only counts.
  for (let i = 0; i < 100; i++) lookUp(child)
}
