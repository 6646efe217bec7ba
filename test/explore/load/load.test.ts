/**
 * The loader in this process: edits, fresh copies, what an import may be.
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import type { Edit } from '../../../src/explore/load/edits.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import { twinOf } from '../../../src/explore/runtime/twin.ts'
import { runTwin } from '../support/alone.ts'
import { withFiles } from '../support/source.ts'

const files = {
  'main.ts': `import { step } from './step.ts'\nimport { sep } from 'node:path'\nexport let count = 0\nexport const here = import.meta.url\nexport function go(): number { count += step(); return count + sep.length }`,
  'step.ts': 'export function step(): number { return 1 }',
  'old.cjs': `module.exports = { go: (w) => { const { step } = require('./other.cjs'); return step(w) } }`,
  'other.cjs': `exports.step = (w) => w[0]`,
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the source exports
const load = (folder: string, name: string, options = {}): Promise<any> => loadInstrumented(join(folder, name), options)

describe('a module in what Node takes for CommonJS', () => {
  it.each(["import { sep } from 'node:path'", 'export const one = 1'])('is told how to be one: %s', async (text) => {
    await withFiles({ 'package.json': '{ "type": "commonjs" }', 'main.js': text }, async (folder) => {
      await expect(load(folder, 'main.js')).rejects.toThrow(
        /main\.js:1:1: Cannot use .* outside a module: Node takes this file for CommonJS; "type": "module" in the nearest/,
      )
    })
  })
})

describe('loadInstrumented', () => {
  it('tells a module by import.meta where its author put it, followed or not', async () => {
    const told = `[import.meta.url, import.meta.filename, import.meta.dirname, import.meta['filename'], import.meta.resolve('../b.mjs'), import.meta.resolve('node:fs')]`
    const text = `const { dirname } = import.meta\nexport const all = () => [...${told}, dirname]\nexport const word = 'import.meta'`
    const files = {
      'in/a.mjs': text,
      'in/odd.mjs': `${text}\nexport const odd = (code) => eval(code)`,
      'word.cjs': `exports.word = 'import.meta'`,
    }
    await withFiles(files, async (folder) => {
      for (const name of ['a.mjs', 'odd.mjs']) {
        const { all } = await loadInstrumented(join(folder, 'in', name))
        const plain = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'in', name)).href)
        expect((all as () => string[])()).toEqual(plain.all())
      }
      expect((await loadInstrumented(join(folder, 'word.cjs'))).word).toBe('import.meta')
    })
  })

  it('gives each load its own copy of the modules', async () => {
    await withFiles(files, async (folder) => {
      const [a, b] = [await load(folder, 'main.ts'), await load(folder, 'main.ts')]
      expect([a.go(), a.go(), b.go()]).toEqual([2, 3, 2])
      expect([a.count, b.count]).toEqual([2, 1])
      expect(a.here).toMatch(/main\.ts$/)
    })
  })

  it('applies edits, also in imported files, and sites speak of the edited text', async () => {
    await withFiles(files, async (folder) => {
      const edits = [
        { file: './step.ts', from: 'return 1', to: 'const w = new Int32Array(2); return w.length + w[0]!' },
        { from: 'count += step()', to: 'count += step() * 10' },
      ]
      const edited = await load(folder, 'main.ts', { edits })
      expect(edited.go()).toBe(21)
      const { file } = runtime.sites.findLast(({ source }) => source === 'w[0]')!
      expect(file).toMatch(/step\.ts$/)
      expect((await load(folder, 'main.ts')).go()).toBe(2)
    })
  })

  it('fails loudly if an edit fits no place, several places, or no file', async () => {
    await withFiles(files, async (folder) => {
      const attempt = (file: string | undefined, from: string) =>
        load(folder, 'main.ts', { edits: [{ ...(file ? { file } : {}), from, to: '' }] })
      await expect(attempt(undefined, 'nothing like it')).rejects.toThrow(/no longer fits .*main\.ts.*nothing like it/)
      await expect(attempt(undefined, 'count')).rejects.toThrow(/is ambiguous in .*main\.ts/)
      await expect(attempt('./elsewhere.ts', 'x')).rejects.toThrow(
        /elsewhere\.ts fits no file that main\.ts loads: main\.ts, (.*, )?step\.ts/,
      )
    })
  })

  it('knows the file of an edit by as much of its path as is its own', async () => {
    const two = {
      'main.ts': `import { a } from './one/a.ts'\nimport { a as b } from './two/a.ts'\nexport const sum = () => a() + b()`,
      'one/a.ts': 'export const a = () => 1',
      'two/a.ts': 'export const a = () => 1',
    }
    await withFiles(two, async (folder) => {
      const edited = (file: string) => load(folder, 'main.ts', { edits: [{ file, from: '1', to: '5' }] })
      expect((await edited('two/a.ts')).sum()).toBe(6)
      await expect(edited('a.ts')).rejects.toThrow(
        /the edit of a\.ts fits several files, .*a\.ts among them: name more/,
      )
    })
  })

  it('sees an edit of what a module imports, though the text of the module itself is as before', async () => {
    const bump = {
      'two.ts': `import { bump } from './bump.ts'\nexport const two = { setup: () => new Int32Array(new SharedArrayBuffer(4)), threads: [bump, (w: Int32Array) => bump(w)] }`,
      'bump.ts': 'export function bump(w: Int32Array): number { return Atomics.load(w, 0) }',
    }
    await withFiles(bump, async (folder) => {
      const found = async (edits: readonly Edit[]) =>
        check((await load(folder, 'two.ts', { edits })).two).violation?.kind
      const edits = [{ file: './bump.ts', from: 'return Atomics.load(w, 0)', to: 'return w[0]++' }]
      expect([await found([]), await found(edits), await found([])]).toEqual([undefined, 'data-race', undefined])
    })
  })

  it('loads CommonJS with what it requires relatively', async () => {
    await withFiles(files, async (folder) => {
      const { default: old } = await load(folder, 'old.cjs')
      expect(twinOf(old.go)).toBeTypeOf('function')
      expect(old.go([7])).toBe(7)
      expect(runTwin(old.go, [[8]])).toEqual({ value: 8, events: [] })
    })
  })

  it('says which import doesn’t exist', async () => {
    await withFiles({ 'a.ts': `import './gone.ts'` }, async (folder) => {
      await expect(load(folder, 'a.ts')).rejects.toThrow(/a\.ts imports \.\/gone\.ts, which doesn't exist/)
    })
  })
})
