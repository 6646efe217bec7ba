/**
 * Functions of files that could not be instrumented: at its door each refuses to be entered by a thread, and says why.
 */

/** The name by which such a function reaches the engine. */
export const UNTOUCHED = '$_untouched'

/** Is this such a function? It looks after itself. */
export function isUntouched(fn: object): boolean {
  return Function.prototype.toString.call(fn).includes(`${UNTOUCHED}.e.refuse(`)
}
