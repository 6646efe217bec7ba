/**
 * Which values are ports, of setup's channels or of threads'.
 */

import { isProxy } from './proxies.ts'

/** Places of a port's queue that have addresses of their own; then the first one is used again. */
export const PLACES = 64
/** Bytes of address space of a queue. */
export const QUEUE_BYTES = 4 * PLACES

const given = globalThis as unknown as Record<string, { readonly prototype: object } | undefined>
/** What all ports inherit from; undefined: there are none here. */
export const portPrototype: object | undefined = given.MessagePort?.prototype
/** The same of broadcast channels. */
export const broadcastPrototype: object | undefined = given.BroadcastChannel?.prototype

/** A `MessagePort`, whose methods are called by nobody here. */
export interface PortObject {
  readonly postMessage: unknown
}

/** Whether this is a `MessagePort`. */
export const isPort = (value: unknown): value is PortObject => inherits(portPrototype, value)

/** Whether this is a `BroadcastChannel`. */
export const isBroadcast = (value: unknown): value is PortObject => inherits(broadcastPrototype, value)

const inherits = (from: object | undefined, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  from !== undefined &&
  !isProxy(value) &&
  Object.prototype.isPrototypeOf.call(from, value)
