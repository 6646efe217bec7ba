/**
 * The channels that setup makes: in which order, so that every search of the program has the same addresses for them.
 */

/** A channel that was made where no thread ran. */
export interface Channel {
  readonly port1: object
  readonly port2: object
}

let inside: Channel[] | undefined

/** Remembers a channel that has just been made. */
export function noteChannel(channel: Channel): void {
  inside?.push(channel)
}

/** Does something, and gives what came of it with the channels made meanwhile. */
export function collectChannels<T>(work: () => T): { value: T; channels: readonly Channel[] } {
  const before = inside
  const channels: Channel[] = []
  inside = channels
  try {
    return { value: work(), channels }
  } finally {
    inside = before
  }
}
