/**
 * Which machine has an execution, by its axioms as they are written, for every order of all writes to each byte.
 */
import { bytesOf, type Candidate, type Event } from './candidates.ts'
import { isAcyclic, orders, product, type Relation, relation, union } from './relations.ts'

/**
 * The strongest model that has an execution with these orders of SeqCst writes to the same bytes, and these last writes
 * to the bytes of `at`. For words the first byte of each stands for all.
 */
export function modelOf(
  { events, po, rf, rbf }: Candidate,
  at: readonly number[],
  inOrder: readonly (readonly number[])[],
  ends: readonly number[],
): 'sc' | 'x86' | 'arm' | 'ecma' {
  const n = events.length
  const touches = (e: number, byte: number) => bytesOf(events[e]).includes(byte)
  const reads = (r: number, w: number, byte: number) =>
    rf[w][r] && touches(r, byte) && (rbf.get(r)?.[byte - events[r].at] ?? w) === w
  const coherent = ends.map((end, k) => {
    const writes = events.flatMap((e, i) => (e.writes && touches(i, at[k]) ? [i] : []))
    const fixed = (a: number, b: number) =>
      events[a].thread < 0 ||
      po[a][b] ||
      inOrder.some((order) => order.includes(a) && order.indexOf(b) > order.indexOf(a))
    return [...orders(writes, fixed)].filter((order) => order[order.length - 1] === end)
  })
  let best = 3
  for (const chosen of product(coherent)) {
    const byByte = chosen.map((order, k) => {
      const co = relation(n, (a, b) => order.includes(a) && order.indexOf(b) > order.indexOf(a))
      const rfHere = relation(n, (w, r) => reads(r, w, at[k]))
      const fr = relation(n, (r, v) => r !== v && events.some((_, w) => rfHere[w][r] && co[w][v]))
      const poloc = relation(n, (a, b) => po[a][b] && touches(a, at[k]) && touches(b, at[k]))
      return { co, fr, isCoherent: isAcyclic(union(poloc, rfHere, co, fr)) }
    })
    if (!byByte.every(({ isCoherent }) => isCoherent)) continue
    const none = relation(n, () => false)
    const co = union(none, ...byByte.map((each) => each.co))
    const fr = union(none, ...byByte.map((each) => each.fr))
    if (isAcyclic(union(po, rf, co, fr))) best = 0
    else if (best > 1 && isTso(events, po, rf, co, fr)) best = 1
    else if (best > 2 && isArm(events, po, rf, co, fr)) best = 2
  }
  return (['sc', 'x86', 'arm', 'ecma'] as const)[best]
}

const external = (events: readonly Event[], of: Relation): Relation =>
  relation(events.length, (a, b) => of[a][b] && events[a].thread !== events[b].thread)

/** x86-TSO: Owens, Sarkar, Sewell (TPHOLs 2009); as in herd's x86tso.cat. SeqCst stores are xchg. */
function isTso(events: readonly Event[], po: Relation, rf: Relation, co: Relation, fr: Relation): boolean {
  const n = events.length
  const isFence = (e: Event) => e.statement?.op === 'A' || (e.sc && e.writes)
  const ppo = relation(
    n,
    (a, b) =>
      po[a][b] &&
      (!(events[a].writes && !events[b].writes) ||
        events.some((f, k) => isFence(f) && (k === a || po[a][k]) && (k === b || po[k][b]))),
  )
  return isAcyclic(union(ppo, external(events, rf), co, fr))
}

/**
 * ARMv8: Pulte et al. (POPL 2018), as in herd's aarch64.cat. SeqCst loads are ldar, SeqCst stores stlr, and a
 * read-modify-write is a loop of ldaxr and stlxr: here two events, numbered i and n + i.
 */
function isArm(events: readonly Event[], po: Relation, rf: Relation, co: Relation, fr: Relation): boolean {
  const n = events.length
  const has = (i: number, part: 'R' | 'W') => {
    const e = events[i % n]
    return part === 'R' ? i < n && e.reads : e.writes && (e.reads ? i >= n : i < n)
  }
  const exists = (i: number) => i < n || (events[i - n].reads && events[i - n].writes)
  const both = (holds: (i: number, j: number) => boolean) =>
    relation(2 * n, (i, j) => exists(i) && exists(j) && holds(i, j))
  const po2 = both((i, j) => po[i % n][j % n] || i + n === j)
  const ext = (of: Relation, from: 'R' | 'W', to: 'R' | 'W') =>
    both((i, j) => has(i, from) && has(j, to) && of[i % n][j % n] && events[i % n].thread !== events[j % n].thread)
  const obs = union(ext(rf, 'W', 'R'), ext(co, 'W', 'W'), ext(fr, 'R', 'W'))
  const addr = both((i, j) => {
    const s = events[j % n].statement
    return (
      i < n && (s?.op === 'R' || s?.op === 'W') && s.through !== undefined && po[i][j % n] && events[i].id === s.through
    )
  })
  const dob = union(
    addr,
    both((i, j) => has(j, 'W') && events.some((_, k) => addr[i][k] && (po2[k][j] || po2[k][j % n]))),
    both(
      (i, j) => has(j, 'R') && events.some((_, k) => addr[i][k] && rf[k][j] && events[k].thread === events[j].thread),
    ),
  )
  const rmw = both((i, j) => i + n === j)
  const aob = union(
    rmw,
    both((i, j) => i >= n && j < n && rf[i - n][j] && events[i - n].thread === events[j].thread && events[j].sc),
  )
  const isA = (i: number) => has(i, 'R') && events[i % n].sc
  const isL = (i: number) => has(i, 'W') && events[i % n].sc
  const bob = both((i, j) => po2[i][j] && (isA(i) || isL(j) || (isL(i) && isA(j))))
  // Atomicity: nobody stores between the two halves.
  for (let i = 0; i < n; i++)
    if (events[i].reads && events[i].writes && events.some((_, v) => v !== i && fr[i][v] && co[v][i])) return false
  return isAcyclic(union(obs, dob, aob, bob))
}
