/**
 * The syntax tree of a text, which several ask for: how Node loads it, what others may know of it, and its twin.
 */

import { type ParseResult, parseSync } from 'oxc-parser'

/** Characters of texts whose trees are kept: a program that is loaded again with an edit is mostly the same. */
const MOST = 2 ** 20
const kept = new Map<string, ParseResult>()
let characters = 0

/** How a text is read; `unambiguous`: as a module if anything is imported or exported. */
type Reading = 'module' | 'commonjs' | 'unambiguous'

/** Reads a text of an author's, the errors in it told in the result. Nobody may change the tree. */
export function parse(code: string, file: string, lang: 'js' | 'jsx' | 'ts' | 'tsx', reading: Reading): ParseResult {
  const key = keyOf(code, lang, reading)
  const known = kept.get(key)
  if (known !== undefined) return known
  if ((characters += code.length) > MOST) {
    kept.clear()
    characters = code.length
  }
  const parsed = parseSync(file, code, { lang, astType: 'ts', preserveParens: true, sourceType: reading })
  kept.set(key, parsed)
  if (reading === 'unambiguous' && parsed.module.hasModuleSyntax) kept.set(keyOf(code, lang, 'module'), parsed)
  return parsed
}

const keyOf = (code: string, lang: string, reading: Reading): string => `${lang} ${reading}\n${code}`
