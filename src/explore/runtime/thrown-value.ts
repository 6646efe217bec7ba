/**
 * What the author's code throws may be anything: an object that throws when it is asked for its text, a proxy.
 */

/** What it says, in words. */
export function saidBy(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return "a value that can't be told, since asking it throws"
  }
}

/** `instanceof`; false where even that throws. */
export function isA<T>(thrown: unknown, kind: abstract new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof kind
  } catch {
    return false
  }
}
