/** What the page stores in few words, and reads again. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { transform } from '../../src/explore/transform/transform.ts'
import { writeLists } from '../../web/plugin/names.ts'
import { shortSites, sitesOf } from '../../web/short-sites.ts'
import { readSource, writeSource } from '../../web/source-file.ts'

describe('a written source', () => {
  it.each([[[]], [[[]]], [[['keyword', 'let', '', ' a = ', 'constant', '1'], [], ['comment', '// it’s ~½']]]])(
    'is read as it was: %j',
    (lines) => {
      expect(readSource(writeSource(lines))).toEqual(lines)
    },
  )

  it('refuses a class that it has no mark for, and a text with marks', () => {
    expect(() => writeSource([['entity', 'x']])).toThrow('got a piece of the class entity')
    expect(() => writeSource([['', '\u00a7 4']])).toThrow('expected no letter from U+00A1')
  })
})

describe('lists of names', () => {
  it.each([[{}], [{ a: [] }], [{ 'x@': ['b', 'a', 'b'], a: ['x@', 'b'], __proto: [''] }]])(
    'are read as they were: %j',
    (lists) => {
      expect(new Function(`return ${writeLists(lists)}`)()).toEqual(lists)
    },
  )
})

describe('a short table of sites', () => {
  const file = 'src/shared/hash-map.ts'
  const { sites } = transform(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'), file)

  it('gives the sites of the transform again, but for the text of calls that are counted', () => {
    expect(sites.length).toBeGreaterThan(50)
    const cut = (source: string) => (source.length > 4 ? `${source.slice(0, 4)}…` : source)
    const wanted = sites.map((site) => (site.operation === 'calls' ? { ...site, source: cut(site.source) } : site))
    expect(wanted.filter(({ source }) => source.length > 21).length).toBeGreaterThan(50)
    expect(sitesOf(file, shortSites(sites, file))).toEqual(wanted)
  })

  it('refuses what it would lose', () => {
    expect(() => shortSites([{ ...sites[0], quoted: true }], file)).toThrow(
      '{"file":"src/shared/hash-map.ts","quoted":true}',
    )
    expect(() => shortSites(sites, 'src/shared/slab.ts')).toThrow('of a site in src/shared/slab.ts')
  })
})
