/**
 * CommonJS files for a bundler's module runner: each stands there as an ES module that takes what it exports from here.
 */

import { bundled } from '../runtime/own-modules.ts'
import type { CommonJs } from './commonjs.ts'
import { createCopy } from './copy.ts'
import type { LoadOptions } from './load-options.ts'

/** One copy of all CommonJS files of this process, for each way of instrumenting them. */
const copies = new Map<string, CommonJs>()

/** What a CommonJS file exports, instrumented, with what it requires. */
export function requireInstrumented(file: string, options: LoadOptions): unknown {
  const key = JSON.stringify(options)
  let commonjs = copies.get(key)
  if (commonjs === undefined) {
    const copy = createCopy(file, options)
    copies.set(key, (commonjs = copy.commonjs))
    copy.keep()
    bundled.add(copy.folder)
  }
  return commonjs.load(file)
}
