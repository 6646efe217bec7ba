/**
 * `virtual:rules`: the rules about races, read from the table in docs/design.md.
 */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'vite'
import { root } from './files.ts'

/** The rows of the table, as code, place and sentence. Throws if there are none. */
export function rulesIn(text: string): [string, string, string][] {
  const rows = [...text.matchAll(/^\| (C\d+) \| (.*?) \| (.*?) \|$/gm)]
  if (rows.length === 0)
    throw new Error('docs/design.md: got no table of rules, expected lines like | C1 | where | what |')
  return rows.map(([, code, where, what]) => [code, where, what.replaceAll('`', '')])
}

export function rules(): Plugin {
  const RULES = 'virtual:rules'
  return {
    name: 'rules',
    resolveId: (source) => (source === RULES ? `\0${RULES}` : undefined),
    load(id) {
      if (id !== `\0${RULES}`) return undefined
      const found = rulesIn(readFileSync(resolve(root, 'docs/design.md'), 'utf8'))
      return `export default ${JSON.stringify(found)}`
    },
  }
}
