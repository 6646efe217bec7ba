/**
 * How far a thread has come in an execution: what `position.status` holds for each.
 */

/** A helper thread that this execution has not created. */
export const ABSENT = 0
/** Not started; its first operation is known from the first execution. */
export const LAZY = 1
export const READY = 2
export const DONE = 3
