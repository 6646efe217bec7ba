/** Numbers, each to be given once. */
export function nextTicket(words: Int32Array): number {
  const ticket = Atomics.load(words, 0)
  Atomics.store(words, 0, ticket + 1)
  return ticket
}

export const nextTicketFixed = (words: Int32Array): number => Atomics.add(words, 0, 1)
