/**
 * State that all copies of this package in one JavaScript thread share, as when a bundler takes one copy and Node
 * another: modules instrumented for the one may call what the other has put in place.
 */

const slots = globalThis as unknown as Record<symbol, unknown>

/** What stands under this name; the first copy that asks makes it. */
export function ofAllCopies<T>(name: string, make: () => T): T {
  return (slots[Symbol.for(`sk-storage/explore ${name}`)] ??= make()) as T
}
