/**
 * Hooks of Node's module loader that instrument what is imported.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { commonJsText, exportedNames } from './exported-names.ts'
import { type InstrumentOptions, instrumenter, isInstrumented } from './instrument-file.ts'

interface Resolved {
  url: string
  format?: string | null | undefined
}
type Resolve = (specifier: string, context: object, next: (specifier: string, context: object) => Resolved) => Resolved

interface Loaded {
  format: string
  source: string
  shortCircuit: true
}
type Load = <T>(
  url: string,
  context: { format?: string | null | undefined },
  next: (url: string, context: object) => T,
) => T | Loaded

/** The hooks. They are synchronous themselves, and pass on whatever the next one gives. */
export function hooks(options: InstrumentOptions): { resolve: Resolve; load: Load } {
  const [, main] = process.argv
  const entry = main !== undefined && isInstrumented(main, options) ? main : undefined
  const instrument = instrumenter(options, {}, entry)
  return {
    resolve(specifier, context, next) {
      // TypeScript wants `./a.js` written where the file is `a.ts`.
      const typed = /^\.{1,2}\/.*\.[cm]?js$/.test(specifier) ? specifier.replace(/js$/, 'ts') : undefined
      if (typed === undefined) return next(specifier, context)
      return either(
        () => next(specifier, context),
        () => next(typed, context),
      )
    },
    load(url, context, next) {
      const path = url.startsWith('file:') ? fileURLToPath(url) : ''
      if (path === '' || context.format === 'json' || !isInstrumented(path, options)) return next(url, context)
      const { code, map, format } = instrument(readFileSync(path, 'utf8'), path)
      const known = context.format === 'commonjs' || context.format === 'module' ? context.format : format
      const told = known === 'commonjs' ? toldNames(path) : ''
      return { format: known, source: `${code}${told}\n//# sourceMappingURL=${map.toUrl()}\n`, shortCircuit: true }
    },
  }
}

/**
 * The names that Node reads off a CommonJS text without running it, as text that never runs: an instrumented function
 * hides some of them.
 */
function toldNames(path: string): string {
  const names = exportedNames(path, commonJsText)
  return names.length === 0 ? '' : `\n0 && (${names.map((name) => `exports[${JSON.stringify(name)}] = 0`).join(', ')});`
}

/** The first that works; `next` may throw at once or give a promise that fails. */
function either<T>(first: () => T, second: () => T): T {
  try {
    const result = first()
    return result instanceof Promise ? (result.catch(() => second()) as T) : result
  } catch {
    return second()
  }
}

let active: ReturnType<typeof hooks> | undefined

/** Node 20: called in the thread of the hooks. */
export function initialize(options: InstrumentOptions): void {
  active = hooks(options)
}

export const resolve: Resolve = (specifier, context, next) =>
  active ? active.resolve(specifier, context, next) : next(specifier, context)

export const load: Load = (url, context, next) => (active ? active.load(url, context, next) : next(url, context))
