/**
 * What the engine asks for the order of threads. `run` installs it for one execution.
 */

/** Decides who goes next. */
export interface Strategy {
  /** The thread to go on with at `position.step`; -1: nobody can, or nobody should. */
  choose(): number
  /** Event `i` is new in the trace; its thread is about to perform it. */
  stepped(i: number): void
}

/** Chooses no thread, so that one which is started stops at its first operation. */
export const NOBODY: Strategy = { choose: () => -1, stepped: () => {} }

/**
 * Does something while that strategy is asked. The one place where a strategy is installed; it puts the old one back.
 */
export function chosenBy(hooks: { strategy: Strategy }, strategy: Strategy, work: () => void): void {
  const before = hooks.strategy
  hooks.strategy = strategy
  try {
    work()
  } finally {
    hooks.strategy = before
  }
}
