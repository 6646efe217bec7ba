/**
 * Which values are ports, of setup's channels or of threads'.
 */

import { isProxy } from './proxies.ts'

/** Places of a port's queue that have addresses of their own; then the first one is used again. */
export const PLACES = 64
/** Bytes of address space of a queue. */
export const QUEUE_BYTES = 4 * PLACES

/** What all ports inherit from; undefined: there are none here. */
export const portPrototype: object | undefined = (
  globalThis as unknown as Record<string, { readonly prototype: object } | undefined>
).MessagePort?.prototype

/** A `MessagePort`, whose methods are called by nobody here. */
export interface PortObject {
  readonly postMessage: unknown
}

/** Whether this is a `MessagePort`. */
export const isPort = (value: unknown): value is PortObject =>
  typeof value === 'object' &&
  value !== null &&
  portPrototype !== undefined &&
  !isProxy(value) &&
  Object.prototype.isPrototypeOf.call(portPrototype, value)
