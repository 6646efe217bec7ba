/**
 * Another tree of sources, built for as long as something is done with it, and gone afterwards, whatever happens.
 */

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT } from './exit-status.ts'
import { UsageError } from './usage-error.ts'

/** This tree, seen from dist/src/command. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a build needs. */
const SOURCES = ['src', 'props', 'museum', 'conformance', 'bench', 'mutation', 'scripts', 'package.json']
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json']

/** The end of the process, however it comes: what is under way is ended, and what was written is removed. */
function atEnd(end: () => void): () => void {
  const onSignal = () => process.exit(EXIT.interrupted)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.once(signal, onSignal)
  process.once('exit', end)
  return () => {
    for (const signal of signals) process.removeListener(signal, onSignal)
    process.removeListener('exit', end)
    end()
  }
}

/** Calls `use` with a tree that `fill` has filled, with our packages. */
export async function withTree<T>(
  fill: (tree: string) => void,
  use: (tree: string) => Promise<T>,
  after = () => {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-tree-'))
  const end = atEnd(() => {
    rmSync(folder, { recursive: true, force: true })
    after()
  })
  try {
    const tree = join(folder, 'tree')
    fill(tree)
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
    return await use(tree)
  } finally {
    end()
  }
}

/** Copies this tree's folder or file of that name, without packages that were installed in it. */
export function bring(tree: string, name: string): void {
  rmSync(join(tree, name), { recursive: true, force: true })
  cpSync(join(ROOT, name), join(tree, name), {
    recursive: true,
    filter: (source) => !source.slice(ROOT.length).includes('node_modules'),
  })
}

/**
 * Makes a tree of this one's sources with the patches of a folder, which `plant` applies. Throws UsageError for a patch
 * that does not fit, and where there are no sources: the package has none.
 */
export function fillVariant(folder: string, plant: (folder: string, tree: string) => void, tree: string): void {
  if (!existsSync(join(ROOT, CONFIGURATION[0])))
    throw new UsageError('--edits: got the installed package, expected a checkout, which it can build')
  for (const name of [...SOURCES, ...CONFIGURATION]) bring(tree, name)
  try {
    plant(folder, tree)
  } catch (error) {
    throw new UsageError(`--edits: ${(error as Error).message}`)
  }
}

/** Calls `use` with a script in dist of this tree with the patches of a folder. Throws UsageError as `fillVariant`. */
export function withVariant<T>(
  folder: string,
  plant: (folder: string, tree: string) => void,
  script: string,
  use: (script: string) => Promise<T>,
): Promise<T> {
  const built = async (tree: string): Promise<T> => {
    const complaint = build(tree)
    const path = join(tree, 'dist', script)
    if (!existsSync(path)) throw new UsageError(`--edits: got ${folder}, expected patches of what builds: ${complaint}`)
    return use(path)
  }
  return withTree((tree) => fillVariant(folder, plant, tree), built)
}

/**
 * Builds a tree and returns what the compiler complained of. Types are not looked at: what can't be run says so when it
 * is.
 */
export function build(tree: string): string {
  const run = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: tree, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  let complaint = ''
  try {
    const project = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--declarationMap', 'false']
    run('node_modules/typescript/bin/tsc', ...project)
  } catch (error) {
    complaint = lastWords(error)
  }
  // What older revisions call it, and where.
  const bundlers = ['scripts/bundle.js', 'scripts/bundle-ground.js', 'bundle-ground.js']
  const bundler = bundlers.find((file) => existsSync(join(tree, file)))
  if (bundler !== undefined && existsSync(join(tree, 'dist'))) run(bundler)
  return complaint
}

/** The line of what a program has said that tells why it ended. */
export function lastWords(error: unknown): string {
  const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string }
  const said = (stderr || stdout || message).trim().split('\n')
  return said.find((line) => /error/i.test(line)) ?? said[0]
}

/** Runs a script of a tree with these arguments in place of this command, and returns its exit status. */
export async function runInstead(script: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' })
  const end = atEnd(() => void child.kill())
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (status) => resolve(status ?? EXIT.failed))
    })
  } finally {
    end()
  }
}
