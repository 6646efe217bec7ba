/**
 * Node's loader: `node --import sk-storage/register`. A process of its own, on what was built.
 */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { withFiles } from '../support/source.ts'

const built = fileURLToPath(new URL('../../../dist/src/explore', import.meta.url))
const register = join(built, 'load/register.js')
const run = promisify(execFile)

const files = {
  'main.ts': `
    import { inc } from './inc.js'
    import { old } from './old.cjs'
    const { T, e } = (globalThis as any)[Symbol.for('sk-storage/explore instrumented')]
    const words: Int32Array = new Int32Array(new SharedArrayBuffer(8))
    inc(words, 0)
    let stack = ''
    try { (inc as any)[T](null, 0).next() } catch (error) { stack = (error as Error).stack! }
    console.log(JSON.stringify([words[0], typeof (inc as any)[T], typeof (old as any)[T], e.sites.length > 0, /inc\\.ts:3:/.test(stack)]))`,
  'inc.ts': `interface Nothing {}
export function inc(words: Int32Array, at: number): void {
  words[at]!++
}`,
  'old.cjs': `exports.old = (w) => w[0]`,
}

describe.skipIf(!existsSync(register))('node --import register', () => {
  it('instruments TypeScript and CommonJS, and keeps stack traces on the author’s lines', async () => {
    await withFiles(files, async (folder) => {
      const { stdout } = await run(process.execPath, ['--import', register, join(folder, 'main.ts')])
      expect(JSON.parse(stdout)).toEqual([1, 'function', 'function', true, true])
    })
  })
})
