/**
 * Compiles the oracle with the system's C compiler, once for each version of its text.
 */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The oracle's text: beside this file, or, when this file runs from dist, where it was compiled from. */
function sourceDirectory(): string {
  const beside = fileURLToPath(new URL('./oracle/', import.meta.url))
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../conformance/oracle/', import.meta.url))
}

/** The path of the compiled oracle. Throws an Error that says what is missing. */
export function compileOracle(): string {
  const source = sourceDirectory()
  if (!existsSync(source))
    throw new Error('the source of the oracle is missing: it is in the repository, not in the package')
  const files = readdirSync(source).filter((name) => /\.[ch]$/.test(name))
  const hash = createHash('sha256')
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(source, name)))
  const directory = join(tmpdir(), `sk-storage-oracle-${process.getuid?.() ?? 0}`)
  const binary = join(directory, hash.digest('hex').slice(0, 16))
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // Others can write where it lies: what is not ours alone is not run.
  const { uid, mode } = lstatSync(directory)
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${directory} belongs to somebody else`)
  if (existsSync(binary)) return binary
  const fresh = `${binary}.${process.pid}`
  const inputs = files.filter((name) => name.endsWith('.c')).map((name) => join(source, name))
  // CC may hold flags too, as it does for make.
  const [cc = 'cc', ...flags] = (process.env.CC ?? '').split(' ').filter((word) => word !== '')
  try {
    execFileSync(cc, [...flags, '-O1', '-Wall', '-pthread', '-o', fresh, ...inputs], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const { code, status, stderr } = error as { code?: string; status?: number; stderr?: Buffer }
    if (code === 'ENOENT') throw new Error(`a C compiler is missing: ${cc} is not found (CC may name another)`)
    const said = stderr?.toString().trim().split('\n')[0] || `${cc} ended with status ${status}`
    throw new Error(`the C compiler can't make the oracle: ${said}`)
  }
  renameSync(fresh, binary)
  return binary
}
