/**
 * What language a file is in, and how Node loads it.
 */

import { parse } from './parse.ts'

/** The language of a file, by its ending. */
export function languageOf(file: string): 'js' | 'jsx' | 'ts' | 'tsx' {
  if (/\.[cm]?ts$/.test(file)) return 'ts'
  return file.endsWith('.tsx') ? 'tsx' : file.endsWith('.jsx') ? 'jsx' : 'js'
}

/** Whether a text without imports and exports says by its names that it is CommonJS. */
export const usesCommonJs = (code: string): boolean =>
  /\b(module\s*\.\s*exports|exports\s*[.[]|require\s*\(|this\s*,\s*function)/.test(code)

/** ES module or CommonJS: by the ending where it says so, else by whether anything is imported or exported. */
export function formatOf(code: string, file: string): 'module' | 'commonjs' {
  if (/\.m[jt]s$/.test(file)) return 'module'
  if (/\.c[jt]s$/.test(file)) return 'commonjs'
  const lang = languageOf(file)
  const { module } = parse(code, file, lang, 'unambiguous')
  if (module.hasModuleSyntax) return 'module'
  return lang === 'js' || usesCommonJs(code) ? 'commonjs' : 'module'
}
