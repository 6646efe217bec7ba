/**
 * CommonJS as Node has it, on instrumented texts: each file is evaluated once, when it is first required, with
 * `module`, `require` and its own place. A file that isn't instrumented is left to Node's own `require`.
 */

import Module, { createRequire, isBuiltin } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COPY } from '../runtime/own-modules.ts'
import { isRelative, resolveRelative } from './resolve.ts'

/** What this needs of the loader. */
export interface Texts {
  /** How the file that this request led to is loaded; undefined: by Node, as it stands. */
  format(file: string, request?: string): 'module' | 'commonjs' | undefined
  /** Where the instrumented text of a module stands. */
  moduleAt(file: string): string
  /** Where a file stands whose value is a function of `exports`, `require`, `module` and so on. */
  functionAt(file: string): string
  /** The name of the folder where those stand. */
  readonly folder: string
}

export interface CommonJs {
  /** What the file exports. */
  load(file: string): unknown
  /** `node:module`, whose `createRequire` gives a `require` that instruments. */
  readonly module: typeof Module
}

type Evaluate = (...known: [exports: unknown, require: unknown, module: Module, file: string, folder: string]) => void

const native = createRequire(import.meta.url)

export function createCommonJs(texts: Texts): CommonJs {
  const cache: Record<string, Module> = Object.create(null)

  function load(file: string, parent?: Module): unknown {
    const format = texts.format(file)
    if (format === undefined) return native(file)
    if (format === 'module') {
      const namespace = native(texts.moduleAt(file)) as Record<string, unknown>
      return 'module.exports' in namespace ? namespace['module.exports'] : namespace
    }
    const known = cache[file]
    if (known !== undefined) return known.exports
    const module = new Module(file, parent)
    module.filename = file
    module.paths = (Module as unknown as { _nodeModulePaths(folder: string): string[] })._nodeModulePaths(dirname(file))
    const require = requireFrom(file, module)
    module.require = require
    cache[file] = module
    try {
      const evaluate = native(texts.functionAt(file)) as Evaluate
      evaluate.call(module.exports, module.exports, require, module, file, dirname(file))
      module.loaded = true
    } catch (error) {
      delete cache[file]
      throw error
    }
    return module.exports
  }

  function requireFrom(file: string, module?: Module): NodeJS.Require {
    const its = createRequire(file)
    const resolve = (request: string, options?: { paths?: string[] }): string => {
      try {
        return its.resolve(request, options)
      } catch (error) {
        if (!isRelative(request)) throw error
        try {
          return resolveRelative(request, file)
        } catch {
          throw error
        }
      }
    }
    const require = (request: string): unknown => {
      if (/^(node:)?module$/.test(request)) return wrapped
      if (isBuiltin(request)) return its(request)
      const found = resolve(request)
      return texts.format(found, request) === undefined ? its(request) : load(found, module)
    }
    return Object.assign(require, {
      resolve: Object.assign(resolve, { paths: its.resolve.paths }),
      main: its.main,
      extensions: its.extensions,
      cache,
      [COPY]: texts.folder,
    }) as NodeJS.Require
  }

  const wrapped = new Proxy(Module, {
    get(target, key) {
      if (key !== 'createRequire') return Reflect.get(target, key)
      return (from: string | URL) => {
        // Node's own says what is wrong with it.
        createRequire(from)
        return requireFrom(String(from).startsWith('file:') ? fileURLToPath(from) : String(from))
      }
    },
  })
  return { load, module: wrapped }
}
