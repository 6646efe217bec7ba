/**
 * The net over the ground floor: each visible operation of src/sync and src/shared is in both orders in some scenario
 * (mutation/raced.json says in which), or stands in docs/unraced.md with a reason. Every run looks at all sites, and
 * explores some of the scenarios for what is said of them; LONG=1 explores them all.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { explored, groundOf, ROOT, scenariosOf, ways } from '../../../mutation/ground.ts'
import { DOCUMENT, nameOf, RACED, type Raced, readRows, rowsOf } from '../../../mutation/unraced.ts'
import { mergeCoverage } from '../../../src/explore/cover/coverage.ts'
import type { Coverage } from '../../../src/explore/result.ts'
import { LONG, shareOf } from '../../share.ts'

/** `npm run cover -- --write` was run with as many. */
const MOST = 1000
const TIME = 600_000

const raced: Raced = JSON.parse(readFileSync(`${ROOT}/${RACED}`, 'utf8'))
const rows = readRows(readFileSync(`${ROOT}/${DOCUMENT}`, 'utf8'))

/** By scenario, what it is said to have in both orders. */
const claims = new Map<string, string[]>()
for (const [file, its] of Object.entries(raced))
  for (const [site, by] of Object.entries(its)) claims.set(by, [...(claims.get(by) ?? []), `${file} ${site}`])

/** What each scenario of those has in both orders, and the coverage of all of them. */
async function cover(names: readonly string[]): Promise<{ has: Map<string, Set<string>>; all: Coverage }> {
  const has = new Map<string, Set<string>>()
  let all: Coverage = { files: [], newest: 0, halves: [] }
  for (const way of ways()) {
    const prefix = `${way.file}${way.raw ? ' raw' : ''} `
    if (!names.some((name) => name.startsWith(prefix))) continue
    for (const [name, scenario] of await scenariosOf(way)) {
      if (!names.includes(`${prefix}${name}`)) continue
      const { coverage } = explored(scenario, way, { maxExecutions: MOST })
      const files = groundOf(coverage!)
      all = mergeCoverage([all, { ...coverage!, files }])
      const both = files.flatMap(({ file, sites }) =>
        sites.filter(({ bothOrders }) => bothOrders).map((site) => `${file} ${nameOf(site)}`),
      )
      has.set(`${prefix}${name}`, new Set(both))
    }
  }
  return { has, all }
}

describe('the net over the ground floor', () => {
  const names = shareOf('scenarios that are said to have a site in both orders', [...claims.keys()], 4)
  let seen: Awaited<ReturnType<typeof cover>>
  beforeAll(async () => {
    // A scenario that loads all of it, so that each site is known.
    seen = await cover([...new Set([...names, 'maps-at-once.ts twoMapsAtOnce', 'accept.ts twoAccepts'])])
  }, TIME)

  it('has what it is said to have', () => {
    const lost = names.flatMap((name) => claims.get(name)!.filter((site) => !seen.has.get(name)?.has(site)))
    expect(lost, 'npm run cover -- --write, and read what has changed').toEqual([])
  })

  it('has a reason for each site that is not in both orders', () => {
    const missing = rowsOf(seen.all.files, raced).filter(
      ({ file, within, sites }) =>
        !rows.some((row) => row.file === file && row.within === within && row.sites >= sites),
    )
    const said = missing.map(({ file, within, sites }) => `${file} ${within}: ${sites}`)
    expect(said, 'a scenario that races them, or npm run cover -- --write and a reason').toEqual([])
  })

  it('knows all files that touch shared memory, but for those that the table names', () => {
    const known = new Set([...rows.map(({ file }) => file), ...Object.keys(raced)])
    const there = ['src/sync', 'src/shared'].flatMap((folder) =>
      readdirSync(`${ROOT}/${folder}`, { recursive: true }).map((file) => `${folder}/${file}`),
    )
    const touching = there.filter(
      (file) =>
        file.endsWith('.ts') && /^(?!\s*\*).*(\bwords\[|Atomics\.)/m.test(readFileSync(`${ROOT}/${file}`, 'utf8')),
    )
    expect(touching.filter((file) => !known.has(file))).toEqual(['src/shared/describe.ts'])
  })

  it('gives no reason that is none', () => {
    const kinds = /^(alone|own|fresh|fixed|held|private|checked|error|gap)\b/
    expect(
      rows.filter(({ reason }) => !kinds.test(reason)).map(({ within, reason }) => `${within}: ${reason}`),
    ).toEqual([])
    expect(rows.length).toBeGreaterThan(100)
  })

  it.runIf(LONG)('has no row too many', () => {
    const now = rowsOf(seen.all.files, raced)
    const stale = rows.filter(
      ({ file, within, sites }) =>
        !now.some((row) => row.file === file && row.within === within && row.sites === sites),
    )
    expect(stale.map(({ file, within, sites }) => `${file} ${within}: ${sites}`)).toEqual([])
  })
})
