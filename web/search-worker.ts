/**
 * The search for a failing interleaving, beside the page: one message with the program, then progress, then the result.
 */

import './shared-memory.ts'
import type { Chosen } from '../lessons/chosen.ts'
import { lessonOf } from '../lessons/lesson-list.ts'
import { check, type Outcome, type Violation } from '../src/explore/internals.ts'
import { loadProgram } from './program.ts'

/** What a search tells while it runs, and in the end. */
export type Told =
  | { readonly kind: 'progress'; readonly executions: number; readonly estimate: number | undefined }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'done'
      readonly executions: number
      readonly exhaustive: boolean
      /** It would be, but for loads that take a value from their own future. */
      readonly allButBuffering: boolean
      readonly outcomes: readonly Outcome[]
      /** What is worth a look though all is fine, a sentence each. */
      readonly notes: readonly string[]
      readonly violation: Pick<Violation, 'kind' | 'message' | 'schedule' | 'why' | 'inflection'> | null
    }

/** Seconds that a search may take. */
const TIME = 60

const tell = (message: Told) => postMessage(message)

addEventListener('message', async ({ data }: MessageEvent<Chosen>) => {
  try {
    const { memory } = lessonOf(data.lesson)
    const result = check(await loadProgram(data), {
      seconds: TIME,
      ...(memory && { memory }),
      onProgress: ({ executions, estimate }) => tell({ kind: 'progress', executions, estimate: estimate?.executions }),
    })
    const { violation, executions, exhaustive, outcomes, notes, memory: of } = result
    tell({
      kind: 'done',
      executions,
      exhaustive,
      allButBuffering: of?.allButBuffering === true,
      outcomes,
      notes: notes.map(({ message }) => message),
      violation: violation && {
        kind: violation.kind,
        message: violation.message,
        schedule: violation.schedule,
        why: violation.why,
        inflection: violation.inflection,
      },
    })
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
})
