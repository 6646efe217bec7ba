/**
 * Import specifiers to files, as Node resolves them for `import`.
 */

import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export function isRelative(source: string): boolean {
  return /^\.{0,2}\//.test(source) || source.startsWith('file:') || source === '.' || source === '..'
}

/** The file of a relative specifier. `./a.js` may be written for a file `a.ts`, as TypeScript wants it. */
export function resolveRelative(source: string, from: string): string {
  const path = source.startsWith('file:') ? fileURLToPath(source) : resolve(dirname(from), source)
  const tries = [path, path.replace(/\.([cm]?)js$/, '.$1ts'), `${path}.ts`, `${path}.js`, join(path, 'index.js')]
  const found = tries.find((each) => existsSync(each) && /\.[^/]+$/.test(each))
  if (found === undefined) throw new Error(`${from} imports ${source}, which doesn't exist`)
  return found
}

/** `@scope/name` or `name` of a package specifier. */
export function packageOf(source: string): string {
  return source.split('/', source.startsWith('@') ? 2 : 1).join('/')
}

/** The file of a package specifier, by its `exports` with the conditions of `import`, else as `require` finds it. */
export function resolvePackage(source: string, from: string): string {
  const name = packageOf(source)
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name)
    const manifest = join(root, 'package.json')
    if (existsSync(manifest)) {
      const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown }
      const found = exports === undefined ? undefined : exported(exports, `.${source.slice(name.length)}`)
      if (found !== undefined) return join(root, found)
      break
    }
    if (folder === dirname(folder)) break
  }
  return createRequire(from).resolve(source)
}

const conditions = ['node', 'import', 'module-sync', 'default']

function exported(exports: unknown, path: string): string | undefined {
  const map = exports as Record<string, unknown>
  const isMap =
    typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'))
  return conditional(isMap ? map[path] : path === '.' ? exports : undefined)
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  if (typeof target !== 'object' || target === null) return undefined
  if (Array.isArray(target)) return target.map(conditional).find((each) => each !== undefined)
  for (const [condition, inner] of Object.entries(target)) {
    if (conditions.includes(condition)) return conditional(inner)
  }
  return undefined
}
