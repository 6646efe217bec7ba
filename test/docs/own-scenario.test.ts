import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/own-scenario.md'), 'utf8')
const shown = [...guide.matchAll(/```js\n\/\/ (\S+)\n([\s\S]*?)```/g)]

it('shows scenarios that the command explores in a folder that has nothing but the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-scenario-'))
  try {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/sk-storage'), 'dir')
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    for (const [, name, text] of shown) writeFileSync(join(folder, name), text)
    const explore = (...words: string[]) =>
      spawnSync(process.execPath, [join(root, 'dist/src/cli/main.js'), 'explore', ...words], {
        cwd: folder,
        encoding: 'utf8',
      })
    const { status, stdout } = explore('mine.js', 'peek.js')
    expect(status).toBe(0)
    expect([...stdout.matchAll(/^(\S+): exhaustive/gm)].map(([, name]) => name)).toEqual([
      'mine.js#deletedAndMadeAnew',
      'peek.js#looksWhileDeleted',
      'peek.js#nobodyElse',
    ])
    const [outcomes] = /^0 \| 5 \| 5[\s\S]*?0\.2----\n(?=\.)/m.exec(guide) ?? []
    expect(stdout).toContain(outcomes)
    // The storage itself is explored, not taken at its word: a broken step is seen in its source.
    const wrong = shown[1][2].replace('Atomics.load(cpu.words, value)', '(cpu.words[value] = 1)')
    writeFileSync(join(folder, 'peek.js'), wrong)
    expect(explore('peek.js')).toMatchObject({ status: 1, stdout: expect.stringContaining('src/shared/') })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
