/**
 * Relations over numbered things, as tables.
 */

export const product = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]])

export type Relation = boolean[][]
export const relation = (n: number, holds: (i: number, j: number) => boolean): Relation =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => holds(i, j)))
export const union = (...all: Relation[]): Relation => relation(all[0].length, (i, j) => all.some((each) => each[i][j]))
export function closure(of: Relation): Relation {
  const all = of.map((row) => [...row])
  for (let k = 0; k < all.length; k++)
    for (let i = 0; i < all.length; i++) if (all[i][k]) for (let j = 0; j < all.length; j++) all[i][j] ||= all[k][j]
  return all
}
/** Takes away what nothing stands before, until all is gone or a circle is left. */
export function isAcyclic(of: Relation): boolean {
  let left = of.map((_, i) => i)
  for (;;) {
    const rest = left.filter((i) => left.some((j) => of[j][i]))
    if (rest.length === left.length) return left.length === 0
    left = rest
  }
}

/** All orders of `all` that contain `before`. */
export function* orders<T>(all: readonly T[], before: (a: T, b: T) => boolean): Generator<T[]> {
  if (all.length === 0) yield []
  for (const first of all) {
    const rest = all.filter((each) => each !== first)
    if (rest.some((each) => before(each, first))) continue
    for (const others of orders(rest, before)) yield [first, ...others]
  }
}
