/**
 * Writes down what `lessons/exhibit-index.ts` and `lessons/exhibit-titles.ts` come to, in their places.
 */

import type { Plugin } from 'vite'
import * as index from '../../lessons/exhibit-index.ts'
import { TITLES } from '../../lessons/exhibit-titles.ts'

export function exhibitIndex(): Plugin {
  return {
    name: 'exhibit-index',
    load(id) {
      if (id.endsWith('/lessons/exhibit-titles.ts'))
        return { code: `export const TITLES = ${JSON.stringify(TITLES)}`, moduleType: 'js' }
      if (!id.endsWith('/lessons/exhibit-index.ts')) return undefined
      const parts = Object.entries(index).map(([name, value]) => `export const ${name} = ${written(value)}`)
      return { code: [...parts, TABLE].join('\n'), moduleType: 'js' }
    },
  }
}

/** Makes rows of the names of their fields, and of all that the rows have, row by row. */
const TABLE =
  'function table(names, rows) { return rows.map((row) => Object.fromEntries(names.map((name, k) => [name, row[k]]))) }'

/** A value in JavaScript: rows without the names of their fields, which are the same in all. */
function written(value: unknown): string {
  const isTable = Array.isArray(value) && value.every((each) => typeof each === 'object')
  if (!isTable) return JSON.stringify(value)
  const names = Object.keys(value[0])
  return `table(${JSON.stringify(names)}, ${JSON.stringify(value.map((row) => names.map((name) => row[name])))})`
}
