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
 * Does something to an execution while that strategy is asked. The one place where a strategy is installed; it puts the
 * old one back. `what` is handed on, since a closure for each execution would cost as much as some of its steps.
 */
export function chosenBy<X extends { readonly hooks: { strategy: Strategy } }, T>(
  x: X,
  strategy: Strategy,
  work: (x: X, what: T) => void,
  what: T,
): void {
  const { hooks } = x
  const before = hooks.strategy
  hooks.strategy = strategy
  try {
    work(x, what)
  } finally {
    hooks.strategy = before
  }
}
