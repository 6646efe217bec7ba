/**
 * Values that nobody need ask for what they stand for.
 */

/** Is this no object? */
export const simple = (value: unknown): boolean =>
  (typeof value !== 'object' && typeof value !== 'function') || value === null
