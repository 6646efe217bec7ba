/**
 * One job of `sk-storage explore --jobs N`, on a worker of the pool.
 */

import type { MessagePort } from 'node:worker_threads'
import { UsageError } from '../command/usage-error.ts'
import type { Result } from '../explore/index.ts'
import { explorePlan, type Plan } from './explore-plan.ts'

export interface Job {
  readonly plan: Plan
  /** Progress goes there. */
  readonly port: MessagePort
}

/** What came of it: a result that can be posted, or the sentence of a UsageError, whose class would be lost. */
export type JobResult = { readonly result: Result } | { readonly usage: string }

export default async function exploreJob({ plan, port }: Job): Promise<JobResult> {
  try {
    const result = await explorePlan(plan, { onProgress: (progress) => port.postMessage(progress) })
    const { violation } = result
    // What the author's code threw may hold anything. Its message is in the report.
    return { result: { ...result, violation: violation && { ...violation, error: undefined } } }
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message }
    throw error
  } finally {
    port.close()
  }
}
