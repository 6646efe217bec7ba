/**
 * Names for addresses, as a reader of the program would write them: `words[3]`, or what the scenario says.
 */

import { isPort, QUEUE_BYTES } from '../runtime/message-port.ts'
import { fieldsOf } from '../runtime/private-fields.ts'
import { isProxy, proxied } from '../runtime/proxies.ts'
import { EXITS, HISTORY, type Region, SECTIONS, shapeOf, TIMERS } from './memory.ts'
import { allocationAt } from './shadow.ts'
import { type Execution, nameOfThread } from './state.ts'

/** Returns a function that names addresses; `context` is what setup returned. */
export function createPlaceNames(
  x: Execution,
  context: unknown,
  custom?: (index: number, view: ArrayBufferView) => string | undefined,
): (address: number) => string {
  const { views, buffers, ports } = sharedIn(context)
  return (address) => {
    if (address >= HISTORY) return 'the history'
    if (address >= TIMERS) return `timers of ${x.program.names[(address - TIMERS) >> 2]}`
    if (address >= EXITS) return `end of ${x.program.names[(address - EXITS) >> 2] ?? (address - EXITS) >> 2}`
    if (address >= SECTIONS)
      return `read section of ${x.program.names[(address - SECTIONS) >> 2] ?? (address - SECTIONS) >> 2}`
    for (const [name, view] of views) {
      const shape = shapeOf(x.memory, view)
      if (shape === null || address < shape.base || address >= shape.base + shape.length * shape.size) continue
      const index = (address - shape.base) / shape.size
      const own = custom?.(Math.floor(index), view)
      if (own !== undefined) return own
      const object = allocationAt(x.primitives.shadow, address)
      if (object !== undefined) {
        const word = (address - object.start) >> 2
        return `${object.kind} ${object.pointer} word ${word}`
      }
      const byte = (address - shape.base) % shape.size
      return `${byte === 0 ? '' : `byte ${byte} of `}${name}[${Math.floor(index)}]`
    }
    const agent = x.agents.locks.findIndex((lock) => lock !== undefined && shapeOf(x.memory, lock)?.base === address)
    if (agent >= 0) return `the event loop of ${nameOfThread(x, agent)}`
    const message = messageAt(x, address, ports)
    if (message !== undefined) return message
    const region = x.memory.regions.find(({ base, bytes }) => address >= base && address < base + bytes.length)
    if (region === undefined) return `address ${address}`
    return `byte ${address - region.base} of ${buffers.get(region.buffer) ?? nameOfRegion(x, region)}`
  }
}

/** What a place in a port's queue is called; undefined: there is none. */
function messageAt(x: Execution, address: number, ports: ReadonlyMap<object, string>): string | undefined {
  const told = (base: number, port: string) => `message ${((address - base) >> 2) + 1} to ${port}`
  for (const [base, { what, bytes }] of x.agents.called)
    if (address >= base && address < base + bytes) return bytes === QUEUE_BYTES ? told(base, what) : what
  const given = [...x.agents.places].filter(([key]) => typeof key === 'object')
  for (const [nth, [key, base]] of given.entries()) {
    if (address < base || address >= base + QUEUE_BYTES) continue
    return told(base, ports.get(key as object) ?? `port ${(nth % 2) + 1} of channel ${(nth >> 1) + 1}`)
  }
  for (const [key, base] of x.memory.bases) {
    const [thread, turn, bytes] = key.split(' ').map(Number)
    if (bytes !== 2 * QUEUE_BYTES || address < base || address >= base + bytes) continue
    if (x.memory.regions.some((region) => region.base === base)) continue
    const second = address >= base + QUEUE_BYTES
    const port = `port ${second ? 2 : 1} of channel ${turn + 1} of ${nameOfThread(x, thread)}`
    return told(second ? base + QUEUE_BYTES : base, port)
  }
  return undefined
}

/** What a buffer is called that nothing in the context leads to. */
function nameOfRegion(x: Execution, region: Region): string {
  const { maker } = region
  if (maker === null) return `buffer ${x.memory.regions.indexOf(region)}`
  return `buffer ${maker.turn + 1} of ${nameOfThread(x, maker.thread)}`
}

/** Shared memory and ports that can be reached from a value, with the names of their fields. */
interface Shared {
  readonly views: readonly [string, ArrayBufferView][]
  readonly buffers: ReadonlyMap<ArrayBufferLike, string>
  readonly ports: ReadonlyMap<object, string>
}

function sharedIn(value: unknown): Shared {
  const ports = new Map<object, string>()
  const views: [string, ArrayBufferView][] = []
  const buffers = new Map<ArrayBufferLike, string>()
  const seen = new Set<unknown>()
  const visit = (name: string, it: unknown, depth: number) => {
    if (typeof it !== 'object' || it === null || seen.has(it) || depth > 4) return
    seen.add(it)
    if (isProxy(it)) {
      visit(name, proxied(it)?.target, depth + 1)
      return
    }
    if (ArrayBuffer.isView(it)) {
      if (it.buffer instanceof SharedArrayBuffer) views.push([name, it])
      return
    }
    if (isPort(it)) {
      ports.set(it, name)
      return
    }
    if (it instanceof SharedArrayBuffer) buffers.set(it, name)
    for (const [key, inner] of fieldsOf(it)) visit(key, inner, depth + 1)
  }
  visit('shared', value, 0)
  return { views: views.sort(([, a], [, b]) => wordy(a) - wordy(b)), buffers, ports }
}

const wordy = (view: ArrayBufferView) => (view instanceof Int32Array ? 0 : 1)
