/**
 * TypeScript goes in, JavaScript comes out; lines, columns and site texts are those of what went in.
 */

import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import { readModule } from '../../../src/explore/transform/read-module.ts'
import { knownOf, transform } from '../../../src/explore/transform/transform.ts'
import { runTwin } from '../support/alone.ts'
import { instrumented, withFiles, words } from '../support/source.ts'

const source = `import type { Nothing } from './nowhere.ts'
import { type Void, resolve } from 'node:path'
import Unmarked, { type Void as V, AlsoUnmarked } from './nowhere-either.ts'
export type { Nothing }
interface Shape<T> { readonly at: T }
type Words = Int32Array
declare const absent: number
declare global { interface Window {} }
export abstract class Base<T extends object = {}> implements Shape<number> {
  declare phantom: string
  private readonly inner: Words
  static count?: number = 0
  protected extra!: number
  [key: string]: unknown
  readonly at: number = 1
  constructor(words: Words, _unused?: T) { this.inner = words as Words }
  abstract missing(): void
  first(this: Base<T>, at: number = 0): number
  first(at: any): number { return (this.inner as Words)[at]! satisfies number }
}
export class Derived extends Base<{ a: 1 }> {
  override missing(): void {}
}
export function overloaded(a: string): string
export function overloaded(a: number): string
export function overloaded(a: unknown): asserts a is string { return String(a) as any }
export const generic = <T,>(x: T): T => <T>x
export function run(words: Words, at?: number): number[] {
  const d = new Derived(words) as Derived
  const list: Array<number> & { u?: Unmarked<AlsoUnmarked> } = []
  list.push(d.first(at!), generic<number>(words[1]!), (words as unknown as Words)[2]!)
  let plain!: number
  plain = words[3]! as number
  const pick = (({ a, b = 2 }: { a: number; b?: number }): number => a + b)
  return [...list, plain, pick({ a: 1 }), resolve!('/').length]
}
`

describe('a TypeScript module', () => {
  it('runs with its types erased', async () => {
    const { run } = await instrumented(source)
    const outcome = runTwin(run, [words(4, [5, 6, 7, 8]), 0])
    expect(outcome).toEqual({
      value: [5, 6, 7, 8, 3, 1],
      events: ['read 0', 'read 1', 'read 2', 'read 3'],
    })
    expect(run(words(4, [5, 6, 7, 8]), 0)).toEqual([5, 6, 7, 8, 3, 1])
  })

  it('has sites with the line, column and text of the author', () => {
    const { sites } = transform(source, 'a.ts')
    expect(sites).toContainEqual({ file: 'a.ts', line: 31, column: 43, operation: 'read', source: 'words[1]' })
    expect(sites).toContainEqual({
      file: 'a.ts',
      line: 19,
      column: 35,
      operation: 'read',
      source: '(this.inner as Words)[at]',
    })
    const lines = source.split('\n')
    for (const { line, column, source: text } of sites) {
      if (text.endsWith('…')) continue
      const [start] = text.split(' ')
      expect(lines[line - 1].slice(column - 1)).toMatch(new RegExp(`^${start.replace(/\W/g, '\\$&')}`))
    }
  })

  it('maps a twin back to the lines of the author', () => {
    const { code, map } = transform(source, 'a.ts')
    const sourceMap = new SourceMap(JSON.parse(map.toString()))
    const lines = code.split('\n')
    const line = lines.findLastIndex((each) => each.includes('plain ='))
    expect(lines[line]).toContain('yield')
    const entry = sourceMap.findEntry(line, lines[line].indexOf('plain ='))
    expect('originalLine' in entry && entry.originalLine).toBe(32)
  })

  it('says where what needs a compiler stands', () => {
    expect(() => transform('enum Colour { Red }', 'a.ts')).toThrow('a.ts:1:1: TSEnumDeclaration needs a compiler')
    expect(() => transform('@d class A {}', 'a.ts')).toThrow('a.ts:1:1: decorators need a compiler')
    expect(() => transform('class A { constructor(private x: number) {} }', 'a.ts')).toThrow(
      'a.ts:1:23: TSParameterProperty needs a compiler',
    )
    expect(() => transform('const = 1', 'a.ts')).toThrow(/^a\.ts:1:7: /)
  })

  it('needs no semicolons', async () => {
    const { run } = await instrumented(`
      export function run(w: Int32Array) {
        const a = w[0]
        w[1] = 2
        ;[w[2], w[3]] = [3, a!]
        const f = () => { return }
        f()
        w[4]++
        let x = 1 as number
        ;(w as Int32Array)[5] = x
        do x++
        while (x < 3)
        return x
      }`)
    expect(runTwin(run, [words(6, [9])]).events).toEqual(
      'read 0, write 1, write 2, write 3, read 4, write 4, write 5'.split(', '),
    )
  })
})

describe('modules that import each other', () => {
  it('call into each other through their twins, by relative names with .ts and .js', async () => {
    const files = {
      'a.ts': `import { odd } from './b.js'\nexport * as all from './b.ts'\nexport function even(w: Int32Array, n: number): boolean { return n === 0 ? w[0] === 1 : odd(w, n - 1) }`,
      'b.ts': `import { even } from './a.ts'\nexport { even as other } from './a.ts'\nexport default class {}\nexport function odd(w: Int32Array, n: number): boolean { return n === 0 ? w[1] === 1 : even(w, n - 1) }`,
    }
    await withFiles(files, async (folder) => {
      const { even } = await loadInstrumented(join(folder, 'a.ts'))
      expect(runTwin(even, [words(2, [1]), 3])).toEqual({ value: false, events: ['read 1'] })
      expect(runTwin(even, [words(2, [1]), 4])).toEqual({ value: true, events: ['read 0'] })
    })
  })

  it('leads to no module of which only types are taken', () => {
    const code = `import type { A } from './a.ts'
export type { B } from './b.ts'
export type * from './c.ts'
import { type D } from './d.ts'
export { e } from './e.ts'`
    const sources = ['./d.ts', './e.ts']
    expect(knownOf(code, '/f.ts').sources).toEqual(sources)
    expect(readModule(code, '/f.ts')?.sources).toEqual(sources)
  })
})
