/**
 * Every interleaving, one by one, and which of them are the same trace: the oracle that the exact search is
 * tested against. It knows nothing of races, only which thread can go on.
 */

import { type Ending, endingOf } from '../../../src/explore/engine/ending.ts'
import { run } from '../../../src/explore/engine/execution.ts'
import { isEnabled } from '../../../src/explore/engine/pending.ts'
import type { Execution } from '../../../src/explore/engine/state.ts'
import type { Strategy } from '../../../src/explore/engine/strategy.ts'
import { type Trace, truncate } from '../../../src/explore/engine/trace.ts'

/** What two executions have in common iff they are the same trace: who does what, after what. */
export function fingerprint(trace: Trace): string {
  const { n, stride, threads, clock, thread, kind, start, nth } = trace
  const class_ = trace.class
  const rows: string[][] = Array.from({ length: threads }, () => [])
  for (let i = 0; i < n; i++) {
    // Helper threads become known in the course of a search; those without a part in it may not count.
    const past: string[] = []
    for (let t = 0; t < threads; t++) if (clock[i * stride + t] > 0) past.push(`${t}:${clock[i * stride + t]}`)
    rows[thread[i]][nth[i]] = `${kind[i]}.${class_[i]}@${start[i]}<${past.join()}`
  }
  return rows.map((row, t) => (row.length === 0 ? '' : `${t} ${row.join(' ')}|`)).join('')
}

/** Runs every interleaving, depth first. `each` is called after each one; it returns false to stop. */
export function everyInterleaving(x: Execution, each: (ending: Ending) => boolean): void {
  const { trace } = x
  /** The threads that can go on at each level, and which of them is taken. */
  const options: number[][] = []
  const taken: number[] = []
  const strategy: Strategy = {
    choose() {
      const level = x.position.step
      if (level === options.length) {
        const enabled = []
        for (let t = 0; t < trace.threads; t++) if (isEnabled(x, t)) enabled.push(t)
        if (enabled.length === 0) return -1
        options.push(enabled)
        taken.push(0)
      }
      return options[level][taken[level]]
    },
    stepped() {},
  }
  for (;;) {
    run(x, strategy)
    if (!each(endingOf(x))) return
    while (options.length > 0 && ++taken[taken.length - 1] === options.at(-1)!.length) {
      options.pop()
      taken.pop()
    }
    if (options.length === 0) return
    truncate(trace, options.length - 1)
  }
}
