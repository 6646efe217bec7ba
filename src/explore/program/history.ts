/**
 * Collects a history inside explored threads and checks it after each execution.
 */

import { BEGIN, END } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import { TWIN, type Twin, twinOf } from '../runtime/twin.ts'
import { LinearizabilityError, linearize, type Operation, type SequentialModel } from './linearizability.ts'

/** The site of an operation's beginning and end, which stand in no line of the author's. */
const NOWHERE = -1

/** A history that grows while threads run. */
export interface History<Input, Output> {
  /** Does an operation and notes when it began, when it ended and what it answered. Call it inside a thread. */
  run(thread: number, input: Input, operation: () => Output): Output
  /** What has been noted, and begins anew. */
  take(): Operation<Input, Output>[]
  /** Checks what has been noted and begins anew; for `after`. Throws a LinearizabilityError. */
  check<State>(model: SequentialModel<State, Input, Output>, budget?: number): void
}

/** An empty history. Create it outside `setup`, so that it does not count as state that threads changed. */
export function createHistory<Input, Output>(): History<Input, Output> {
  let noted: { thread: number; input: Input; output: Output | undefined; begin: number; end: number }[] = []
  let clock = 0
  const begin = (thread: number, input: Input) => {
    const entry = {
      thread,
      input,
      output: undefined as Output | undefined,
      begin: clock++,
      end: Number.POSITIVE_INFINITY,
    }
    noted.push(entry)
    return entry
  }
  const finish = (entry: ReturnType<typeof begin>, output: Output) => {
    entry.output = output
    entry.end = clock++
    return output
  }
  let execution = -1
  /** What an execution noted that was given up must not be taken for the next one's. */
  const renew = () => {
    if (execution === runtime.execution) return
    execution = runtime.execution
    noted = []
    clock = 0
  }
  const run = (thread: number, input: Input, operation: () => Output) => {
    renew()
    return finish(begin(thread, input), operation())
  }
  const twin = function* (thread: number, input: Input, operation: () => Output): Twin<Output> {
    runtime.op(BEGIN, NOWHERE) || (yield)
    renew()
    const entry = begin(thread, input)
    const its = twinOf(operation)
    const output = (its === undefined ? operation() : yield* its()) as Output
    runtime.op(END, NOWHERE) || (yield)
    return finish(entry, output)
  }
  Object.defineProperty(run, TWIN, { value: twin })
  const take = () => {
    const all = noted as Operation<Input, Output>[]
    noted = []
    clock = 0
    return all
  }
  return {
    run,
    take,
    check(model, budget) {
      const all = take()
      const result = linearize(all, model, budget)
      if (result.verdict === 'linearizable') return
      if (result.verdict === 'unknown') {
        throw new LinearizabilityError(
          'unknown',
          `unknown whether linearizable: the budget ended after ${result.tried} steps`,
        )
      }
      const text = result.part
        .map(({ thread, input, output, begin, end }) => {
          const when = end === Number.POSITIVE_INFINITY ? `${begin}..` : `${begin}..${end}`
          return `thread ${thread} at ${when}: ${JSON.stringify(input)} -> ${JSON.stringify(output)}`
        })
        .join('; ')
      throw new LinearizabilityError('not linearizable', `no order of these operations explains their answers: ${text}`)
    },
  }
}
