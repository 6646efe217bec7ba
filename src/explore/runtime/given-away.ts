/**
 * Shared memory that a worker has been handed: it runs beside the threads that are explored, and nobody sees what it
 * does.
 */

const given = new WeakMap<object, string>()

/** From now on this buffer is no memory of threads alone. `how` says who handed it over. */
export function giveAway(buffer: object, how: string): void {
  if (!given.has(buffer)) given.set(buffer, how)
}

/** How a worker got that buffer; undefined: none has it. */
export const givenBy = (buffer: object): string | undefined => given.get(buffer)
