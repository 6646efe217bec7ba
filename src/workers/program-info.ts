/**
 * What is known of an attached program. Model: struct bpf_prog_info.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProgramStats } from './program.ts'

/** An attached program: what it is called, since when, and how often it ran. */
export interface ProgramInfo {
  /** Given once, never again. */
  readonly id: number
  /** Name of the module, without folder and extension, up to 15 bytes. */
  readonly name: string
  /** First 8 bytes of the SHA-1 of its text, in hexadecimal; in the kernel of its instructions. */
  readonly tag: string
  /** When it was attached. */
  readonly loadedAt: Date
  /** Ids of the maps it holds. */
  readonly mapIds: readonly number[]
  /** Runs that were counted, and their nanoseconds: those of `run` with `stats`. */
  runCnt: number
  /** Nanoseconds of those runs. */
  runTimeNs: number
}

export function programInfo(id: number, url: string, mapIds: readonly number[]): ProgramInfo {
  const isFile = url.startsWith('file:')
  const text = isFile ? readFileSync(fileURLToPath(url)) : url
  const tag = createHash('sha1').update(text).digest('hex').slice(0, 16)
  const name = isFile
    ? basename(fileURLToPath(url))
        .replace(/\.[^.]*$/, '')
        .slice(0, 15)
    : 'module'
  return { id, name, tag, loadedAt: new Date(), mapIds, runCnt: 0, runTimeNs: 0 }
}

/** Adds what each CPU did. */
export function noteRuns(info: ProgramInfo, stats: readonly ProgramStats[]): void {
  for (const { runs, runTimeNs } of stats) {
    info.runCnt += runs
    info.runTimeNs += runTimeNs
  }
}
