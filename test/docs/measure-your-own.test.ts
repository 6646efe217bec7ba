import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/measure-your-own.md'), 'utf8')
const NAMES = ['queue.js', 'job.js', 'measure.js']
const shown = [...guide.matchAll(/```js\n([\s\S]*?)```/g)].map(([, text]) => text)

it.each(NAMES)('shows examples/measure/%s as it is', (name) => {
  expect(shown[NAMES.indexOf(name)]).toBe(readFileSync(join(root, 'examples/measure', name), 'utf8'))
})

it('shows what runs in a folder that has nothing but the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'measure-'))
  try {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/sk-storage'), 'dir')
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    for (const [i, name] of NAMES.entries()) writeFileSync(join(folder, name), shown[i])
    const output = execFileSync(process.execPath, ['measure.js', '2', '5', '2'], { cwd: folder, encoding: 'utf8' })
    expect(output).toMatch(
      /^ +threads +operations +each +spread +ratio\npush and shift, 1 +1 .*\npush and shift, 2 +2 /,
    )
    expect(output).toMatch(/\nlatency +p50 +p90 +p99 +p99.9 +p99.99 +max\n/)
    expect(output).toMatch(/\nfrom +share/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
