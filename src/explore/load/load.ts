/**
 * Loading instrumented modules in this process, without hooks: for commands, tests and the museum.
 *
 * A file and everything it imports relatively is transformed, written to a temporary folder under names of its
 * own and imported from there. Each load is a fresh copy of the modules, so the same file can be loaded with
 * different edits side by side.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { applyEdits, type Edit } from './edits.ts'
import { importsOf } from './imported.ts'
import '../twins/instrumented.ts'
import { formatOf } from '../transform/transform.ts'
import { transformedText } from './cache.ts'
import { isRelative, packageOf, resolvePackage, resolveRelative } from './resolve.ts'

export type { Edit } from './edits.ts'

/** How to load: with which edits, and what to instrument. */
export interface LoadOptions {
  /** Replacements in the source texts, applied before the transform. */
  readonly edits?: readonly Edit[]
  /** Explore the implementation of locks and RCU instead of their tags. */
  readonly raw?: boolean
  /** Packages from node_modules to instrument as well, by name. */
  readonly packages?: readonly string[]
}

interface Loaded {
  readonly name: string
  readonly output: string
}

/**
 * Transforms a module and what it imports relatively, evaluates it and returns its namespace. Throws if an edit
 * doesn't fit its text exactly once, or names a file that isn't among those loaded.
 */
export async function loadInstrumented(
  file: string | URL,
  options: LoadOptions = {},
): Promise<Record<string, unknown>> {
  const entry = file instanceof URL ? fileURLToPath(file) : resolve(file)
  const loaded = transformAll(entry, options)
  const folder = mkdtempSync(join(tmpdir(), 'explore-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  for (const { name, output } of loaded.values()) writeFileSync(join(folder, name), output)
  try {
    return await import(/* @vite-ignore */ pathToFileURL(join(folder, loaded.get(entry)!.name)).href)
  } finally {
    // Modules that import or require others later need the folder for as long as the process lives.
    if ([...loaded.values()].some(({ output }) => /\b(require|import)\s*\(/.test(output))) process.once('exit', remove)
    else remove()
  }
}

/** Numbers of the files loaded so far. They stay, so that the text of a module that imports one stays the same. */
const numbers = new Map<string, number>()

function transformAll(entry: string, options: LoadOptions): ReadonlyMap<string, Loaded> {
  const { raw = false, edits = [], packages } = options
  const loaded = new Map<string, Loaded>()
  const names = new Map<string, string>()
  const edited = new Set<Edit>()
  const waiting = [entry]
  const read = remembered((file: string) => readFileSync(file, 'utf8'))
  const text = remembered((file: string) => applyEdits(read(file), file, entry, edits, edited))
  const resolved = remembered((source: string, from: string) => resolveRelative(source, from))
  const imports = importsOf(text, raw, resolved)

  // The ending says how Node is to read it, and that depends on the text.
  function nameOf(file: string): string {
    let name = names.get(file)
    if (name === undefined) {
      const module = formatOf(read(file), file) === 'module'
      if (!numbers.has(file)) numbers.set(file, numbers.size)
      name = `${numbers.get(file)}-${basename(file).replace(/\.[^.]*$/, '')}.${module ? 'mjs' : 'cjs'}`
      names.set(file, name)
      waiting.push(file)
    }
    return name
  }
  function specifier(source: string, from: string): string {
    if (isBuiltin(source)) return source
    if (!isRelative(source)) {
      const target = resolvePackage(source, from)
      if (packages?.includes(packageOf(source))) return `./${nameOf(target)}`
      return from.endsWith('.cjs') ? target : pathToFileURL(target).href
    }
    const target = resolved(source, from)
    return /\.[cm]?[jt]s$/.test(target) ? `./${nameOf(target)}` : pathToFileURL(target).href
  }

  nameOf(entry)
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (loaded.has(file)) continue
    const here = file
    const output = transformedText(
      text(file),
      file,
      { raw, url: pathToFileURL(file).href },
      {
        specifier: (source) => specifier(source, here),
        imported: (source, name) => imports.imported(source, name, here),
        accessors: (source) => imports.accessors(source, here),
      },
    )
    loaded.set(file, { name: nameOf(file), output })
  }
  const stray = edits.find((each) => !edited.has(each))
  if (stray) throw new Error(`the edit of ${stray.file} fits no file that ${basename(entry)} loads`)
  return loaded
}

/** The function, answering from memory what it was asked before. What it throws is not remembered. */
function remembered<Arguments extends string[]>(
  answer: (...asked: Arguments) => string,
): (...asked: Arguments) => string {
  const answers = new Map<string, string>()
  return (...asked) => {
    const key = asked.join('\0')
    let known = answers.get(key)
    if (known === undefined) answers.set(key, (known = answer(...asked)))
    return known
  }
}
