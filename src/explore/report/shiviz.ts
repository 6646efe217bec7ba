/**
 * A failing execution as a log for ShiViz: one host per thread, with the vector clocks of what happened before what.
 *
 * A file to be uploaded: its first line is the expression that reads the rest, its second would part several
 * executions.
 */
import type { Violation } from '../result.ts'

/** Reads an event of the log. In ShiViz's own notation, which is that of JavaScript. */
const PARSER = '(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)'

/** The log. An arrow joins two steps on the same place, one of which stores. */
export function shivizLog({ steps, threadNames }: Violation): string {
  const names = threadNames.map((name) => name.replace(/\s+/g, '_'))
  // A host is known by its name alone.
  const host = (thread: number) => {
    const name = names[thread] ?? ''
    return name === '' || names.indexOf(name) !== names.lastIndexOf(name) ? `${name}#${thread}` : name
  }
  const clocks = new Map<number, Map<number, number>>()
  const stored = new Map<string, Map<number, number>>()
  const touched = new Map<string, Map<number, number>>()
  const join = (to: Map<number, number>, from: Map<number, number> | undefined) => {
    for (const [thread, count] of from ?? []) to.set(thread, Math.max(to.get(thread) ?? 0, count))
  }
  const lines = steps.map(({ thread, operation, place, before, after, stores, where }) => {
    const clock = new Map(clocks.get(thread) ?? [])
    if (place !== '') join(clock, stores ? touched.get(place) : stored.get(place))
    clock.set(thread, (clock.get(thread) ?? 0) + 1)
    clocks.set(thread, clock)
    if (place !== '') {
      const all = new Map(touched.get(place) ?? [])
      join(all, clock)
      touched.set(place, all)
      if (stores) stored.set(place, all)
    }
    const text = JSON.stringify(Object.fromEntries([...clock].map(([t, count]) => [host(t), count])))
    const value = before === after ? after : `${before} -> ${after}`
    const event = [operation, place, value, where].filter((part) => part !== '').join(' ')
    return `${host(thread)} ${text}\n${event.replace(/\s+/g, ' ')}`
  })
  return `${PARSER}\n\n${lines.join('\n')}\n`
}
