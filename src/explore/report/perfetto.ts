/**
 * A failing execution for Perfetto (ui.perfetto.dev), in the trace event format: one track per thread, one slice per
 * step. A step takes a millisecond there, since an explored execution has an order but no time.
 */
import type { Violation } from '../result.ts'

/** The trace, to be written as JSON. */
export function perfettoTrace(violation: Violation): { traceEvents: Record<string, unknown>[] } {
  const { steps, threadNames, kind, message } = violation
  const program = { name: 'process_name', ph: 'M', pid: 1, tid: 1, args: { name: 'explored execution' } }
  const names = [...new Set(steps.map(({ thread }) => thread))].map((thread) => ({
    name: 'thread_name',
    ph: 'M',
    pid: 1,
    tid: thread + 1,
    args: { name: threadNames[thread] ?? `thread ${thread}` },
  }))
  const slices = steps.map(({ thread, operation, place, before, after, where, source, switched, matters }, i) => ({
    name: `${operation} ${place}`.trim(),
    cat: matters ? 'matters' : 'step',
    ph: 'X',
    pid: 1,
    tid: thread + 1,
    ts: i * 1000,
    dur: 1000,
    args: { step: i + 1, before, after, where, source, switched },
  }))
  const end = { name: `${kind}: ${message}`, ph: 'i', s: 'g', pid: 1, tid: 1, ts: steps.length * 1000, args: {} }
  return { traceEvents: [program, ...names, ...slices, ...arrows(violation), end] }
}

/** From each post to the step that comes to its message. */
function arrows({ steps }: Violation): Record<string, unknown>[] {
  return steps.flatMap(({ operation, place, thread }, i) => {
    if (operation !== 'message comes' && operation !== 'receive') return []
    const from = steps.findLastIndex((step, j) => j < i && step.operation === 'post' && step.place === place)
    if (from < 0) return []
    const its = { name: place, cat: 'message', id: i + 1, pid: 1 }
    return [
      { ...its, ph: 's', tid: steps[from].thread + 1, ts: from * 1000 + 500 },
      { ...its, ph: 'f', bp: 'e', tid: thread + 1, ts: i * 1000 + 500 },
    ]
  })
}
