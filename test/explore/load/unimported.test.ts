/**
 * Objects whose class stands in a file that the reader's file doesn't import: what it says of its accessors, of what it
 * stands for and of its proxies is known to the reader all the same, or what would be missed is refused by name.
 */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { instrumenter } from '../../../src/explore/load/instrument-file.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { type Exports, withFiles } from '../support/source.ts'

const BUMP = 'const bump = (w) => { const was = Atomics.load(w, 0); Atomics.store(w, 0, was + 1); return was }'

/** What a reader does to an object, and how an object says what that runs. */
const WAYS = {
  getter: ['o.next', '{ get next() { return bump(w) } }'],
  setter: ['(o.next = 1)', '{ set next(v) { bump(w) } }'],
  'a name told elsewhere': ["o[Object.keys(o)[0]] + ''", '{ get next() { return bump(w) } }'],
  valueOf: ['o + 1', '{ valueOf: () => bump(w) }'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: generated text
  template: ['`${o}`', '{ toString: () => bump(w) }'],
  key: ['({})[o]', '{ [Symbol.toPrimitive]: () => bump(w) }'],
  hasInstance: ['1 instanceof o', '{ [Symbol.hasInstance]: () => bump(w) }'],
  proxy: ["'x' in o", 'new Proxy({}, { has: () => bump(w) < 0 })'],
} as const

const filesOf = ([read, object]: readonly [string, string], commonjs: boolean): Record<string, string> => {
  const maker = `${BUMP}\nconst make = (w) => (${object})\n`
  const main = (head: string, tail: string) => `${head}
    const setup = () => new Int32Array(new SharedArrayBuffer(4))
    const thread = (w) => read(make(w))
    ${tail} = { setup, threads: [thread, thread], after: (w) => w[0] === 2 }`
  if (commonjs)
    return {
      'reader.cjs': `exports.read = (o) => ${read}`,
      'maker.cjs': `${maker} exports.make = make`,
      'main.cjs': main(
        `const { read } = require('./reader.cjs'), { make } = require('./maker.cjs')`,
        'exports.scenario',
      ),
    }
  return {
    'reader.mjs': `export function read(o) { return ${read} }`,
    'maker.mjs': `${maker} export { make }`,
    'main.mjs': main(
      `import { read } from './reader.mjs'\nimport { make } from './maker.mjs'`,
      'export const scenario',
    ),
  }
}

describe('is followed and interrupted', () => {
  const all = Object.entries(WAYS).flatMap(([name, way]) => [[name, way, false] as const, [name, way, true] as const])
  it.each(all)('%s (%s, CommonJS: %s)', async (_, way, commonjs) => {
    await withFiles(filesOf(way, commonjs), async (folder) => {
      const loaded = (await loadInstrumented(join(folder, commonjs ? 'main.cjs' : 'main.mjs'))) as Exports
      expect(check(loaded.scenario).violation).toMatchObject({ kind: 'assertion' })
    })
  })
})

/** The verdict where an adapter is handed one file after the other, first that one. */
async function explored(first: 'main.mjs' | 'reader.mjs', way: readonly [string, string]) {
  const files = filesOf(way, false)
  const { 'reader.mjs': reader, 'maker.mjs': maker } = files
  return withFiles(files, async (folder) => {
    const instrument = instrumenter({})
    instrument(files[first], join(folder, first))
    const load = async (name: string, text: string) => {
      const { code } = instrument(text, join(folder, name))
      return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as Exports
    }
    const { read } = await load('reader.mjs', reader)
    const { make } = await load('maker.mjs', maker)
    const setup = () => new Int32Array(new SharedArrayBuffer(4))
    const other = await load(
      'other.mjs',
      'export const threads = (read, make) => [(w) => read(make(w)), (w) => read(make(w))]',
    )
    const threads = other.threads(read, make) as ((w: Int32Array) => unknown)[]
    return check({ setup, threads, after: (w) => w[0] === 2 }).violation
  })
}

describe('where files come one by one', () => {
  it.each(Object.entries(WAYS))(
    'is followed if a file that leads to both came first, as under Vite: %s',
    async (_, way) => {
      expect(await explored('main.mjs', way)).toMatchObject({ kind: 'assertion' })
    },
  )

  it('is refused by name and place if nothing tells what the program is', async () => {
    expect(await explored('reader.mjs', WAYS.getter)).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/the getter next touches shared memory.*maker\.mjs:1/s),
    })
  })
})
