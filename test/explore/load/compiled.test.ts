/**
 * TypeScript that a compiler has to see first. What is told of it, places and replay lines, is told of the author's
 * text.
 */

import { mkdirSync, symlinkSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { instrumentText } from '../../../src/explore/load/instrument-text.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { transform } from '../../../src/explore/transform/transform.ts'
import { runTwin } from '../support/alone.ts'
import { type Exports, instrumented, withFiles, words } from '../support/source.ts'

const installed = fileURLToPath(new URL('../../../node_modules', import.meta.url))

const load = (folder: string, name: string): Promise<Exports> => loadInstrumented(join(folder, name))

const states = `
enum State {
  Free,
  Taken = 7,
}
const enum Bits { One = 1, Two = One << 1 }
namespace Numbers {
  export const three = 3
  export namespace Inner { export const four: number = 4 }
}
class Counter {
  constructor(
    private readonly view: Int32Array,
    readonly step = Bits.Two,
  ) {}
  next(): number {
    return (this.view as Int32Array)[0]!
      += this.step
  }
}
const setup = () => new Int32Array(new SharedArrayBuffer(8))
export const take = {
  setup,
  threads: [0, 1].map(
    () =>
      (view: Int32Array) =>
        Atomics.compareExchange(view, 1, State.Free, State.Taken) === State.Free,
  ),
}
export const lost = {
  setup,
  threads: [
    (view: Int32Array) => {
      new Counter(view).next()
    },
    (view: Int32Array) => {
      new Counter(view).next()
    },
  ],
}
export const values = (view: Int32Array) => [
  State[7], State.Taken, Bits.Two, Numbers.three, Numbers.Inner.four, new Counter(view).next(),
]
`

describe('enums, namespaces and parameter properties', () => {
  it('mean what TypeScript makes of them', async () => {
    const { values } = await instrumented(states)
    const outcome = runTwin(values, [words(1, [5])])
    expect(outcome).toEqual({ value: ['Taken', 7, 2, 3, 4, 7], events: ['read 0', 'write 0'] })
    expect(values(words(1, [5]))).toEqual(['Taken', 7, 2, 3, 4, 7])
  })

  it('are explored: one of two takes it', async () => {
    const { take } = await instrumented(states)
    const result = check(take)
    expect(result).toMatchObject({ exhaustive: true, complete: 2, violation: null })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['false | true', 'true | false'])
  })

  it('leave reports and replay lines on the author’s lines', async () => {
    await withFiles({ 'states.ts': states }, async (folder) => {
      const { lost } = await load(folder, 'states.ts')
      const { violation } = check(lost as Parameters<typeof check>[0])
      const line = states.split('\n').findIndex((each) => each.includes('(this.view as')) + 1
      expect(violation).toMatchObject({ kind: 'data-race', sites: [join(folder, `states.ts:${line}`)] })
      // In another load, as by another command later.
      const { lost: again } = await load(folder, 'states.ts')
      const replayed = replay(again as Parameters<typeof check>[0], violation!.replay)
      expect(replayed).toMatchObject({ stale: false, violation: { kind: 'data-race' } })
      expect(replayed.diverged).toBeUndefined()
    })
  })

  it('have sites with the author’s line, column and text', () => {
    const { sites } = instrumentText(states, 'states.ts', {})
    const lines = states.split('\n')
    const line = lines.findIndex((each) => each.includes('compareExchange')) + 1
    expect(sites).toContainEqual({
      file: 'states.ts',
      line,
      column: lines[line - 1].indexOf('Atomics') + 1,
      operation: 'Atomics.compareExchange',
      source: 'Atomics.compareExchange(view, 1, State.Free, State.Taken)',
    })
    const flat = states.replace(/\s+/g, ' ')
    // What the compiler makes of an enum has places, too; nobody wrote it.
    const written = sites.filter(({ source }) => flat.includes(source))
    expect(written.length).toBeGreaterThan(8)
    for (const { line, column, source } of written) {
      const [start] = /^\w+/.exec(source) ?? []
      if (start !== undefined) expect(lines[line - 1].slice(column - 1)).toMatch(new RegExp(`^${start}`))
    }
  })

  it('have a map that leads a twin back to the author’s lines', () => {
    const { code, map } = instrumentText(states, 'states.ts', {})
    const printed = code.split('\n')
    const instance = printed.findIndex((each) => /^function\* \S+making/.test(each))
    const line = printed.slice(0, instance).findLastIndex((each) => each.includes('State.Taken'))
    const entry = new SourceMap(JSON.parse(map.toString())).findEntry(line, printed[line].lastIndexOf('State.Taken'))
    const wanted = states.split('\n').findIndex((each) => each.includes('State[7]'))
    expect('originalLine' in entry && entry.originalLine).toBe(wanted)
  })

  it('change nothing for a text that needs no compiler', () => {
    const text = 'export const f = (w: Int32Array): number => w[0]!'
    const { code, sites, fingerprint } = instrumentText(text, 'a.ts', {})
    expect({ code, sites, fingerprint }).toEqual(
      (({ code, sites, fingerprint }) => ({ code, sites, fingerprint }))(transform(text, 'a.ts')),
    )
  })

  it('keep tags, and say where one would be lost', async () => {
    const tagged =
      'enum A { B }\n/** @explore deref w[A.B] */\nexport function d(w: Int32Array): number { return w[A.B]! }'
    const { d } = await instrumented(tagged)
    expect(runTwin(d, [words(1, [3])])).toEqual({ value: 3, events: ['dereference 0'] })
    await expect(instrumented('enum A { B }\nlet x = /** @explore deref w[0] */ 1')).rejects.toThrow(/@explore/)
  })
})

