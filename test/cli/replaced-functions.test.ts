/**
 * Code that replaces a function of the language, which the explorer itself calls, gets one sentence with its name.
 */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { withFiles } from '../explore/support/source.ts'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('there is no dist to run: run `npm run build` first')
})

const SETUP = '() => ({ w: new Int32Array(new SharedArrayBuffer(8)) })'
const ADD = '({ w }) => { Atomics.add(w, 0, 1) }'
const one = (thread = ADD, setup = SETUP): string =>
  `export const it = { setup: ${setup}, threads: [${thread}, ${ADD}] }`

const explore = (text: string): Promise<{ status: unknown; stderr: string }> =>
  withFiles({ 'it.mjs': text }, (folder) => {
    return new Promise((resolve) => {
      const done = (error: { code?: unknown } | null, _: string, stderr: string) =>
        resolve({ status: error === null ? 0 : error.code, stderr })
      execFile(process.execPath, [MAIN, 'explore', join(folder, 'it.mjs')], done)
    })
  })

const setup = `() => { Array.prototype.join = () => 0; return (${SETUP})() }`
const cases: [what: string, text: string, told: string][] = [
  ['a module', `Array.prototype.push = () => 0; ${one()}`, 'but it changed Array.prototype.push'],
  ['a module that deletes it', `delete Object.keys; ${one()}`, 'but it changed Object.keys'],
  ['a module that throws', `Map.prototype.get = () => 0; throw 1; ${one()}`, 'but it changed Map.prototype.get'],
  ['setup', one(ADD, setup), 'it: a module, or setup, changed Array.prototype.join'],
  [
    'a thread, so that nothing goes on',
    one('() => { Array.prototype[Symbol.iterator] = () => 0 }'),
    'it: a thread changed Array.prototype[Symbol.iterator]',
  ],
]
it.each(cases)('so does %s', { timeout: 600_000 }, async (_, text, told) => {
  const { status, stderr } = await explore(text)
  expect(stderr).toMatch(/^sk-storage explore: [^\n]*, which everything here relies on\n$/)
  expect(stderr).toContain(told)
  expect(status).toBe(2)
})

it('clocks and chance may be replaced, and functions added', { timeout: 600_000 }, async () => {
  const more = 'Math.random = () => 0.5; Date.now = () => 7; Array.prototype.last = function () { return this.at(-1) }'
  expect(await explore(`${more}; ${one()}`)).toEqual({ status: 0, stderr: '' })
})
