/**
 * The twin of a function: the same as a generator, which stops before each visible operation.
 */

/** The key under which an instrumented function keeps its generator twin. */
export const TWIN: unique symbol = Symbol.for('sk-storage/explore twin')

/**
 * The key under which a twin keeps where its module was loaded from, if what threads have for themselves awaits there.
 */
export const PLACE: unique symbol = Symbol.for('sk-storage/explore place')

/** A generator as twins return it. */
export type Twin<T = unknown> = Generator<unknown, T, boolean>

/** The twin of a function, or undefined. */
export function twinOf(f: unknown): ((...args: unknown[]) => Twin) | undefined {
  return typeof f === 'function' ? (f as unknown as Record<symbol, (...args: unknown[]) => Twin>)[TWIN] : undefined
}
