/**
 * Values of which other threads change parts, by elements of another size: an exact search refuses them.
 *
 * In `0:await x == 0` over 4 bytes, `1:W x[0]`, `2:W x[1]` over one byte each, the await may come between the two
 * stores, before or after both. Which of these can be is no question of one race at a time, so orders would be left
 * out.
 */
import { STORES, W } from '../engine/access.ts'
import { fail } from '../engine/fail.ts'
import { type Execution, nameOfThread } from '../engine/state.ts'
import type { Trace } from '../engine/trace.ts'
import { AWAIT, CAS, KINDS, NOTIFY, WAIT, WAIT_ASYNC } from '../runtime/kinds.ts'

/** What a step does that looks at a value before it goes on, or becomes one thing or the other. */
const LOOKS: Readonly<Record<number, string>> = {
  [AWAIT]: 'waits for',
  [WAIT]: 'waits for',
  [WAIT_ASYNC]: 'waits for',
  [CAS]: 'compares',
}
/** Whether it does, by kind: asked of both steps of every race. */
const LOOKING = Uint8Array.from(KINDS, (_, kind) => (LOOKS[kind] === undefined ? 0 : 1))

const isWait = (kind: number): boolean => kind === WAIT || kind === WAIT_ASYNC

/** Whether event `j` changes part of the value that the operation in row `i` looks at, or of the queue it joins. */
export function changesPart(trace: Trace, j: number, i: number): boolean {
  if (LOOKING[trace.kind[i]] === 0) return false
  if (trace.address[i] === trace.address[j] && trace.limit[i] === trace.limit[j]) return false
  if (trace.address[i] >= trace.limit[j] || trace.address[j] >= trace.limit[i]) return false
  const kind = trace.kind[j]
  if (STORES[kind] === 1) return trace.class[j] === W
  return isWait(trace.kind[i]) && (isWait(kind) || kind === NOTIFY)
}

/** Tells that one of the operations in rows `i` and `j` changes part of what the other one looks at. */
export function refuseParts(x: Execution, i: number, j: number): void {
  const { trace } = x
  const [look, other] = changesPart(trace, j, i) ? [i, j] : [j, i]
  const bytes = (row: number) => trace.limit[row] - trace.address[row]
  const does = trace.kind[other] === NOTIFY ? 'notifies' : (LOOKS[trace.kind[other]] ?? 'stores')
  const threads = [look, other].map((row) => nameOfThread(x, trace.thread[row]))
  fail(x, {
    kind: 'refused',
    message: `${threads[0]} ${LOOKS[trace.kind[look]]} a value of ${bytes(look)} bytes, which ${threads[1]} ${does} by ${bytes(other)}: an exact search needs elements of one size there, sampling (strategy random) does not`,
    sites: [trace.site[look], trace.site[other]],
    events: [],
    thread: trace.thread[look],
    at: -1,
  })
}