describe('enums of other files', () => {
  const files = {
    'states.ts': `export const enum State { Free, Taken = 1 << 2, Both = Free | Taken }
export enum Kind { A = 'a', B = 'b' }
export declare enum Ambient { Gone }
namespace Inner { export const enum Deep { One = 11 } }
export import Deep = Inner.Deep`,
    'barrel.ts': `export { State, Kind as Sort } from './states'\nexport * as all from './states.js'`,
    'main.ts': `import { State as S, Sort, all } from './barrel'
import type { Kind } from './states'
import { Deep } from './states'
const sort: Kind = Sort.B
export const f = (w: Int32Array) => [Atomics.compareExchange(w, 0, S.Free, S.Taken), S.Both, Deep.One, sort, all.State.Taken, S[4]]`,
  }
  it.each([{}, { isolatedModules: true }, { preserveConstEnums: true }, { verbatimModuleSyntax: true }])(
    'are what TypeScript makes of them, with %j',
    async (compilerOptions) => {
      await withFiles({ ...files, 'tsconfig.json': JSON.stringify({ compilerOptions }) }, async (folder) => {
        const { f } = await load(folder, 'main.ts')
        expect(runTwin(f, [words(1)])).toEqual({ value: [0, 4, 11, 'b', 4, 'Both'], events: ['cas 0 0 4'] })
      })
    },
  )
})

describe('import = and export =', () => {
  const files = {
    'main.ts': `import path = require('node:path')\nimport Tool = require('./tool')\nimport { one } from './one'\nexport const f = (w: Int32Array) => new Tool(w).read() + one + path.sep.length`,
    'tool.ts': `class Tool { constructor(private w: Int32Array) {} read() { return Atomics.load(this.w, 0) } }\nexport = Tool`,
    'mixed.ts': `import { one } from './one'\nconst value = { one, f: (w: Int32Array) => w[0]! }\nexport = value`,
    'user.ts': `import value from './mixed'\nimport same = require('./mixed')\nexport const f = value.f\nexport const both = [value === same, value.one]`,
    'one.ts': `enum E { One = 1 }\nexport const one = E.One`,
  }
  it('load what they name', async () => {
    await withFiles(files, async (folder) => {
      const { f } = await load(folder, 'main.ts')
      expect(runTwin(f, [words(1, [40])])).toEqual({ value: 42, events: ['load 0'] })
      const { f: other, both } = await load(folder, 'user.ts')
      expect(runTwin(other, [words(1, [9])])).toEqual({ value: 9, events: ['read 0'] })
      expect(both).toEqual([true, 1])
    })
  })
})

