/**
 * What `explore --all` takes where the nearest package.json names no scenarios: with edits those of the command's own
 * package, else none.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'explore-all-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What it takes in a folder with that package.json. */
function allOf(edits: boolean, manifest: string) {
  writeFileSync(join(folder, 'package.json'), manifest)
  const from = JSON.stringify(pathToFileURL(join(root, 'dist/src/cli/explore-all.js')).href)
  const program = `import { resolve } from 'node:path'
    import { allOf } from ${from}
    const { files, cost } = allOf(${edits})
    console.log(JSON.stringify(files.map(({ file }) => [resolve(file), cost(file, 'firstStorage')])))`
  const words = ['--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' })
  return { its: stdout === '' ? undefined : new Map<string, number>(JSON.parse(stdout)), stderr }
}

it('takes the scenarios of the package where there are edits, and says so, and none without edits', () => {
  const none = allOf(false, '{ "type": "module" }')
  expect(none.its).toBeUndefined()
  expect(none.stderr).toContain('package.json\', expected one with "explore"')
  const { its, stderr } = allOf(true, '{ "type": "module" }')
  expect(stderr).toMatch(
    /^sk-storage explore: --all: \S*package\.json names no scenarios, so those of sk-storage are taken\n$/,
  )
  expect([...its!.keys()]).not.toContain(join(root, 'web/scenarios/lost-update.ts'))
  // What traces.json has of it, by which the cheapest come first.
  expect(its!.get(join(root, 'props/scenarios/first-storage.ts'))).toBeGreaterThan(1)
  // Its own come first: the package is not asked.
  expect(allOf(true, '{ "explore": { "files": [] } }')).toEqual({ its: new Map(), stderr: '' })
})
