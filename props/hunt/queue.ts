/**
 * A hunt on a server, Redis or Valkey: so many programs of a seed, cut into blocks that any number of machines hunt. A
 * block is committed as a whole, and counts once whoever hunts it, and however often.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailure } from '../../src/command/command-failure.ts'
import type { Redis, Server } from '../../src/command/queue-client.ts'
import { createRoots, offer, type Standing } from '../../src/command/queue-roots.ts'
import { ROOT } from '../../src/command/tree.ts'
import type { Failure } from './failure.ts'
import type { Job, Tally } from './job.ts'

/** What a hunt in a queue is. JSON. */
export interface QueuedHunt {
  readonly seed: number
  /** CPUs of a program at the most. */
  readonly cpus: number
  /** On threads, and in the explorer. */
  readonly programs: number
  /** Of the code that is hunted, and of what hunts. */
  readonly code: string
}

/** Programs that stand side by side. JSON. */
export interface Block {
  readonly on: Job['on']
  readonly first: number
  readonly programs: number
}

/** What was told of a block. JSON. */
export interface Told {
  readonly on: Job['on']
  readonly tally: Tally
  readonly failures: readonly Failure[]
}

/** Programs of a block: what is lost with whoever hunts it. */
const PROGRAMS = 4
/** Milliseconds between two looks how far it is. */
const LOOK = 250

export const huntsOn = (redis: Redis) => createRoots<Block, Told>(redis, 'hunts')

/** A fingerprint of all texts that a hunt runs: those that are built, and those that the explorer loads. */
export function codeOfHunts(): string {
  const hash = createHash('sha256')
  for (const folder of ['src', 'props', 'dist/src', 'dist/props']) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    for (const file of files.filter((each) => /\.[jt]s$/.test(each) && !each.endsWith('.d.ts')).sort())
      hash.update(`${folder}/${file}\n`).update(readFileSync(join(ROOT, folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

/** The blocks of a hunt by name, in the order of their programs. */
function blocksOf({ programs }: QueuedHunt): ReadonlyMap<string, Block> {
  const blocks = new Map<string, Block>()
  for (let first = 0; first < programs; first += PROGRAMS)
    for (const on of ['threads', 'explorer'] as const)
      blocks.set(`${String(first).padStart(DIGITS, '0')}-${on}`, {
        on,
        first,
        programs: Math.min(PROGRAMS, programs - first),
      })
  return blocks
}
const DIGITS = 7

/** Puts a hunt there, or finds it there, and follows it to its end. Returns what was told of its blocks. */
export async function followHunt(
  server: Server,
  hunt: QueuedHunt,
  onProgress: (standing: Standing) => void,
): Promise<Told[]> {
  const hunts = huntsOn(server.redis)
  // The same hunt, put there twice, is one.
  const id = createHash('sha256').update(JSON.stringify(hunt)).digest('hex').slice(0, 16)
  const put = async () => {
    await hunts.put(id, JSON.stringify(hunt), blocksOf(hunt))
    const queue = server.queue(id)
    await offer(hunts, queue, id).finally(() => queue.close())
  }
  const takeOff = async (soon: boolean) => {
    const queue = server.queue(id)
    await queue.obliterate({ force: true }).finally(() => queue.close())
    await hunts.end(id, soon)
  }
  for (await put(); ; await new Promise((resolve) => setTimeout(resolve, LOOK))) {
    const standing = await hunts.standing(id)
    if (standing === undefined) {
      // A server that began anew has lost it.
      await put()
      continue
    }
    onProgress(standing)
    if (standing.failed !== undefined) {
      await takeOff(true)
      throw new CommandFailure(standing.failed)
    }
    if (standing.open > 0) continue
    const told = await hunts.told(id)
    await takeOff(false)
    return told
  }
}
