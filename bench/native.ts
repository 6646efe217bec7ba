/**
 * Our C programs, the reference (native/) and the asker of the running kernel (kernel/): compiled with the system's C
 * compiler on first use, once for each version of their text.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MeasuredCase } from './suite.ts'
import { Unavailable } from './unavailable.ts'

/** What is compiled lies in the repository, wherever this file was built to. */
export function sourceDirectory(program: string): string {
  const beside = fileURLToPath(new URL(`./${program}/`, import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../bench/${program}/`, import.meta.url))
}

/** A folder that is ours alone: what others could have put there is not run. */
export function cacheDirectory(): string {
  const directory = join(tmpdir(), `sk-storage-bench-${process.getuid?.() ?? 0}`)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(directory)
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Unavailable(`${directory} belongs to somebody else`)
  return directory
}

/** The path of the compiled program. Throws Unavailable, which says what is missing. */
export function compiled(program: string): string {
  const source = sourceDirectory(program)
  const files = readdirSync(source).filter((name) => /\.[ch]$/.test(name))
  const hash = createHash('sha256')
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(source, name)))
  const binary = join(cacheDirectory(), `${program}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary
  const fresh = `${binary}.${process.pid}`
  const inputs = files.filter((name) => name.endsWith('.c')).map((name) => join(source, name))
  const [cc = 'cc', ...flags] = (process.env.CC ?? '').split(' ').filter((word) => word !== '')
  try {
    execFileSync(cc, [...flags, '-O2', '-pthread', '-o', fresh, ...inputs], { stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { code, status, stderr } = error as { code?: string; status?: number; stderr?: Buffer }
    if (code === 'ENOENT') throw new Unavailable(`no C compiler: ${cc} is not found (CC may name another)`)
    const said = stderr?.toString().trim().split('\n')[0] || `${cc} ended with status ${status}`
    throw new Unavailable(`the C compiler can't make it: ${said}`)
  }
  renameSync(fresh, binary)
  return binary
}

/** The number that a program prints. Throws Unavailable with its last words if it fails. */
export function printed(program: string, ...args: (string | number)[]): number {
  const binary = compiled(program)
  try {
    return Number(execFileSync(binary, args.map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    throw new Unavailable(stderr?.trim() || message)
  }
}

/** A case of the C reference that takes a number of milliseconds and prints one number. */
export function nativeCase(name: string, what: string): MeasuredCase {
  return { name, measure: ({ time }) => printed('native', what, time) }
}
