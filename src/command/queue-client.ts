/**
 * The server that a queue of searches stands on, Redis or Valkey, and the packages that talk to it: `bullmq` and
 * `ioredis`, optional peers, which are looked for when a queue is asked for.
 */

import { CommandFailure } from './command-failure.ts'
import type { Flag } from './flags.ts'
import { UsageError } from './usage-error.ts'
import { quote } from './words.ts'

/** What is used of `ioredis`. Told here, since its own types are where it is installed, and nowhere else. */
export interface Redis {
  connect(): Promise<void>
  ping(): Promise<string>
  eval(script: string, keys: number, ...words: (string | number)[]): Promise<unknown>
  hget(key: string, field: string): Promise<string | null>
  hgetall(key: string): Promise<Record<string, string>>
  hlen(key: string): Promise<number>
  hincrby(key: string, field: string, by: number): Promise<number>
  hset(key: string, field: string, value: string): Promise<number>
  time(): Promise<[string, string]>
  disconnect(): void
  on(event: 'error', heard: (error: Error) => void): void
  on(event: 'ready', heard: () => void): void
}

/** A job of `bullmq`: which root, by which token. */
export interface RootJob {
  readonly data: { readonly root: string; readonly token: string }
}

/** What is used of a queue of `bullmq`. */
export interface Queue {
  addBulk(
    jobs: readonly { readonly name: string; readonly data: RootJob['data']; readonly opts: object }[],
  ): Promise<unknown>
  getWaitingCount(): Promise<number>
  obliterate(options: { force: boolean }): Promise<void>
  close(): Promise<void>
  on(event: 'error', heard: (error: Error) => void): void
}

/** What is used of a worker of `bullmq`. */
export interface QueueWorker {
  close(force?: boolean): Promise<void>
  on(event: 'error', heard: (error: Error) => void): void
}

/** A way to the server. */
export interface Server {
  readonly redis: Redis
  /** The queue of a search: what waits there, in the order in which it came. */
  queue(search: string): Queue
  /** Has jobs of that queue done, so many at a time. One that gives no sign of life for `stalled` seconds loses its. */
  worker(search: string, doJob: (job: RootJob) => Promise<void>, jobs: number, stalled: number): QueueWorker
  close(): void
}

type Packages = {
  readonly Redis: new (url: string, options: object) => Redis
  readonly Queue: new (name: string, options: object) => Queue
  readonly Worker: new (name: string, doJob: (job: RootJob) => Promise<void>, options: object) => QueueWorker
}

/** All keys begin like this. */
export const PREFIX = 'sk-storage'
/** Milliseconds between two attempts to reach a server that was there. */
const RETRY = 200
/** How often a root may be taken from those who give no sign of life. Each is done in the end, or fails by itself. */
const ANY_NUMBER = 1e9

/** An address of a server, with user and password if it asks for them. */
export function queueAddress(help: string): Flag<string | undefined> {
  const parse = (name: string, text: string) => {
    if (/^rediss?:$/.test(protocolOf(text))) return text
    throw new UsageError(`--${name}: got ${quote(shown(text))}, expected redis://HOST or, with TLS, rediss://HOST`)
  }
  return { placeholder: 'URL', help, parse, initial: undefined }
}

const protocolOf = (url: string): string => (URL.canParse(url) ? new URL(url).protocol : '')

/** The address without what is secret in it. */
function shown(url: string): string {
  if (!URL.canParse(url)) return url.replace(/\/\/.*@/, '//')
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

/** Reaches the server. Throws UsageError if nobody answers there, or the packages are not installed. */
export async function connect(command: string, url: string): Promise<Server> {
  const { Redis, Queue, Worker } = await packages()
  let reached = false
  const retryStrategy = () => (reached ? RETRY : null)
  const connection = { url, maxRetriesPerRequest: null, retryStrategy }
  const redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, retryStrategy })
  const lost = lossesOf(command, shown(url))
  let said = ''
  redis.on('error', (error) => {
    said = error.message
    if (reached) lost.hear(error)
  })
  redis.on('ready', lost.over)
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    redis.disconnect()
    const why = said || (error as Error).message
    throw new UsageError(`--queue: got ${quote(shown(url))}, expected a server that takes us: ${why}`)
  }
  reached = true
  return {
    redis,
    queue(search) {
      const queue = new Queue(search, { connection, prefix: PREFIX, skipVersionCheck: true })
      queue.on('error', lost.hear)
      return queue
    },
    worker(search, doJob, jobs, stalled) {
      const milliseconds = Math.round(stalled * 1000)
      const options = { connection, prefix: PREFIX, concurrency: jobs, maxStalledCount: ANY_NUMBER }
      const times = { lockDuration: milliseconds, stalledInterval: milliseconds }
      const worker = new Worker(search, doJob, { ...options, ...times, skipVersionCheck: true })
      worker.on('error', lost.hear)
      return worker
    },
    close: () => redis.disconnect(),
  }
}

/** Tells once that the server is lost, until it is back. */
function lossesOf(command: string, where: string) {
  let told = false
  return {
    hear(error: Error) {
      if (!told) process.stderr.write(`${command}: lost ${where} (${error.message}), trying again\n`)
      told = true
    },
    over() {
      told = false
    },
  }
}

async function packages(): Promise<Packages> {
  // By names that no compiler follows: whoever has no queue need not have them.
  const [bullmq, ioredis] = await Promise.all(['bullmq', 'ioredis'].map(optional))
  return { ...(bullmq as Packages), Redis: (ioredis as Packages).Redis }
}

async function optional(name: string): Promise<unknown> {
  try {
    return await import(name)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_MODULE_NOT_FOUND')
      throw new UsageError(`--queue: got no package ${name}, expected it here: npm install bullmq ioredis`)
    throw new CommandFailure(`the package ${name} can't be loaded: ${message}`)
  }
}
