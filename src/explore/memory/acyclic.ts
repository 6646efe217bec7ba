/**
 * Whether a union of relations has no circle.
 */

/** A relation, as pairs. */
export type Edges = readonly (readonly [number, number])[]

/** Over the numbers below `n`. */
export function acyclic(n: number, relations: readonly Edges[]): boolean {
  let edges = 0
  for (const each of relations) edges += each.length
  // By number, its latest pair; by pair, the one before of the same number, and where it leads.
  const latest = new Int32Array(n).fill(-1)
  const previous = new Int32Array(edges)
  const to = new Int32Array(edges)
  const before = new Int32Array(n)
  let e = 0
  for (const each of relations) {
    for (const [a, b] of each) {
      previous[e] = latest[a]
      to[e] = b
      latest[a] = e++
      before[b]++
    }
  }
  const free: number[] = []
  for (let i = 0; i < n; i++) if (before[i] === 0) free.push(i)
  let gone = 0
  for (let i = free.pop(); i !== undefined; i = free.pop()) {
    gone++
    for (let pair = latest[i]; pair >= 0; pair = previous[pair]) if (--before[to[pair]] === 0) free.push(to[pair])
  }
  return gone === n
}

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
