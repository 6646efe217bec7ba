/**
 * The names under which an ES module can import from a CommonJS one: what Node reads off its text, without running it.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { initSync, parse } from 'cjs-module-lexer'
import { languageOf } from '../transform/language.ts'
import { compile } from './compile.ts'
import { isScript, moduleFormat } from './resolve.ts'

/** Does Node give importers `module.exports` itself under that name? */
const HAS_WHOLE = Number(process.versions.node.split('.', 1)[0]) >= 23

initSync()

/**
 * The names, those of modules that it passes on included. `read` gives the JavaScript of a CommonJS file, or nothing.
 */
export function exportedNames(file: string, read: (file: string) => string | undefined): string[] {
  const names = new Set<string>()
  const seen = new Set<string>()
  const visit = (each: string): void => {
    if (seen.has(each)) return
    seen.add(each)
    const text = read(each)
    if (text === undefined) return
    const found = lexed(text)
    for (const name of found.exports) names.add(name)
    for (const source of found.reexports) {
      try {
        visit(createRequire(each).resolve(source))
      } catch {
        // Node knows no names of a module that isn't there; running it says what is wrong.
      }
    }
  }
  visit(file)
  names.delete('default')
  names.delete('module.exports')
  return [...names]
}

/** The JavaScript of a CommonJS file as it stands on the disk; undefined for any other. */
export function commonJsText(file: string): string | undefined {
  if (!isScript(file)) return undefined
  const text = readFileSync(file, 'utf8')
  if (moduleFormat(file, text) === 'module') return undefined
  return languageOf(file) === 'js' ? text : compile(text, file, 'commonjs').code
}

function lexed(text: string): { exports: string[]; reexports: string[] } {
  try {
    return parse(text)
  } catch {
    return { exports: [], reexports: [] }
  }
}

/** An ES module that stands for a CommonJS one. `value` is an expression for what that exports. */
export function facade(names: readonly string[], value: string): string {
  const each = names.map((name, i) => {
    const key = JSON.stringify(name)
    return `const $${i} = of_ && Object.hasOwn(of_, ${key}) ? of_[${key}] : undefined; export { $${i} as ${key} };`
  })
  const whole = HAS_WHOLE ? `, it_ as 'module.exports'` : ''
  return [
    `const it_ = ${value}; export { it_ as default${whole} };`,
    `const of_ = it_ !== null && (typeof it_ === 'object' || typeof it_ === 'function') ? it_ : undefined;`,
    ...each,
  ].join('\n')
}
