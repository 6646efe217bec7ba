/** What the page stores in few words, and reads again. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Site } from '../../src/explore/internals.ts'
import { transform } from '../../src/explore/transform/transform.ts'
import { changesOf } from '../../web/plugin/changes.ts'
import { textOf } from '../../web/plugin/files.ts'
import { functionsOf, functionsOfC } from '../../web/plugin/functions.ts'
import { shortSites, sitesOf } from '../../web/short-sites.ts'
import { plainText, readSource, writeSource } from '../../web/source-file.ts'
import { applyChanges, readFunctions, writeFunctions } from '../../web/written-file.ts'

describe('a written source', () => {
  it.each([[[]], [[[]]], [[['keyword', 'let', '', ' a = ', 'constant', '1'], [], ['comment', '// it’s ~½']]]])(
    'is read as it was: %j',
    (lines) => {
      expect(readSource(writeSource(lines))).toEqual(lines)
      const text = lines.map((line) => `${line.filter((_, k) => k % 2 === 1).join('')}\n`).join('')
      expect(plainText(writeSource(lines))).toBe(text)
    },
  )

  it('refuses a class that it has no mark for, and a text with marks', () => {
    expect(() => writeSource([['entity', 'x']])).toThrow('got a piece of the class entity')
    expect(() => writeSource([['', '\u00a7 4']])).toThrow('expected no letter from U+00A1')
  })
})

describe('the changes of a text', () => {
  const file = resolve('src/shared/sk-storage-elem.ts')
  const text = textOf(file, '')
  const few = ({ length }: readonly unknown[]) => length / 3

  it.each(['D14', 'D22', 'H25', 'free-at-once'])('of the exhibit %s make its text, and are few', (exhibit) => {
    const other = textOf(file, exhibit)
    expect(other).not.toBe(text)
    expect(applyChanges(text, changesOf(text, other))).toBe(other)
    expect(applyChanges(other, changesOf(other, text))).toBe(text)
    expect(few(changesOf(text, other))).toBeLessThan(20)
  })

  it.each([
    ['', ''],
    ['', 'a(b);'],
    ['a(b);', ''],
    ['a;b;c;', 'c;b;a;'],
    ['a;a;a;b', 'b;a;a;'],
    ['one', 'two'],
  ])('%j -> %j make the other one', (one, other) => {
    expect(applyChanges(one, changesOf(one, other))).toBe(other)
  })

  it('are none between texts that are the same', () => {
    expect(changesOf(text, text)).toEqual([])
  })
})

describe('the functions of a text in C', () => {
  it('are those with a body, from their first line to the brace', () => {
    const text =
      'static int two(struct a *b)\n{\n\treturn f(b);\n}\n\nint f(int);\nint last(void) {\n}\nchar x[] = "a(";\n'
    expect(functionsOfC(text)).toEqual([
      ['two', 1, 4, []],
      ['last', 7, 8, []],
    ])
  })
})

describe('written functions', () => {
  it('are read as they were', () => {
    const file = 'src/shared/sk-storage-update.ts'
    const functions = functionsOf(textOf(file, ''), file)
    expect(functions.length).toBeGreaterThan(5)
    expect(readFunctions(writeFunctions(functions))).toEqual(functions)
  })
})

describe('a short table of sites', () => {
  const file = 'src/shared/hash-map.ts'
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const { sites } = transform(text, file)

  it('gives the sites of the transform again, but for the text of calls that are counted', () => {
    expect(sites.length).toBeGreaterThan(50)
    const cut = (source: string) => (source.length > 4 ? `${source.slice(0, 4)}…` : source)
    const wanted = sites.map((site) => (site.operation === 'calls' ? { ...site, source: cut(site.source) } : site))
    expect(wanted.filter(({ source }) => source.length > 21).length).toBeGreaterThan(50)
    expect(sitesOf(file, shortSites(sites, file, text), text)).toEqual(wanted)
  })

  it('has sites of another text, that the file was generated from', () => {
    const [one, other] = sites.filter(({ operation }) => operation !== 'calls')
    const quoted = { ...one, file: 'web/scenarios/packets.bpf.c', source: 'c->packets++', quoted: true }
    const mixed = [quoted, one, { ...quoted, line: 7 }, other, quoted]
    expect(sitesOf(file, shortSites(mixed, file, text), text)).toEqual(mixed)
  })

  it('refuses what it would lose', () => {
    const more = { ...sites[0], more: 1 } as Site
    expect(() => shortSites([more], file, text)).toThrow('{"file":"src/shared/hash-map.ts","more":1}')
    expect(() => shortSites(sites, 'src/shared/slab.ts', text)).toThrow('of a site in src/shared/slab.ts')
  })
})
