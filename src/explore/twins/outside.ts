/**
 * What waits for the world outside: files, sockets, processes. It answers when no thread runs, so a thread that asks is
 * refused by name, and told what to put in its place.
 */

import type { Native } from './native-table.ts'
import { refuse } from './refuse.ts'

const { process } = globalThis as { process?: NodeJS.Process }

const FILES = 'read it in setup, by a function whose name ends in Sync, and hand the threads what it holds'
const PEERS = 'let another thread answer in its place, by a port or a word of shared memory'
const PROCESSES = 'run it in setup, or make a thread of what it does'
const PEOPLE = 'hand the threads what is read, in setup'

/** By module: its functions that do so, `*` for all, and what stands in their place. */
const OUTSIDE: readonly (readonly [module: string, functions: string, instead: string])[] = [
  ['fs/promises', '*', FILES],
  ['fs', 'createReadStream createWriteStream watch watchFile', FILES],
  ['net', 'connect createConnection createServer', PEERS],
  ['tls', 'connect createServer', PEERS],
  ['dgram', 'createSocket', PEERS],
  ['dns', 'lookup lookupService resolve resolve4 resolve6 reverse', PEERS],
  ['dns/promises', '*', PEERS],
  ['http', 'request get createServer', PEERS],
  ['https', 'request get createServer', PEERS],
  ['http2', 'connect createServer createSecureServer', PEERS],
  ['child_process', 'exec execFile fork spawn', PROCESSES],
  ['cluster', 'fork', PROCESSES],
  ['readline', 'createInterface', PEOPLE],
]

/** Those that stand in no module. */
const GLOBALS: readonly (readonly [name: string, instead: string])[] = [
  ['fetch', PEERS],
  ['WebSocket', PEERS],
  ['EventSource', PEERS],
  ['XMLHttpRequest', PEERS],
]

interface Known {
  readonly name: string
  readonly instead: string
}

let known: Map<unknown, Known> | undefined

/** Made when it is asked for first: to load these modules takes a while. */
function listed(): Map<unknown, Known> {
  const found = new Map<unknown, Known>()
  for (const [module, functions, instead] of OUTSIDE) {
    const its = (process?.getBuiltinModule?.(`node:${module}`) ?? {}) as Record<string, unknown>
    for (const name of functions === '*' ? Object.keys(its) : functions.split(' '))
      if (typeof its[name] === 'function' && !found.has(its[name]))
        found.set(its[name], { name: `${name} of node:${module}`, instead })
  }
  for (const [name, instead] of GLOBALS) {
    const its = (globalThis as Record<string, unknown>)[name]
    if (typeof its === 'function') found.set(its, { name, instead })
  }
  return found
}

/**
 * Refuses what would wait for the world outside. Asked of functions that are neither instrumented nor the language's.
 */
export function refuseOutside(site: number, fn: Native): void {
  const its = (known ??= listed()).get(fn)
  if (its === undefined) return
  refuse(site, `${its.name} in a thread waits for the world outside, which answers when no thread runs; ${its.instead}`)
}
