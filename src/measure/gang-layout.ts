/**
 * What the threads of a gang share to begin together.
 */

/** Words of the start: how many threads have arrived, at which of their meetings, and whether they may go. */
export const START = { arrived: 0, meeting: 1, SIZE: 2 } as const

/** What a thread of a gang is told. */
export interface GangOrder {
  /** The job's module, as a URL. */
  readonly job: string
  readonly args: unknown
  readonly thread: number
  readonly threads: number
  readonly start: Int32Array
  /** Milliseconds for V8 to settle, and of each stretch that is measured. */
  readonly warmup: number
  readonly time: number
  readonly latency: boolean
  /** Operations a second that a thread is to begin while latencies are measured; 0: one after another. */
  readonly rate: number
}

/** What a thread has done, with times in milliseconds of one clock for all threads. */
export interface GangAnswer {
  readonly done: number
  readonly begin: number
  readonly end: number
  /** All operations, those of the warm-up and of latencies among them. */
  readonly all: number
}
