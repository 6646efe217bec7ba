/**
 * Whether a union of relations has no circle.
 */

/** A relation, as pairs. */
export type Edges = readonly (readonly [number, number])[]

/** Over the numbers below `n`. */
export const acyclic = (n: number, relations: readonly Edges[]): boolean => orderedBy(n, relations) !== undefined

/**
 * The numbers below `n` in an order that has all of them, the next one chosen, by its index, among those that
 * nothing is missing for. Undefined: a circle.
 */
export function orderedBy(
  n: number,
  relations: readonly Edges[],
  choose?: (free: readonly number[]) => number,
): number[] | undefined {
  const after: number[][] = Array.from({ length: n }, () => [])
  const before = new Int32Array(n)
  for (const edges of relations) {
    for (const [a, b] of edges) {
      after[a].push(b)
      before[b]++
    }
  }
  const free: number[] = []
  for (let i = n - 1; i >= 0; i--) if (before[i] === 0) free.push(i)
  const gone: number[] = []
  while (free.length > 0) {
    const i = choose === undefined ? free.pop()! : free.splice(choose(free), 1)[0]
    gone.push(i)
    for (const j of after[i]) if (--before[j] === 0) free.push(j)
  }
  return gone.length === n ? gone : undefined
}
