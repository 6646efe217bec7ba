/**
 * The Vite plugin, from the outside. What it does to modules, plugin.test.ts shows from the inside.
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { explore, explorePlugin } from '../../../src/explore/load/vite.ts'

it('is still found under the name of the function that explores', () => {
  expect(explore).toBe(explorePlugin)
  expect(explore()).toMatchObject({ name: 'sk-storage-explore', enforce: 'pre' })
})

it('finds the source of building blocks in a package that is to be explored, and in no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vite-'))
  try {
    const root = resolve(import.meta.dirname, '../../..')
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/sk-storage'), 'dir')
    const importer = join(folder, 'mine.test.js')
    const found = (packages: string[], name: string) => explorePlugin({ packages }).resolveId(name, importer)
    expect(found(['sk-storage'], 'sk-storage/scenarios')).toBe(join(root, 'props/scenario-blocks.ts'))
    expect(found([], 'sk-storage/scenarios')).toBe(undefined)
    for (const name of ['sk-storage/explore', 'sk-storage/none', 'none', './mine.js', 'node:fs'])
      expect(found(['sk-storage'], name)).toBe(undefined)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
