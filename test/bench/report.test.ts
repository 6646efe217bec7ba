import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../dist/bench/main.js', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sk-storage-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function bench(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
}

it('writes a document with machine, version, date, and the command beside each table', { timeout: 240_000 }, () => {
  const cases = ['memory-1', 'kernel-memory-1'].flatMap((name) => ['--case', name])
  const { status, stderr } = bench(
    'lifecycle',
    '--quick',
    '--processes',
    '2',
    '--cpus',
    '1',
    ...cases,
    '--report',
    '--out',
    folder,
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: `bench: wrote ${join(folder, 'benchmarks.md')}\n` })
  const text = readFileSync(join(folder, 'benchmarks.md'), 'utf8')
  expect(text).toContain(` on ${new Date().toISOString().slice(0, 10)}. Node ${process.version}, `)
  expect(text).toContain(
    '`npm run bench -- lifecycle --cpus 1 --quick --processes 2 --case memory-1 --case kernel-memory-1`',
  )
  expect(text).toContain('| 1 storage of a socket | 192 B | 0 % | - |')
  expect(text).toContain("| &emsp;the same, as Linux's objects are charged | 300 B | - | - |")
  // Where the packages that draw can't be installed, a sentence stands in the picture's place.
  const picture = /!\[.+\]\((benchmarks\/lifecycle\.svg)\)/.exec(text)
  if (picture === null) expect(text).toMatch(/^No picture: npm can't install it: /m)
  else expect(readFileSync(join(folder, picture[1]), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
})

it.each([
  [['--out', 'x'], 'bench: --out: got it without --report, expected both\n'],
  [['--report', '--compare', 'HEAD'], 'bench: --report: got --compare as well, expected one of them\n'],
])('refuses %j', (args, sentence) => {
  const { status, stdout, stderr } = bench('headline', ...args)
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: sentence })
})
