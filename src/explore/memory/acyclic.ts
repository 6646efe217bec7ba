/**
 * Whether a union of relations has no circle.
 */

/** A relation, as pairs. */
export type Edges = readonly (readonly [number, number])[]

/** Over the numbers below `n`. */
export const acyclic = (n: number, relations: readonly Edges[]): boolean => ordered(n, relations) !== undefined

/** The numbers below `n` in an order that has all of them. Undefined: a circle. */
export function ordered(n: number, relations: readonly Edges[]): number[] | undefined {
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
  for (let i = free.pop(); i !== undefined; i = free.pop()) {
    gone.push(i)
    for (const j of after[i]) if (--before[j] === 0) free.push(j)
  }
  return gone.length === n ? gone : undefined
}