describe('decorators', () => {
  const text = `
    const log: unknown[] = []
    function mark(name: string): any {
      return (...args: any[]) => { log.push([name, typeof args[0], typeof args[1] === 'object' ? args[1].kind : args[1], args[2]?.value === undefined ? args[2] : 'descriptor']) }
    }
    @mark('class') class A {
      @mark('field') at: number = 1
      @mark('method') read(w: Int32Array): number { return w[this.at]! }
    }
    export const told = log
    export const f = (w: Int32Array) => new A().read(w)`

  it('are TypeScript’s older ones where the nearest tsconfig says so', async () => {
    const config = { compilerOptions: { experimentalDecorators: true } }
    await withFiles(
      {
        'inner/a.ts': text,
        'base.json': JSON.stringify(config),
        'tsconfig.json': '{ "extends": "./base.json", /* as */ }',
      },
      async (folder) => {
        const { told, f } = await load(folder, 'inner/a.ts')
        expect(told).toEqual([
          ['field', 'object', 'at', undefined],
          ['method', 'object', 'read', 'descriptor'],
          ['class', 'function', undefined, undefined],
        ])
        expect(runTwin(f, [words(2, [0, 4])])).toEqual({ value: 4, events: ['read 1'] })
      },
    )
  })

  it('are applied in TypeScript’s order, by TypeScript, where static members have them beside others', async () => {
    const mixed = `const told: string[] = []
      const mark = (_: any, key: string): any => void told.push(key)
      class A { @mark static first = 1; @mark second = 2; @mark static third() {} @mark fourth() {} }
      export { told }`
    const config = JSON.stringify({ compilerOptions: { experimentalDecorators: true } })
    await withFiles({ 'a.ts': mixed, 'tsconfig.json': config }, async (folder) => {
      await expect(load(folder, 'a.ts')).rejects.toThrow(/got decorators of static members beside others/)
      mkdirSync(join(folder, 'node_modules'))
      symlinkSync(join(installed, 'typescript'), join(folder, 'node_modules/typescript'))
      expect((await load(folder, 'a.ts')).told).toEqual(['second', 'fourth', 'first', 'third'])
    })
  })

  it('are those of the language where it does not, by the project’s TypeScript', async () => {
    await withFiles({ 'a.ts': text }, async (folder) => {
      await expect(load(folder, 'a.ts')).rejects.toThrow(/expected a package typescript that can be found from there/)
      mkdirSync(join(folder, 'node_modules'))
      symlinkSync(join(installed, 'typescript'), join(folder, 'node_modules/typescript'))
      const { told, f } = await load(folder, 'a.ts')
      expect(told).toEqual([
        ['method', 'function', 'method', undefined],
        ['field', 'undefined', 'field', undefined],
        ['class', 'function', 'class', undefined],
      ])
      expect(runTwin(f, [words(2, [0, 4])])).toEqual({ value: 4, events: ['read 1'] })
    })
  })

  it('get the metadata of types if it is asked for', async () => {
    const files = {
      'tsconfig.json': JSON.stringify({
        compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true },
      }),
      'a.ts': `
        const seen: unknown[] = []
        ;(Reflect as any).metadata = (key: string, value: any) => () => { seen.push([key, value?.name ?? value?.map?.((each: any) => each.name)]) }
        function d(..._: any[]): any {}
        class A { @d m(a: string, @d b: Date): number { return 1 } }
        delete (Reflect as any).metadata
        export { seen }`,
    }
    await withFiles(files, async (folder) => {
      const { seen } = await load(folder, 'a.ts')
      expect(seen).toEqual([
        ['design:returntype', 'Number'],
        ['design:paramtypes', ['String', 'Date']],
        ['design:type', 'Function'],
      ])
    })
  })
})

