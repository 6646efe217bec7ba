/**
 * The plugin for Vite and Vitest: `plugins: [explorePlugin()]` in the config, and nothing else.
 *
 * It comes before Vite's own handling of TypeScript, so that what is explored is the author's text.
 *
 * @module sk-storage/vite
 */

import { fileURLToPath } from 'node:url'
import { type InstrumentOptions, instrumenter, isInstrumented } from './instrument-file.ts'

export type { InstrumentOptions } from './instrument-file.ts'

/** As much of Vite's plugin interface as is used here. Vite itself need not be installed. */
export interface ExplorePlugin {
  /** Name in Vite's messages. */
  name: string
  /** Before Vite's own plugins. */
  enforce: 'pre'
  /** Learns the project's root. */
  configResolved(config: { root: string }): void
  /** Has the packages that are to be instrumented pass through Vite. */
  config(): { ssr: { noExternal: string[] }; test: { server: { deps: { inline: string[] } } } }
  /** Instruments a module, or leaves it alone. */
  transform(code: string, id: string): { code: string; map: string } | undefined
}

// The runtime that instrumented modules import stands next to this file, as .ts here and .js when built.
const runtimeFile = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../twins/instrumented.ts' : '../twins/instrumented.js', import.meta.url),
)

/** Instruments the modules of a Vite project, so that its tests can explore them. */
export function explorePlugin(options: InstrumentOptions = {}): ExplorePlugin {
  const instrument = instrumenter(options, {
    runtime: (name) => `import { instrumented as ${name} } from ${JSON.stringify(runtimeFile)};`,
  })
  const packages = [...(options.packages ?? [])]
  let folders = options.folders ?? []
  return {
    name: 'sk-storage-explore',
    enforce: 'pre',
    config: () => ({ ssr: { noExternal: packages }, test: { server: { deps: { inline: packages } } } }),
    configResolved({ root }) {
      folders = options.folders ?? [root]
    },
    transform(code, id) {
      const path = id.replace(/[?#].*$/, '')
      if (path.startsWith('\0') || !isInstrumented(path, { ...options, folders })) return undefined
      const { code: output, map } = instrument(code, path)
      return { code: output, map: map.toString() }
    },
  }
}

/** The older name of `explorePlugin`, which is also that of the function that explores. */
export const explore: typeof explorePlugin = explorePlugin
