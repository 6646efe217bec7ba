/**
 * The Vite plugin, from the outside. What it does to modules, plugin.test.ts shows from the inside.
 */

import { expect, it } from 'vitest'
import { explore, explorePlugin } from '../../../src/explore/load/vite.ts'

it('is still found under the name of the function that explores', () => {
  expect(explore).toBe(explorePlugin)
  expect(explore()).toMatchObject({ name: 'sk-storage-explore', enforce: 'pre' })
})
