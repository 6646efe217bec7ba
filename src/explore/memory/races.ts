/**
 * Data races of an execution, by ECMA-262's definition: two accesses to a byte, one of them a store and not both SeqCst
 * accesses to just the same bytes, that happen in no order.
 */
import { type Graph, happensBefore, overlap } from './graph.ts'

/** Calls back with the two events of each, of which the first has the lower thread. */
export function forEachRace(g: Graph, told: (i: number, j: number) => void): void {
  g.access.forEach((access, w) => {
    if (g.stored[w] === undefined) return
    for (let i = 0; i < g.thread.length; i++) {
      const other = g.access[i]
      if (g.thread[w] === g.thread[i] || !overlap(access, other)) continue
      if (access.atomic && other.atomic && access.place === other.place) continue
      // Two stores are met twice.
      if (g.stored[i] !== undefined && w < i) continue
      if (happensBefore(g, w, i) || happensBefore(g, i, w)) continue
      if (g.thread[i] < g.thread[w]) told(i, w)
      else told(w, i)
    }
  })
}
