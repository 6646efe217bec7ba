/**
 * The plugin for Vite and Vitest: `plugins: [explorePlugin()]` in the config, and nothing else.
 *
 * It comes before Vite's own handling of TypeScript, so that what is explored is the author's text.
 *
 * @module sk-storage/vite
 */

import { fileURLToPath } from 'node:url'
import { MisuseError } from '../runtime/misuse-error.ts'
import { formatOf, usesCommonJs } from '../transform/language.ts'
import { commonJsText, exportedNames, facade } from './exported-names.ts'
import { type InstrumentOptions, instrumenter, isInstrumented } from './instrument-file.ts'
import { namesPackage, withEnvironment } from './packages.ts'
import { packageNameOf, sourceOf } from './resolve.ts'
import { PATIENCE } from './watchdog.ts'

export type { InstrumentOptions } from './instrument-file.ts'

/** Options of the plugin. */
export interface PluginOptions extends InstrumentOptions {
  /**
   * Seconds that a test may compute in an exploration without a visible step. What takes longer, or sleeps for four
   * times as long, is told on stderr, and its process is ended. By default 30; `Infinity`: nobody looks.
   */
  readonly patience?: number
}

/** As much of Vite's plugin interface as is used here. Vite itself need not be installed. */
export interface ExplorePlugin {
  /** Name in Vite's messages. */
  name: string
  /** Before Vite's own plugins. */
  enforce: 'pre'
  /** Learns the project's root. */
  configResolved(config: { root: string }): void
  /** Learns whether Vitest is to report on coverage. */
  configureVitest(context: { vitest: { config: { coverage?: { enabled?: boolean } } } }): void
  /** Has the packages that are to be instrumented pass through Vite. */
  config(user?: { test?: { coverage?: { enabled?: boolean } } }): {
    ssr: { noExternal: string[] | true }
    test: { server: { deps: { inline: string[] | true } } }
    oxc?: { include: RegExp; exclude: RegExp }
  }
  /** Finds the source of what a package that is to be instrumented has built from it. */
  resolveId(source: string, importer?: string): string | undefined
  /** Instruments a module, or leaves it alone. */
  transform(code: string, id: string, options?: { ssr?: boolean }): { code: string; map: string | null } | undefined
}

// The runtime that instrumented modules import stands next to this file, as .ts here and .js when built.
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const runtimeFile = fileURLToPath(new URL(`../agents/install.${ending}`, import.meta.url))
const watchdogFile = fileURLToPath(new URL(`./watchdog.${ending}`, import.meta.url))
const requireFile = fileURLToPath(new URL(`./require.${ending}`, import.meta.url))

/** Instruments the modules of a Vite project, so that its tests can explore them. */
export function explorePlugin(options: PluginOptions = {}): ExplorePlugin {
  const { raw = false, patience = PATIENCE } = options
  if (!(patience > 0)) throw new MisuseError(`patience: got ${patience}, expected seconds, more than 0`)
  let forNode = false
  const watched = (name: string) =>
    `import { watchOver as ${name}w } from ${JSON.stringify(watchdogFile)}; ${name}w(${patience});`
  const instrument = instrumenter(options, {
    runtime: (name) =>
      `import { instrumented as ${name} } from ${JSON.stringify(runtimeFile)};${forNode ? watched(name) : ''}`,
  })
  const packages = withEnvironment(options.packages)
  const inline = typeof packages === 'boolean' ? true : [...packages]
  let folders = options.folders ?? []
  let isCounted = false
  return {
    name: 'sk-storage-explore',
    enforce: 'pre',
    config(user) {
      const counts =
        user?.test?.coverage?.enabled === true || process.argv.some((word) => word.startsWith('--coverage'))
      return {
        ssr: { noExternal: inline },
        test: { server: { deps: { inline } } },
        // Printed anew, as TypeScript is, generated text has no places that a report takes for its neighbours'.
        ...(counts && { oxc: { include: /\.[cm]?[jt]sx?$/, exclude: /\/node_modules\// } }),
      }
    },
    configureVitest({ vitest }) {
      isCounted = vitest.config.coverage?.enabled === true
    },
    configResolved({ root }) {
      folders = options.folders ?? [root]
    },
    resolveId(source, importer) {
      const its = importer === undefined ? undefined : sourceOf(source, importer.replace(/[?#].*$/, ''))
      return its !== undefined && namesPackage(packages, packageNameOf(its)) ? its : undefined
    },
    transform(code, id, { ssr = false } = {}) {
      const path = id.replace(/[?#].*$/, '')
      if (path.startsWith('\0') || !isInstrumented(path, { ...options, folders })) return undefined
      // Node's own CommonJS knows what Vite's does not: what names there are, what is required and when.
      if (ssr && formatOf(code, path) === 'commonjs' && usesCommonJs(code)) {
        const value = `require_(${JSON.stringify(path)}, ${JSON.stringify({ raw, packages })})`
        const names = exportedNames(path, commonJsText)
        const head = `import { requireInstrumented as require_ } from ${JSON.stringify(requireFile)};`
        return { code: `${head}\n${facade(names, value)}`, map: null }
      }
      forNode = ssr
      const { code: output, map, plainMap } = instrument(code, path)
      // A twin with places of its own would count each line once more, as one that no plain test reaches.
      return { code: output, map: (isCounted ? plainMap() : map).toString() }
    },
  }
}

/** The older name of `explorePlugin`, which is also that of the function that explores. */
export const explore: typeof explorePlugin = explorePlugin
