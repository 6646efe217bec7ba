/**
 * Of what is bundled into the page Vite writes the licences beside it, but it does not look into workers: those hold
 * nothing of others'. A build in which one does fails.
 */

import type { Plugin } from 'vite'

export function workersOfOurOwn(): Plugin {
  return {
    name: 'workers-of-our-own',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        const foreign = chunk.type === 'chunk' ? chunk.moduleIds.find((id) => id.includes('/node_modules/')) : undefined
        if (foreign !== undefined)
          throw new Error(
            `got ${foreign} in a worker of the page, expected only modules of our own: its licence is missing`,
          )
      }
    },
  }
}
