import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { folder as folderFlag, output } from '../../src/command/flag-kinds.ts'
import { kindAt, unreadable } from '../../src/command/path.ts'
import { UsageError } from '../../src/command/usage-error.ts'
import { skStorage } from '../cli/command.ts'

const folder = mkdtempSync(join(tmpdir(), 'path-'))
const at = (name: string) => join(folder, name)
writeFileSync(at('file.ts'), 'export const nothing = 1')
writeFileSync(at('locked.ts'), '')
chmodSync(at('locked.ts'), 0)
mkdirSync(at('folder'))
mkdirSync(at('closed'))
writeFileSync(at('closed/file.ts'), '')
chmodSync(at('closed'), 0)
symlinkSync('round.ts', at('round.ts'))
symlinkSync('nowhere', at('dangling.ts'))
afterAll(() => {
  chmodSync(at('closed'), 0o700)
  rmSync(folder, { recursive: true })
})

/** Root may read everything. */
const isRoot = process.getuid?.() === 0

const BAD: [string, string][] = [
  ['none.ts', 'ENOENT'],
  ['dangling.ts', 'ENOENT'],
  ['file.ts/x.ts', 'ENOTDIR'],
  ['round.ts', 'ELOOP'],
  [`${'x'.repeat(300)}.ts`, 'ENAMETOOLONG'],
  ['folder', 'EISDIR'],
  ...(isRoot ? [] : [['locked.ts', 'EACCES'] as [string, string], ['closed/file.ts', 'EACCES'] as [string, string]]),
]

describe('a path', () => {
  it('leads to a file, a folder, or something else', () => {
    expect([kindAt(at('file.ts')), kindAt(folder), kindAt('/dev/null')]).toEqual(['file', 'folder', 'other'])
    expect([unreadable(at('file.ts')), unreadable('/dev/null')]).toEqual([undefined, 'EINVAL'])
  })

  it.each(BAD)('that cannot be read is told with its reason: %s', (name, code) => {
    expect(unreadable(at(name))).toBe(code)
  })

  it.each(BAD)('with scenarios that cannot be read is refused in a sentence: %s', async (name, code) => {
    // Of a folder all scripts are explored.
    const script = code === 'EISDIR' ? 'one with a script in it' : `a file that may be read (${code})`
    const expected = code === 'ENOENT' ? 'a file that exists' : script
    const { status, stderr } = await skStorage('explore', at(name))
    expect([status, stderr]).toEqual([2, `sk-storage explore: got '${at(name)}', expected ${expected}\n`])
  })

  it.each(BAD.slice(2))('where no socket can be made is refused in a sentence: %s', async (name) => {
    const { status, stderr } = await skStorage('run', '--seconds', '0.1', '--cpus', '1', '--listen', at(name))
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /^sk-storage run: --listen: got [^\n]*, expected [^\n]*\n$|^sk-storage run: --listen: got [^\n]*\n$/,
    )
  })

  it.each(BAD.slice(2))('where nothing can be written is refused as that of a file: %s', (name) => {
    expect(() => output('').parse?.('out', at(name))).toThrow(UsageError)
  })

  it('where a file is or can be is taken as that of one to write', () => {
    for (const path of [at('file.ts'), at('new.ts'), at('dangling.ts'), '/dev/null', 'new-file'])
      expect(output('').parse?.('out', path)).toBe(path)
    for (const path of ['', at('none/new.ts'), at('file.ts/new.ts')])
      expect(() => output('').parse?.('out', path)).toThrow(UsageError)
  })

  it('where a folder is or can be is taken as that of one', () => {
    for (const path of [folder, at('new')]) expect(folderFlag('', '').parse?.('into', path)).toBe(path)
    for (const path of ['', at('file.ts'), at('file.ts/new'), at('round.ts')])
      expect(() => folderFlag('', '').parse?.('into', path)).toThrow(UsageError)
  })
})
