/**
 * A report on coverage of somebody's tests counts the same with the plugin as without: `vitest --coverage`, with the v8
 * of Node.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { shareOf } from '../share.ts'

const root = resolve(import.meta.dirname, '../..')

const SOURCE = `
export function barrier(words, count) {
  const round = Atomics.load(words, 1)
  if (Atomics.add(words, 0, 1) === count - 1) {
    Atomics.store(words, 0, 0)
    Atomics.add(words, 1, 1)
    Atomics.notify(words, 1)
    return
  }
  while (Atomics.load(words, 1) === round) Atomics.wait(words, 1, round)
}

export function plain(a) {
  if (a > 3) {
    return 'more'
  }
  return a === 2 ? 'two' : 'less'
}

export function never(b) {
  const c = b + 1
  return c
}

export class Box {
  words = new Int32Array(4)
  static made = 0
  #hidden = 1
  constructor(n) {
    this.words[0] = n
    Box.made++
  }
  get first() {
    return this.words[0]
  }
  static make(n = 3) {
    return new Box(n)
  }
  add(n) {
    if (n < 0) throw new RangeError('below')
    for (let i = 0; i < n; i++) {
      this.words[1] += i
    }
    return this.words[1] || this.#hidden
  }
  #secret() {
    return 5
  }
  tell() {
    return this.#secret()
  }
}

export const arrow = (words) => words[0] + 1

export function* numbers(words) {
  for (const word of words) {
    yield word
  }
}

export function closes({ a, b = 2 }) {
  try {
    switch (a + b) {
      case 3:
        return 1
      default:
        return 2
    }
  } finally {
    void a
  }
}

export async function later(words) {
  await null
  return words[0]
}
`

const TEST = `
import { expect, it } from 'vitest'
import { arrow, barrier, Box, closes, later, numbers, plain } from './source.EXT'

it('does what is counted', async () => {
  const words = new Int32Array(new SharedArrayBuffer(16))
  barrier(words, 1)
  expect(words[1]).toBe(1)
  expect(plain(5)).toBe('more')
  const box = Box.make()
  expect(box.first).toBe(3)
  expect(box.add(3)).toBe(3)
  expect(box.tell()).toBe(5)
  expect(arrow(words)).toBe(1)
  expect([...numbers(words)]).toHaveLength(4)
  expect(closes({ a: 1 })).toBe(1)
  expect(await later(words)).toBe(0)
})
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coverage-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/sk-storage'), 'dir')
  for (const name of ['vitest', '@vitest'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'dir')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the report says of the source, of each kind how many there are and how many were covered. */
function report(extension: string, plugins: string): Record<string, { total: number; covered: number }> {
  writeFileSync(join(folder, `source.${extension}`), SOURCE)
  writeFileSync(join(folder, 'source.test.js'), TEST.replace('EXT', extension))
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `import { explorePlugin } from 'sk-storage/vite'
    const coverage = { provider: 'v8', include: ['source.${extension}'], reporter: ['json-summary'] }
    export default { plugins: [${plugins}], test: { coverage } }`,
  )
  const { VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env
  const main = join(root, 'node_modules/vitest/vitest.mjs')
  const run = spawnSync(process.execPath, [main, 'run', '--coverage'], { cwd: folder, encoding: 'utf8', env })
  expect(run.status, run.stdout + run.stderr).toBe(0)
  const { total } = JSON.parse(readFileSync(join(folder, 'coverage/coverage-summary.json'), 'utf8'))
  return total
}

it.each(shareOf('extensions', ['js', 'ts'], 1))(
  'counts statements, branches, functions and lines of .%s alike',
  (extension) => {
    const [without, beside] = ['', 'explorePlugin()'].map((plugins) => report(extension, plugins))
    expect(without.lines.total).toBeGreaterThan(30)
    expect(without.lines.covered).toBeLessThan(without.lines.total)
    expect(beside).toEqual(without)
  },
)
