/**
 * `virtual:search-worker` is the address of the worker that searches. It is built together with the page, so that both
 * load the same explorer: what Vite makes of `new Worker` is a bundle of its own, with another copy.
 */

import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const WORKER = 'virtual:search-worker'

export function searchWorker(): Plugin {
  return {
    name: 'search-worker',
    resolveId: (source) => (source === WORKER ? `\0${WORKER}` : undefined),
    load(id) {
      if (id !== `\0${WORKER}`) return undefined
      const file = fileURLToPath(new URL('../search-worker.ts', import.meta.url))
      const reference = this.emitFile({ type: 'chunk', id: file, name: 'search-worker' })
      return `export default import.meta.ROLLUP_FILE_URL_${reference}`
    },
  }
}
