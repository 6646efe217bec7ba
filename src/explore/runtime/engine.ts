/**
 * What the runtime needs of an engine.
 */

/** What the engine installs while it explores. */
export interface Engine {
  op(kind: number, site: number, view: unknown, index: number, a: unknown, b: unknown): boolean
  /** Called by plain forms; throws when a thread is running and `view` is shared. */
  plain(kind: number, site: number, view: unknown, index: number, a: unknown): void
  /** Called where the transform found something it can't follow. Inside a thread: records the violation and throws. */
  refuse(site: number, reason: string): void
}
