/**
 * CommonJS in a project that Vitest runs: the plugin leaves it to Node's rules, instrumented.
 */

import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { bump, here, inner as required } from './commonjs/barrel.cjs'
import * as inner from './commonjs/inner.cjs'

const setup = () => new Int32Array(new SharedArrayBuffer(4))

it('is explored with what it requires, under the names that Node gives it', () => {
  const { violation } = check({ setup, threads: [(words) => bump(words), (words) => bump(words)] })
  const file = fileURLToPath(new URL('./commonjs/inner.cjs', import.meta.url))
  expect(violation).toMatchObject({ kind: 'data-race', sites: [`${file}:1`] })
})

it('is one module, whoever imports or requires it, and knows its own place', () => {
  expect(required.bump).toBe(inner.bump)
  expect(bump).toBe(inner.bump)
  expect(here).toBe(fileURLToPath(new URL('./commonjs/barrel.cjs', import.meta.url)))
})
