/**
 * What is known of an attached program. Model: struct bpf_prog_info.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadedProgram } from './loaded-object.ts'
import type { ProgramStats } from './program.ts'

/** Bytes of the longest name, as in the kernel. */
const LONGEST_NAME = 15

/** An attached program: what it is called, since when, and how often it ran. */
export interface ProgramInfo {
  /** Given once, never again. */
  readonly id: number
  /** Name of the module, without folder and extension, up to 15 bytes. */
  readonly name: string
  /** The kernel's name of its type. */
  readonly type: string
  /**
   * First 8 bytes of the SHA-1 of its text, in hexadecimal; of a compiled program, as in the kernel, of its
   * instructions.
   */
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

/** Of a program that was compiled. */
export function compiledInfo(id: number, { name, type, code }: LoadedProgram, mapIds: readonly number[]): ProgramInfo {
  return { ...named(id, type, name, code), mapIds, runCnt: 0, runTimeNs: 0 }
}

function named(id: number, type: string, name: string, text: string | Uint8Array) {
  const tag = createHash('sha1').update(text).digest('hex').slice(0, 16)
  return { id, name: name.slice(0, LONGEST_NAME), type, tag, loadedAt: new Date() }
}

/** Of a program that is a module. */
export function programInfo(id: number, url: string, mapIds: readonly number[]): ProgramInfo {
  const isFile = url.startsWith('file:')
  const text = isFile ? readFileSync(fileURLToPath(url)) : url
  const name = isFile ? basename(fileURLToPath(url)).replace(/\.[^.]*$/, '') : 'module'
  return { ...named(id, 'cgroup_skb', name, text), mapIds, runCnt: 0, runTimeNs: 0 }
}

/** Adds what each CPU did. */
export function noteRuns(info: ProgramInfo, stats: readonly Pick<ProgramStats, 'runs' | 'runTimeNs'>[]): void {
  for (const { runs, runTimeNs } of stats) {
    info.runCnt += runs
    info.runTimeNs += runTimeNs
  }
}
