/**
 * Specifiers to files, as Node finds them: for `import` by its rules for modules, for `require` by its own. Beyond that
 * what is written for TypeScript is found: `./a.js` for a file `a.ts`, and no ending at all.
 */

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { moduleResolve } from 'import-meta-resolve'
import { formatOf } from '../transform/language.ts'

/** Which files are scripts that can be instrumented. */
export const isScript = (path: string): boolean => /\.([cm]?[jt]s|[jt]sx)$/.test(path) && !/\.d\.[cm]?ts$/.test(path)

export function isRelative(source: string): boolean {
  return /^\.{0,2}\//.test(source) || source.startsWith('file:') || source === '.' || source === '..'
}

/** The file of a relative specifier. `./a.js` may be written for a file `a.ts`, as TypeScript wants it. */
export function resolveRelative(source: string, from: string): string {
  const bare = source.startsWith('file:') ? source : source.replace(/[?#].*$/, '')
  const path = bare.startsWith('file:') ? fileURLToPath(bare) : resolve(dirname(from), bare)
  const ends = ['.ts', '.tsx', '.js', '.jsx']
  const tries = [
    path,
    path.replace(/\.([cm]?)js$/, '.$1ts'),
    path.replace(/\.jsx?$/, '.tsx'),
    ...ends.map((end) => `${path}${end}`),
    ...ends.map((end) => join(path, `index${end}`)),
  ]
  const found = tries.find((each) => existsSync(each) && statSync(each).isFile())
  if (found === undefined) throw new Error(`${from} imports ${source}, which doesn't exist`)
  // Node knows a package's files by where they really are, whoever links to them.
  return found.includes('node_modules') ? realpathSync(found) : found
}

/** The condition under which a package of ours has the source in place of what was built. */
const SOURCE = 'sk-storage-source'

/** What Node's own `import` goes by. */
const CONDITIONS = new Set([
  'node',
  'import',
  'node-addons',
  ...((process.features as { require_module?: boolean }).require_module === true ? ['module-sync'] : []),
])

const WITH_SOURCE = new Set([SOURCE, ...CONDITIONS])

/** What bundlers go by when they make something for browsers. */
const IN_BROWSERS = new Set(['browser', 'import'])

/** The file that an import names in a browser, as bundlers find it. Throws as Node does. */
export function resolveInBrowser(source: string, from: string): string {
  if (isBuiltin(source)) return source
  if (isRelative(source)) return resolveRelative(source, from)
  const url = moduleResolve(source, pathToFileURL(from), IN_BROWSERS)
  return url.protocol === 'file:' ? fileURLToPath(url) : url.href
}

/**
 * The file that an import names, or the name of a module of Node's; with `sources` the source of what our package
 * exports to be explored. Throws as Node does.
 */
export function resolveImport(source: string, from: string, sources = false): string {
  if (isBuiltin(source)) return source
  if (isRelative(source)) return resolveRelative(source, from)
  const url = moduleResolve(source, pathToFileURL(from), sources ? WITH_SOURCE : CONDITIONS)
  return url.protocol === 'file:' ? fileURLToPath(url) : url.href
}

/** The source that an import stands for where a package has one to be explored, in place of what was built. */
export function sourceOf(source: string, from: string): string | undefined {
  if (isRelative(source) || isBuiltin(source)) return undefined
  try {
    const file = resolveImport(source, from, true)
    return file === resolveImport(source, from) ? undefined : file
  } catch {
    // Whoever resolves it says so.
    return undefined
  }
}

/** The name of the package that a file belongs to: by the folder of node_modules, else by the nearest package.json. */
export function packageNameOf(file: string): string | undefined {
  const parts = file.split(/[\\/]/)
  const at = parts.lastIndexOf('node_modules')
  if (at === -1) return manifestOf(file).name
  return parts.slice(at + 1, at + (parts[at + 1]?.startsWith('@') ? 3 : 2)).join('/')
}

/** Does the file stand in node_modules, when all links are followed? */
export const isInstalled = (file: string): boolean => /[\\/]node_modules[\\/]/.test(file)

interface Manifest {
  readonly type?: string
  readonly name?: string
}

const manifests = new Map<string, Manifest>()

function manifestOf(file: string): Manifest {
  const folder = dirname(file)
  let known = manifests.get(folder)
  if (known === undefined) {
    const path = join(folder, 'package.json')
    if (existsSync(path)) known = JSON.parse(readFileSync(path, 'utf8')) as Manifest
    else known = dirname(folder) === folder ? {} : manifestOf(folder)
    manifests.set(folder, known)
  }
  return known
}

/** How Node loads a file: by its ending, then by the nearest package.json, then by what it holds. */
export function moduleFormat(file: string, text: string): 'module' | 'commonjs' {
  if (/\.[jt]sx?$/.test(file)) {
    const { type } = manifestOf(file)
    if (type === 'module' || (type === 'commonjs' && file.endsWith('.js'))) return type
  }
  return formatOf(text, file)
}
