/** R1 to R8: the examples of docs/optimal.md are what the search does. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createExecution } from '../../../src/explore/engine/state.ts'
import { ALOAD, ASTORE, NOTIFY, WAIT } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import type { Twin } from '../../../src/explore/runtime/twin.ts'
import { createOptimal } from '../../../src/explore/search/optimal.ts'
import { nextExecution } from '../../../src/explore/search/search.ts'
import { answering } from '../support/counting.ts'
import { everyInterleaving, fingerprint } from '../support/naive.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/optimal.md'), 'utf8')

/** `R x`, `W x 1`, `wait x 0` (sleeps if x is 0) or `notify x`. */
function* perform(words: Int32Array, statement: string): Twin<void> {
  const [operation, name, value] = statement.split(' ')
  const at = ['x', 'y'].indexOf(name)
  if (operation === 'R') runtime.op(ALOAD, 0, words, at) || (yield)
  else if (operation === 'wait') runtime.op(WAIT, 0, words, at, Number(value)) || (yield)
  else if (operation === 'notify') runtime.op(NOTIFY, 0, words, at, 1) || (yield)
  else {
    expect(operation).toBe('W')
    runtime.op(ASTORE, 0, words, at) || (yield)
    Atomics.store(words, at, Number(value))
  }
}

function executionOf(program: string) {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const threads = program.split(' | ').map((statements) => statements.split(' ; '))
  return createExecution(
    threads.map(
      (statements) =>
        function* (): Twin<void> {
          for (const statement of statements) yield* perform(words, statement)
        },
    ),
    [],
  )
}

describe('the rules of the exact search', () => {
  const examples = [...page.matchAll(/^ {4}(R\d) {2}(.+)\n {8}([\d ]+)$/gm)].map(([, ...example]) => example)

  it('have an example each', () => {
    const told = [...page.matchAll(/^\*\*(R\d)\*\* /gm)].map(([, rule]) => rule)
    expect(told).toEqual(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8'])
    expect([...new Set(examples.map(([rule]) => rule))]).toEqual(told)
  })

  it.each(examples)('%s gives %s the executions %s', (_rule, program, executions) => {
    const x = executionOf(program)
    const schedules: string[] = []
    const traces: string[] = []
    answering(x, () => {
      const search = createOptimal(x)
      while (nextExecution(x, search) !== undefined) {
        schedules.push(x.trace.thread.subarray(0, x.trace.n).join(''))
        traces.push(fingerprint(x.trace))
      }
    })
    expect(schedules.join(' ')).toBe(executions)
    const y = executionOf(program)
    const expected = new Set<string>()
    answering(y, () =>
      everyInterleaving(y, () => {
        expected.add(fingerprint(y.trace))
        return true
      }),
    )
    expect(traces.sort()).toEqual([...expected].sort())
  })
})
