/**
 * CommonJS: what a file exports, requires and knows of itself is what Node gives it.
 */

import { execFile } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { twinOf } from '../../../src/explore/runtime/twin.ts'
import { runTwin } from '../support/alone.ts'
import { type Exports, withFiles, words } from '../support/source.ts'

const register = fileURLToPath(new URL('../../../dist/src/explore/load/register.js', import.meta.url))

const load = (folder: string, name: string, options = {}): Promise<Exports> =>
  loadInstrumented(join(folder, name), options)

/** What a module gives its importers, as text: names, and values without what belongs to one load. */
function shown(namespace: object): unknown {
  const seen = new Set<unknown>()
  const show = (value: unknown): unknown => {
    if (typeof value === 'function') return `function ${value.name} ${value.length} ${Object.keys(value)}`
    if (typeof value !== 'object' || value === null) return value === undefined ? 'undefined' : value
    if (seen.has(value)) return 'again'
    seen.add(value)
    return Object.entries(value).map(([key, inner]) => [key, show(inner)])
  }
  const names = Object.keys(namespace).sort()
  return names.map((name) => [name, show((namespace as Record<string, unknown>)[name])])
}

/** What Node itself makes of these files, in a process of its own. */
async function inNode(files: readonly string[]): Promise<unknown[]> {
  const script = `const shown = ${shown}
    const all = []
    for (const file of ${JSON.stringify(files.map((file) => pathToFileURL(file).href))}) {
      const it = { ...await import(file) }
      all.push([shown(it), await it.lazily?.()])
    }
    console.log(JSON.stringify(all))`
  const args = ['--no-warnings', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as unknown[]
}

/** Every shape of module, by the name of the file that is imported. */
const shapes: Record<string, Record<string, string>> = {
  'names.js': { 'names.js': `exports.a = 1; exports['b-c'] = 2; exports.default = 3; exports.if = 4` },
  'whole.js': { 'whole.js': `module.exports = { a: 1, b() { return 2 } }` },
  'function.js': { 'function.js': `module.exports = function named(a, b) {}; module.exports.extra = 1` },
  'primitive.js': { 'primitive.js': `module.exports = 5` },
  'nothing.js': { 'nothing.js': `module.exports = null` },
  'class.js': { 'class.js': `class A { m() { return 1 } }\nmodule.exports = A\nmodule.exports.A = A` },
  'barrel.js': {
    'barrel.js': `'use strict'
Object.defineProperty(exports, '__esModule', { value: true })
var inner_1 = require('./inner')
Object.defineProperty(exports, 'x', { enumerable: true, get: function () { return inner_1.x } })
__exportStar(require('./inner'), exports)
function __exportStar(m, exports) { for (var p in m) if (p !== 'default' && !Object.prototype.hasOwnProperty.call(exports, p)) exports[p] = m[p] }`,
    'inner.js': `exports.x = 1; exports.y = 2`,
  },
  'passed.js': { 'passed.js': `module.exports = require('./real.js')`, 'real.js': `exports.deep = { a: [1, 2] }` },
  'umd.js': {
    'umd.js': `(function (root, factory) {
  if (typeof define === 'function' && define.amd) define(['exports'], factory)
  else if (typeof exports === 'object' && typeof module !== 'undefined') factory(exports)
  else factory((root.umd = {}))
})(this, function (exports) { exports.one = 1; exports.self = typeof this })`,
  },
  'this.js': {
    'this.js': `this.a = 1; exports.same = this === exports && this === module.exports; exports.n = arguments.length`,
  },
  'json.js': {
    'json.js': `exports.data = require('./data.json'); exports.named = require('./data')`,
    'data.json': `{ "a": [1] }`,
  },
  'itself.js': {
    'itself.js': `const path = require('path')
exports.names = [path.basename(__filename), path.basename(__dirname) === path.basename(path.dirname(__filename)), module.filename === __filename, module.id === __filename, require.main === module]
exports.inside = [typeof require.resolve, path.basename(require.resolve('./other')), module.loaded, Object.keys(require.cache).includes(__filename), module.paths.length > 0]
exports.later = require('./other').loaded(module)`,
    'other.js': `exports.loaded = (m) => [m.loaded, module.loaded]`,
  },
  'cycle.js': {
    'cycle.js': `exports.done = false; const b = require('./back.js'); exports.sawInBack = b.saw; exports.done = true; exports.backDone = b.done`,
    'back.js': `const a = require('./cycle.js'); exports.saw = a.done; exports.done = true`,
  },
  'optional.js': {
    'optional.js': `let fast; try { fast = require('not-there-at-all') } catch (e) { fast = e.code }
let no; try { require('./nor-this') } catch (e) { no = e.code }
exports.fast = fast; exports.no = no
exports.chosen = require(['.', 'chosen'].join('/')).value`,
    'chosen.js': `exports.value = 9`,
  },
  'once.js': {
    'once.js': `const a = require('./count'), b = require('./count.js'); exports.same = a === b; exports.count = a.count; delete require.cache[require.resolve('./count')]; exports.fresh = require('./count') !== a`,
    'count.js': `exports.count = (globalThis.countedOnce = (globalThis.countedOnce ?? 0) + 1) > 0`,
  },
  'folder.js': {
    'folder.js': `exports.a = require('./in').a; exports.b = require('..').b`.replace("'..'", "'./in/'"),
    'in/index.js': `exports.a = 1; exports.b = 2`,
  },
  'throws.js': {
    'throws.js': `let first; try { require('./bad') } catch (e) { first = e.message } let second; try { require('./bad') } catch (e) { second = e.message } exports.told = [first, second]`,
    'bad.js': `exports.half = true; throw new Error('bad')`,
  },
  'sloppy.js': {
    'sloppy.js': `exports.sloppy = (function () { return this === globalThis })(); exports.strict = (function () { 'use strict'; return this })()`,
  },
  'package.js': {
    'package.js': `exports.dep = require('dep'); exports.sub = require('dep/sub'); exports.pattern = require('dep/parts/one'); exports.self = require('self-named/own'); try { require('dep/hidden') } catch (e) { exports.hidden = e.code }`,
    'package.json': `{ "name": "self-named", "exports": { "./own": "./own.js" }, "imports": { "#inner": { "require": "./own.js", "import": "./own.mjs" } } }`,
    'own.js': `exports.own = 1`,
    'own.mjs': `export const own = 2`,
    'node_modules/dep/package.json': `{ "name": "dep", "exports": { ".": { "import": "./i.mjs", "node": { "require": "./r.js" }, "default": "./d.js" }, "./sub": "./sub.js", "./parts/*": "./parts/*.js" } }`,
    'node_modules/dep/i.mjs': `export const how = 'import'`,
    'node_modules/dep/r.js': `exports.how = 'require'`,
    'node_modules/dep/d.js': `exports.how = 'default'`,
    'node_modules/dep/sub.js': `exports.sub = 1`,
    'node_modules/dep/hidden.js': ``,
    'node_modules/dep/parts/one.js': `exports.part = 1`,
  },
  'mixed.mjs': {
    'mixed.mjs': `import * as star from './names.cjs'
import whole, { a } from './names.cjs'
import { createRequire } from 'node:module'
import module from 'module'
import { how } from 'dep'
import { own } from '#inner'
import { own as named } from 'self-named/own'
import data from './data.json' with { type: 'json' }
const require = createRequire(import.meta.url)
export const all = [Object.keys(star).sort(), whole === require('./names.cjs'), a, module.createRequire(import.meta.url)('./names.cjs') === whole, how, require('dep').how, own, named, data.x]
export const lazily = async () => (await import('./names.cjs')).a
let gone; try { await import('not-there-either') } catch (e) { gone = e.code } export { gone }`,
    'names.cjs': `exports.a = 1; exports.b = 2`,
    'data.json': `{ "x": 3 }`,
    'package.json': `{ "name": "self-named", "type": "module", "exports": { "./own": { "require": "./own.cjs", "default": "./own.js" } }, "imports": { "#inner": "./own.js" } }`,
    'own.js': `export const own = 2`,
    'node_modules/dep/package.json': `{ "name": "dep", "exports": { "import": "./i.mjs", "require": "./r.cjs" } }`,
    'node_modules/dep/i.mjs': `export const how = 'import'`,
    'node_modules/dep/r.cjs': `exports.how = 'require'`,
  },
}

describe('a module of every shape', () => {
  it('gives its importers what it gives them in Node', async () => {
    const names = Object.keys(shapes)
    const files = names.flatMap((name) =>
      Object.entries({ 'package.json': '{}', ...shapes[name] }).map(([file, text]) => [`${name}/${file}`, text]),
    )
    await withFiles(Object.fromEntries(files), async (folder) => {
      const paths = names.map((name) => join(folder, name, name))
      const plain = await inNode(paths)
      for (const packages of [[], true]) {
        const ours: unknown[] = []
        for (const path of paths) {
          const it = { ...(await loadInstrumented(path, { packages })) } as Exports
          ours.push([shown(it), (await it.lazily?.()) ?? null])
        }
        const named = (all: unknown[]) => all.map((each, i) => [names[i], each])
        expect(named(JSON.parse(JSON.stringify(ours)))).toEqual(named(plain))
      }
    })
  })
})

describe('CommonJS that shares memory', () => {
  const files = {
    'package.json': '{ "type": "commonjs" }',
    'a.js': `const { one } = require('dep'); exports.bump = (w) => Atomics.add(w, 0, one)`,
    'node_modules/dep/package.json': '{ "name": "dep", "version": "1.0.0" }',
    'node_modules/dep/index.js': `exports.one = 1; exports.add = require('./add').add`,
    'node_modules/dep/add.js': `exports.add = (w) => w[0]++`,
    'main.mjs': `import m from './a.js'
import { add } from 'dep'
const setup = () => new Int32Array(new SharedArrayBuffer(4))
export const two = { setup, threads: [(w) => m.bump(w), (w) => m.bump(w)] }
export const deep = { setup, threads: [(w) => add(w), (w) => add(w)] }`,
    'back.cts': `import helper = require('./helper.cjs')\nenum E { One = 1 }\nexport = { f: (w: Int32Array) => helper.read(w) + E.One }`,
    'helper.cjs': `exports.read = (w) => w[0]`,
  }
  it('is explored, with what it requires', async () => {
    await withFiles(files, async (folder) => {
      const { two } = await load(folder, 'main.mjs')
      expect(check(two)).toMatchObject({ exhaustive: true, complete: 2, violation: null })
    })
  })

  it('of a package is refused until the package is named, and the message says how', async () => {
    await withFiles(files, async (folder) => {
      const { deep } = await load(folder, 'main.mjs')
      const { violation } = check(deep as Parameters<typeof check>[0])
      expect(violation).toMatchObject({ kind: 'refused' })
      expect(violation!.message).toMatch(
        /dep is followed if named: --packages dep .*explorePlugin.*EXPLORE_PACKAGES=dep/,
      )
      for (const packages of [['dep'], true]) {
        const named = await load(folder, 'main.mjs', { packages })
        expect(check(named.deep).violation).toMatchObject({
          kind: 'data-race',
          sites: [join(folder, 'node_modules/dep/add.js:1')],
        })
      }
      process.env.EXPLORE_PACKAGES = 'other,dep'
      try {
        expect(check((await load(folder, 'main.mjs')).deep).violation).toMatchObject({ kind: 'data-race' })
      } finally {
        delete process.env.EXPLORE_PACKAGES
      }
    })
  })

  it('may be TypeScript', async () => {
    await withFiles(files, async (folder) => {
      const { default: back } = await load(folder, 'back.cts')
      expect(twinOf(back.f)).toBeTypeOf('function')
      expect(runTwin(back.f, [words(1, [7])])).toEqual({ value: 8, events: ['read 0'] })
    })
  })

  it('is edited where it is required', async () => {
    await withFiles(files, async (folder) => {
      const edits = [{ file: './helper.cjs', from: 'w[0]', to: 'w[1]' }]
      const { default: back } = await load(folder, 'back.cts', { edits })
      expect(runTwin(back.f, [words(2, [7, 1])])).toEqual({ value: 2, events: ['read 1'] })
    })
  })
})

describe('packages that are linked to', () => {
  const dep = (from: string) => ({
    [`${from}/package.json`]: '{ "name": "dep", "type": "module", "exports": "./index.js" }',
    [`${from}/index.js`]: 'import { inner } from "inner"\nexport const add = (w) => Atomics.add(w, 0, 1) + inner',
    [`${from}/node_modules/inner/package.json`]: '{ "name": "inner", "main": "./index.js" }',
    [`${from}/node_modules/inner/index.js`]: 'exports.inner = 0',
  })
  const main = `import { add } from 'dep'\nconst setup = () => new Int32Array(new SharedArrayBuffer(4))\nexport const two = { setup, threads: [(w) => add(w), (w) => add(w)] }`

  it('of a workspace are the author’s own', async () => {
    await withFiles({ ...dep('packages/dep'), 'node_modules/.keep': '', 'main.mjs': main }, async (folder) => {
      symlinkSync('../packages/dep', join(folder, 'node_modules/dep'))
      expect(check((await load(folder, 'main.mjs')).two)).toMatchObject({ exhaustive: true, complete: 2 })
    })
  })

  it('as pnpm links them go by their name', async () => {
    const store = 'node_modules/.pnpm/dep@1.0.0/node_modules'
    const files = { ...dep(`${store}/dep`), 'main.mjs': main }
    await withFiles(files, async (folder) => {
      symlinkSync('.pnpm/dep@1.0.0/node_modules/dep', join(folder, 'node_modules/dep'))
      expect(check((await load(folder, 'main.mjs')).two).violation).toMatchObject({ kind: 'refused' })
      const { two } = await load(folder, 'main.mjs', { packages: ['dep'] })
      expect(check(two)).toMatchObject({ exhaustive: true, complete: 2, violation: null })
    })
  })
})

describe.skipIf(!existsSync(register))('node --import register', () => {
  it('gives importers all names of a CommonJS file', async () => {
    const files = {
      ...shapes['barrel.js'],
      'package.json': '{}',
      'main.mjs': `import * as all from './barrel.js'\nimport { x } from './barrel.js'\nconsole.log(JSON.stringify([Object.keys(all).sort(), x]))`,
    }
    await withFiles(files, async (folder) => {
      const run = promisify(execFile)
      const main = join(folder, 'main.mjs')
      const [ours, plain] = await Promise.all([
        run(process.execPath, ['--import', register, main]),
        run(process.execPath, [main]),
      ])
      expect(ours.stdout).toBe(plain.stdout)
      expect(ours.stdout).toContain('"y"')
    })
  })
})