describe('using', () => {
  const text = `
    const make = (w, at, log) => ({ [Symbol.dispose]() { log.push(at, w[at]++) }, async [Symbol.asyncDispose]() { await null; log.push('later', at, w[at]++) } })
    export const f = (w) => {
      const log = []
      try {
        using a = make(w, 0, log), none = null
        for (using b of [make(w, 1, log), make(w, 1, log)]) log.push('turn')
        { using c = make(w, 0, log); throw log.push('thrown') }
      } catch (error) { log.push('caught', error) }
      return log
    }
    export async function g(w) {
      const log = []
      { await using a = make(w, 1, log); using b = make(w, 0, log) }
      return log.concat(w[0])
    }
    const late = async (w) => { await using a = make(w, 0, []); return 1 }
    export const race = { setup: () => new Int32Array(new SharedArrayBuffer(8)), threads: [late, (w) => { w[0] = 7 }] }`
  const withTypeScript = (folder: string) => {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(installed, 'typescript'), join(folder, 'node_modules/typescript'))
  }

  it.each(['a.ts', 'a.mjs'])('is followed, compiled by the project’s TypeScript (%s)', async (name) => {
    await withFiles({ [name]: name === 'a.ts' ? `// @ts-nocheck\n${text}` : text }, async (folder) => {
      withTypeScript(folder)
      const { f, g, race } = await load(folder, name)
      expect(runTwin(f, [words(2, [5, 8])])).toEqual({
        value: ['turn', 1, 8, 'turn', 1, 9, 'thrown', 0, 5, 0, 6, 'caught', 5 + 2],
        events: ['read 1', 'write 1', 'read 1', 'write 1', 'read 0', 'write 0', 'read 0', 'write 0'],
      })
      expect(await g(words(2, [5, 8]))).toEqual([0, 5, 'later', 1, 8, 6])
      const line = text.split('\n').findIndex((each) => each.includes('const make')) + (name === 'a.ts' ? 2 : 1)
      expect(check(race).violation).toMatchObject({
        kind: 'data-race',
        sites: expect.arrayContaining([join(folder, `${name}:${line}`)]),
      })
    })
  })

  it('is left to Node, in a file that is not followed, where there is no TypeScript', async () => {
    const { code } = instrumentText(text, '/nowhere/a.mjs', {})
    expect(code).toContain('await using a = make(w, 1, log)')
    expect(code).toContain("stands in a file that can't be followed: using, which TypeScript compiles: expected")
    await withFiles({ 'a.ts': 'using a = null' }, async (folder) => {
      await expect(load(folder, 'a.ts')).rejects.toThrow(
        /a\.ts: got using, which TypeScript compiles: expected a package/,
      )
    })
  })
})

describe('other texts for a compiler', () => {
  it('are JSX, with the factory that the tsconfig names', async () => {
    const files = {
      'tsconfig.json': JSON.stringify({ compilerOptions: { jsx: 'react', jsxFactory: 'h' } }),
      'a.tsx':
        'const h = (tag: string, _: unknown, ...inner: unknown[]) => [tag, ...inner]\nexport const f = (w: Int32Array) => <p>{w[0]}<b>{w[1]}</b></p>',
    }
    await withFiles(files, async (folder) => {
      const { f } = await load(folder, 'a.tsx')
      expect(runTwin(f, [words(2, [3, 4])])).toEqual({ value: ['p', 3, ['b', 4]], events: ['read 0', 'read 1'] })
    })
  })

  it('are accessor fields', async () => {
    const { f } = await instrumented(
      'class A { accessor x = 2 }\nexport const f = (w: Int32Array) => w[0]! + new A().x',
    )
    expect(runTwin(f, [words(1, [3])])).toEqual({ value: 5, events: ['read 0'] })
  })

  it('assign fields where the tsconfig’s target does', async () => {
    const text = 'class A { y = this.x * 2; z?: number; constructor(private x: number) {} }\nexport const a = new A(4)'
    for (const [target, expected] of [
      ['es2020', { x: 4, y: 8 }],
      ['es2022', { x: 4, y: Number.NaN, z: undefined }],
    ] as const) {
      const files = { 'tsconfig.json': JSON.stringify({ compilerOptions: { target } }), 'a.ts': text }
      await withFiles(files, async (folder) => {
        const { a } = await load(folder, 'a.ts')
        expect({ ...a }).toEqual(expected)
        expect('z' in a).toBe('z' in expected)
      })
    }
  })
})

