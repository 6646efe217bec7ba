/**
 * Lists of names as the page gets them: each name once, and lists of numbers, which the module that is generated reads
 * back. Written out they were the tenth part of what the page loads first.
 */

/** Names, each once, in the order in which they were asked for. */
export interface Numbered {
  numberOf(name: string): number
  /** All of them, as JSON. */
  written(): string
}

export function numbered(): Numbered {
  const numbers = new Map<string, number>()
  return {
    numberOf(name) {
      const known = numbers.get(name) ?? numbers.size
      numbers.set(name, known)
      return known
    },
    written: () => JSON.stringify([...numbers.keys()]),
  }
}

/** An expression for lists of names, by key. */
export function writeLists(lists: Readonly<Record<string, readonly string[]>>): string {
  const names = numbered()
  const short = Object.entries(lists).map(([key, list]) => [key, ...list.map((each) => names.numberOf(each))])
  const written = JSON.stringify(short)
  return `((names) => Object.fromEntries(${written}.map(([key, ...list]) => [key, list.map((each) => names[each])])))(${names.written()})`
}
