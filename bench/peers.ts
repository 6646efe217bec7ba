/**
 * Packages that only the benchmarks use: in peers/package.json, apart from the library's own, installed by npm when
 * first asked for.
 */

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Unavailable } from './unavailable.ts'

/** Milliseconds that npm may take. */
const PATIENCE = 180_000

/** The folder lies in the repository, wherever this file was built to. */
const folder = [new URL('./peers/', import.meta.url), new URL('../../bench/peers/', import.meta.url)].find((url) =>
  existsSync(new URL('package.json', url)),
)

/** What the package `name` exports. Throws Unavailable where it is not installed and can't be. */
export async function peer(name: string): Promise<unknown> {
  if (folder === undefined) throw new Unavailable(`bench/peers is missing: it is in the repository, not in the package`)
  if (!existsSync(new URL(`node_modules/${name}/package.json`, folder))) install(fileURLToPath(folder))
  const require = createRequire(new URL('package.json', folder))
  return import(pathToFileURL(resolved(require, name)).href)
}

/** Packages that are only for import have no entry for require: then their own package.json says which file it is. */
function resolved(require: NodeJS.Require, name: string): string {
  try {
    return require.resolve(name)
  } catch {
    const { exports, main } = require(fileURLToPath(new URL(`node_modules/${name}/package.json`, folder)))
    const entry = typeof exports === 'string' ? exports : (exports?.['.']?.default ?? exports?.default ?? main)
    return fileURLToPath(new URL(`node_modules/${name}/${entry}`, folder))
  }
}

function install(directory: string): void {
  const options = ['--no-package-lock', '--no-audit', '--no-fund', '--fetch-retries=0']
  try {
    execFileSync('npm', ['install', ...options], { cwd: directory, stdio: 'pipe', timeout: PATIENCE })
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string }
    const said = stderr?.toString().match(/^npm (?:error|ERR!) (?!code)(.+)$/m)?.[1] ?? message
    throw new Unavailable(`npm can't install it: ${said}`)
  }
}
