/**
 * A part of the page that is loaded late is asked for by a plain `import()`: all styles are there from the start, and
 * nothing is preloaded.
 */

import type { Plugin } from 'vite'

export function noPreload(): Plugin {
  return {
    name: 'no-preload',
    enforce: 'pre',
    load(id) {
      if (!id.includes('vite/preload-helper')) return undefined
      return { code: 'export const __vitePreload = (load) => load()', moduleType: 'js' }
    },
  }
}