describe('a file that can’t be transformed', () => {
  const files = {
    'odd.ts': `export class A { y = 1; static z = 2; m(w: any): boolean { return delete w?.[0] } }
export const run = (code: string): unknown => eval(code)
export function add(w: Int32Array): number { 'use strict'; return Atomics.add(w, 0, 1) }`,
    'main.ts': `import { A, add, run } from './odd.ts'
const setup = () => new Int32Array(new SharedArrayBuffer(4))
const bump = (w: Int32Array) => Atomics.add(w, 0, 1)
export const inSetup = { setup: () => { const w = setup(); w[0] = run('2') as number + A.z + new A().y + add(w); return w }, threads: [bump, bump] }
export const called = { setup, threads: [(w: Int32Array) => add(w), bump] }
export const hidden = { setup, threads: [(w: Int32Array) => { run('1'); bump(w) }, bump] }
export const made = { setup, threads: [(w: Int32Array) => { new A(); bump(w) }, bump] }`,
  }
  it('loads, and refuses the thread that enters one of its functions, by name and place', async () => {
    await withFiles(files, async (folder) => {
      const { inSetup, called, hidden, made } = await load(folder, 'main.ts')
      expect(check(inSetup)).toMatchObject({ exhaustive: true, complete: 2, violation: null })
      const message = (scenario: unknown) => check(scenario as Parameters<typeof check>[0]).violation
      const because = /stands in a file that can't be followed: .*odd\.ts:\d:\d+: /
      expect(message(called)).toMatchObject({ kind: 'refused', sites: [join(folder, 'odd.ts:3')] })
      expect(message(called)!.message).toMatch(/^thread 0: add /)
      expect(message(called)!.message).toMatch(because)
      expect(message(hidden)).toMatchObject({ kind: 'refused', sites: [join(folder, 'odd.ts:2')] })
      expect(message(made)!.message).toMatch(because)
    })
  })

  it.each(['', 'async '])('is refused as the file of a thread, too: %s', async (kind) => {
    const text = `export const all = { setup: () => new Int32Array(new SharedArrayBuffer(4)), threads: [${kind}(w: Int32Array) => eval('w[0]')] }`
    const { all } = await instrumented(text)
    const message = expect.stringContaining("stands in a file that can't be followed")
    expect(check(all).violation).toMatchObject({ kind: 'refused', message })
  })
})

it('begins behind a line that is for the shell', async () => {
  const { f } = await instrumented('#!/usr/bin/env node\nexport const f = (w) => w[0]', {}, 'a.mjs')
  expect(runTwin(f, [words(1, [3])])).toEqual({ value: 3, events: ['read 0'] })
})

it('tells two operations on one long line apart by their columns', async () => {
  const line = `const pad=${JSON.stringify('x'.repeat(250))};export const f=(w)=>{w[0]=1};export const g=(w)=>{w[0]=2};export const all={setup:()=>new Int32Array(new SharedArrayBuffer(4)),threads:[f,g]}`
  await withFiles({ 'min.mjs': `// ours\n${line}` }, async (folder) => {
    const { all } = await load(folder, 'min.mjs')
    const { violation } = check(all as Parameters<typeof check>[0])
    const columns = ['w[0]=1', 'w[0]=2'].map((text) => line.indexOf(text) + 1)
    const places = columns.map((column) => join(folder, `min.mjs:2:${column}`))
    expect([...violation!.sites].sort()).toEqual([...places].sort())
    expect(violation!.steps.map(({ where }) => where).sort()).toEqual([...places].sort())
  })
})
