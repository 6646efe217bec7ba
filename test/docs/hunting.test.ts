/**
 * docs/hunting.md, run in a project of its own on what was built: its programs do what stands there.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/hunting.md'), 'utf8')
const run = promisify(execFile)

/** `test.prop` without a test runner, which would take much longer to start than the properties to run. */
const PROP = `import fc from 'fast-check'
export const test = { prop: (values, options) => (name, holds) => {
  fc.assert(fc.property(...values, (...drawn) => { holds(...drawn) }), options)
  console.log(name)
} }
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hunting-'))
  for (const [, name, code] of guide.matchAll(/```js\n\/\/ (\S+)\n([\s\S]*?)```/g))
    writeFileSync(join(folder, name), code)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  mkdirSync(join(folder, 'node_modules/@fast-check/vitest'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/sk-storage'))
  symlinkSync(join(root, 'node_modules/fast-check'), join(folder, 'node_modules/fast-check'))
  writeFileSync(join(folder, 'node_modules/@fast-check/vitest/index.js'), PROP)
  const manifest = { name: '@fast-check/vitest', type: 'module', exports: './index.js' }
  writeFileSync(join(folder, 'node_modules/@fast-check/vitest/package.json'), JSON.stringify(manifest))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the guide to hunting', () => {
  it('has properties that hold', async () => {
    const files = ['model.test.js', 'hunt.test.js']
    const code = files.map((file) => `await import('./${file}')`).join('\n')
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd: folder })
    expect(stdout.trim().split('\n')).toEqual(['answers like the model', 'no schedule shows what no order explains'])
  })

  it('finds the planted bug, the program and the end that it shows', async () => {
    const { stdout } = await run(process.execPath, ['find.js'], { cwd: folder })
    const shown = /\$ node find.js\n([\s\S]*?)```/.exec(guide)![1]
    // Numbers of words, lines and steps follow the code, and the paths are those of this checkout.
    const told = (text: string) =>
      text
        .replaceAll(`${root}/`, '')
        .split('\n')
        .filter((line) => /^(\{|\}| {2}\w|use-after-free|why: thread|next)/.test(line))
        .filter((line) => !/^ {2}\d/.test(line))
        .map((line) => line.replace(/ {2}\(.*\)$/, '').replace(/\d+/g, 'N'))
    expect(told(stdout)).toEqual(told(shown))
    expect(stdout.split('\n')[0]).toBe(shown.split('\n')[0])
  })
})
