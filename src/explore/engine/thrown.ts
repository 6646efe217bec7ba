/**
 * What a thread throws is a finding, and stands where it was thrown.
 */
import { MisuseError } from '../runtime/misuse-error.ts'
import { runtime } from '../runtime/runtime.ts'
import { isA, saidBy } from '../runtime/thrown-value.ts'
import type { Finding } from './finding.ts'
import { type Execution, nameOfThread } from './state.ts'

/**
 * The finding that thread `t` has thrown that.
 */
export function thrownBy(x: Execution, t: number, error: unknown): Finding {
  const { trace } = x
  const last = trace.last[t]
  const steps = last >= 0 ? [last] : []
  const { latestThrow, unheard } = runtime
  const own = latestThrow !== null && latestThrow.value === error ? latestThrow.site : undefined
  return {
    kind: isA(error, MisuseError) ? 'refused' : 'assertion',
    message: `${nameOfThread(x, t)} ${unheard !== null && unheard.value === error ? 'left a rejection unhandled' : 'threw'}: ${saidBy(error)}`,
    sites: [...(own === undefined ? [] : [own]), ...steps.map((step) => trace.site[step])],
    ...(own !== undefined && { thrownAt: own }),
    events: steps,
    thread: t,
    at: -1,
    error,
  }
}
