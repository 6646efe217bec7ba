/**
 * Writes down what `lessons/exhibit-index.ts` comes to, in its place.
 */

import type { Plugin } from 'vite'
import * as index from '../../lessons/exhibit-index.ts'

export function exhibitIndex(): Plugin {
  return {
    name: 'exhibit-index',
    load(id) {
      if (!id.endsWith('/lessons/exhibit-index.ts')) return undefined
      const parts = Object.entries(index).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}`)
      return { code: parts.join('\n'), moduleType: 'js' }
    },
  }
}
