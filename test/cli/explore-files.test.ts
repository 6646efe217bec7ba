/** `explore` with several files, folders and patterns, and `--watch`. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const MAIN = join(root, 'dist/src/cli/main.js')

const RIGHT = 'export const next = (words) => Atomics.add(words, 0, 1)\n'
const WRONG =
  'export const next = (words) => { const n = Atomics.load(words, 0); Atomics.store(words, 0, n + 1); return n }\n'
const scenario = (name: string) =>
  `import { next } from '${name}'
  export const two = {
    setup: () => new Int32Array(new SharedArrayBuffer(4)),
    threads: [next, next],
    after: (_, [mine, yours]) => mine !== yours,
  }`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'explore-files-'))
  const files = {
    'package.json': '{ "type": "module" }',
    'races/counter.js': RIGHT,
    'races/a.js': scenario('./counter.js'),
    'races/deep/b.js': scenario('../other.js'),
    'races/other.js': RIGHT,
    'races/node_modules/c/c.js': WRONG,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function explore(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'explore', ...words], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, scenarios: [...stdout.matchAll(/^(\S+): exhaustive/gm)].map(([, name]) => name), stderr }
}

it.each([
  ['a folder', ['races']],
  ['a pattern over folders', ['races/**/*.js']],
  ['files, each once', ['races/a.js', './races/a.js', 'races/deep/b.js']],
])('explores %s, and names each scenario with its file', (_, words) => {
  expect(explore(...words)).toMatchObject({ status: 0, scenarios: ['races/a.js#two', 'races/deep/b.js#two'] })
})

it('tells the files it found no scenarios in, and refuses those that were named for it', () => {
  expect(explore('races').stderr).toBe('sk-storage explore: no scenarios in races/counter.js, races/other.js\n')
  expect(explore('races/a.js', 'races/counter.js')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('got only the export next in races/counter.js, expected one like'),
  })
  expect(explore('races/*.jsx').stderr).toBe(
    "sk-storage explore: got 'races/*.jsx', expected one with a script in it\n",
  )
  expect(explore('races/*.js', '--scenario', 'three').stderr).toContain("--scenario: got 'three', expected two")
})

it('explores after an edit the files that load what was edited, and no others, until Ctrl-C', async () => {
  const child = spawn(process.execPath, [MAIN, 'explore', 'races', '--watch'], { cwd: folder })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const until = async (text: string, times = 1) => {
    while (output.split(text).length <= times) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await until('watching 4 files')
  expect(output).not.toContain('exhaustive')
  writeFileSync(join(folder, 'races/counter.js'), WRONG)
  await until('watching 4 files', 2)
  expect(output).toContain('changed: races/counter.js; exploring 1 file that loads it')
  expect(output).toContain('two: found in execution')
  writeFileSync(join(folder, 'races/counter.js'), RIGHT)
  await until('watching 4 files', 3)
  expect(output.match(/^two: /gm)).toHaveLength(2)
  expect(output).toContain('two: exhaustive')
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
})

it('takes no search that goes on along with --watch', () => {
  expect(explore('races', '--watch', '--checkpoint', 'x.json').stderr).toContain('--watch: got --resume, --checkpoint')
})
