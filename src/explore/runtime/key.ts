/**
 * Where instrumented modules look for the runtime, unless they are told otherwise.
 */

/** The key of a symbol on globalThis. */
export const RUNTIME_KEY = 'sk-storage/explore instrumented'
