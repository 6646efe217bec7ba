/**
 * What can be made when the module is loaded, and not in a thread.
 */

let answer = new Function('return 42')() as number

export const change = (): number => ++answer
