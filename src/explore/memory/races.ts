/**
 * Data races of an execution, by ECMA-262's definition: two accesses to a word, one of them a store and not both
 * SeqCst, that happen in no order.
 */
import { type Graph, happensBefore } from './graph.ts'

/** Calls back with the two events of each, of which the first has the lower thread. */
export function forEachRace(g: Graph, told: (i: number, j: number) => void): void {
  if (g.atomics.length === g.thread.length) return
  for (const [place, stores] of g.stores) {
    if (stores.length === 0) continue
    g.access.forEach((access, i) => {
      if (access.place !== place) return
      for (const w of stores) {
        if (g.thread[w] === g.thread[i] || (access.atomic && g.access[w].atomic)) continue
        // Two stores are met twice.
        if (g.stored[i] !== undefined && w < i) continue
        if (happensBefore(g, w, i) || happensBefore(g, i, w)) continue
        if (g.thread[i] < g.thread[w]) told(i, w)
        else told(w, i)
      }
    })
  }
}
