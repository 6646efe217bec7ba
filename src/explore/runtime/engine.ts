/**
 * What the runtime needs of an engine.
 */

/** A loop that a thread is in. */
export interface Loop {
  readonly site: number
  /** What the engine notes of its turns. */
  state: unknown
}

/** What the engine installs while it explores. */
export interface Engine {
  op(kind: number, site: number, view: unknown, index: number, a: unknown, b: unknown): boolean
  /**
   * The head of a loop: `values` are what its turns may change, `left` how many of them its counters leave. True: go on
   * at once.
   */
  turn(loop: Loop, left: number | undefined, values: readonly unknown[]): boolean
  /** The thread that runs, by number; -1: none. */
  thread?(): number
  /** Called by plain forms; throws when a thread is running and `view` is shared. */
  plain(kind: number, site: number, view: unknown, index: number, a: unknown): void
  /** Called where the transform found something it can't follow. Inside a thread: records the violation and throws. */
  refuse(site: number, reason: string): void
}
