/** docs/race-tests-in-ci.md, run: each recipe in a project of its own, by the command that stands there. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { shareOf } from '../share.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/race-tests-in-ci.md'), 'utf8')
const [head, ...sections] = page.split(/^## /m)
const FILE = /```js\n\/\/ (\S+)\n([\s\S]*?)```/g

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'recipe-'))
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

function write(text: string): void {
  for (const [, file, code] of text.matchAll(FILE)) {
    mkdirSync(dirname(join(project, file)), { recursive: true })
    writeFileSync(join(project, file), code)
  }
}

/** The recipe under that heading, as a project with its packages. */
function recipe(name: string): string {
  const section = sections.find((each) => each.startsWith(`${name}\n`))!
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(join(root, 'dist/every-order'), join(project, 'node_modules/every-order'), 'dir')
  symlinkSync(join(root, 'node_modules/vitest'), join(project, 'node_modules/vitest'), 'dir')
  write(head)
  write(section)
  return /```sh\n(.*)\n```/.exec(section)![1]
}

function run(command: string): { status: number | null; output: string } {
  const [program, ...words] = command.replace('npx vitest', 'node node_modules/vitest/vitest.mjs').split(' ')
  expect(program).toBe('node')
  const { NODE_TEST_CONTEXT: _context, VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: project, encoding: 'utf8', env })
  return { status, output: stdout + stderr }
}

/** Two threads take the same block. */
function breakIds(file = 'src/ids.js'): void {
  const text = readFileSync(join(project, file), 'utf8')
  writeFileSync(join(project, file), text.replace('Atomics.add(words, 0, block)', 'Atomics.load(words, 0)'))
}

it.each([...shareOf('recipes for Vitest', ['Vitest', 'Vitest, with projects'], 1), 'node:test', 'Any other runner'])(
  '%s: green, and red for a race',
  (name) => {
    const command = recipe(name)
    expect(run(command)).toMatchObject({ status: 0 })
    breakIds()
    const { status, output } = run(command)
    expect([status, output]).toEqual([1, expect.stringContaining('assertion: ')])
  },
)

const workspaces = [
  ['npm', 'packages/ids'],
  ['pnpm', 'node_modules/.pnpm/ids@1.0.0/node_modules/ids'],
]

it.each(shareOf('workspaces', workspaces, 1))('a workspace as %s links it: green, and red for a race', (_, place) => {
  const command = recipe('Workspaces of npm and pnpm')
  const at = join(project, place)
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'package.json'), '{ "name": "ids", "type": "module", "exports": "./ids.js" }')
  renameSync(join(project, 'src/ids.js'), join(at, 'ids.js'))
  symlinkSync(at, join(project, 'node_modules/ids'), 'dir')
  expect(run(command)).toMatchObject({ status: 0 })
  breakIds(`${place}/ids.js`)
  const { status, output } = run(command)
  expect([status, output]).toEqual([1, expect.stringContaining('assertion: ')])
})

it('on GitHub a finding is told at its line', () => {
  recipe('Any other runner')
  breakIds()
  const main = join(root, 'dist/every-order/dist/src/cli/every-order.js')
  const explore = (on: string) =>
    spawnSync(process.execPath, [main, 'explore', 'src/ids.scenarios.js'], {
      cwd: project,
      encoding: 'utf8',
      env: { ...process.env, GITHUB_ACTIONS: on },
    }).stdout
  const annotation = /^::error file=src\/ids\.(?:scenarios\.)?js,line=\d+,title=assertion::.*%0Areplay: explore1 .*$/m
  expect(explore('true')).toMatch(annotation)
  expect(explore('')).not.toContain('::error')
})
