/**
 * Lists of names as the page gets them: each name once, and lists of numbers, which the module that is generated reads
 * back. Written out they were the tenth part of what the page loads first.
 */

/** An expression for lists of names, by key. */
export function writeLists(lists: Readonly<Record<string, readonly string[]>>): string {
  const numbers = new Map<string, number>()
  const numberOf = (name: string) => {
    const known = numbers.get(name) ?? numbers.size
    numbers.set(name, known)
    return known
  }
  const short = Object.entries(lists).map(([key, list]) => [key, ...list.map(numberOf)])
  const written = JSON.stringify(short)
  return `((names) => Object.fromEntries(${written}.map(([key, ...list]) => [key, list.map((each) => names[each])])))(${JSON.stringify([...numbers.keys()])})`
}
