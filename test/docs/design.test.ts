/**
 * docs/design.md, docs/explorer-walk.md and docs/measuring.md name what is there: files, functions, rules, suites,
 * flags.
 */

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const text = (path: string) => readFileSync(join(root, path), 'utf8')
const sources = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => text(join(folder, name)))
    .join('\n')
const src = sources('src')

/** What stands between backticks on a line of its own paragraph, code blocks left out. */
const quoted = (page: string) =>
  [...page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, word]) => word)

/** A command of the bench, told to print its help: what comes before that is looked at all the same. */
const bench = (words: string[]) =>
  execFileSync(process.execPath, [join(root, 'dist/bench/main.js'), ...words, '--help'], { encoding: 'utf8' })

describe('the design', () => {
  const page = text('docs/design.md')

  it('names files and folders that are there', () => {
    const paths = quoted(page).filter((word) => /^(src|props|museum|docs)\//.test(word))
    expect(paths.length).toBeGreaterThan(5)
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('names what the source has', () => {
    const names = quoted(page).flatMap((word) => (/^[A-Za-z_]\w{3,}$/.test(word) ? [word] : []))
    expect(names.length).toBeGreaterThan(30)
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(src))).toEqual([])
  })

  it('tells every rule that the source goes by, and no other', () => {
    const told = [...page.matchAll(/^\| (C\d+) \|/gm)].map(([, rule]) => rule)
    const used = new Set([...src.matchAll(/\bC\d+\b/g)].map(([rule]) => rule))
    expect([...used].filter((rule) => !told.includes(rule))).toEqual([])
    expect(told.filter((rule) => !used.has(rule))).toEqual([])
  })
})

describe('the walk through the explorer', () => {
  const page = text('docs/explorer-walk.md')

  it('names files and folders that are there', () => {
    const paths = quoted(page).filter((word) => /^[\w-]+(\/|\.ts$)/.test(word) && !/^(src|docs|test)\//.test(word))
    expect(paths.length).toBeGreaterThan(40)
    expect(paths.filter((path) => !existsSync(join(root, 'src/explore', path)))).toEqual([])
  })

  it('goes through every room', () => {
    const rooms = readdirSync(join(root, 'src/explore'), { withFileTypes: true }).filter((each) => each.isDirectory())
    expect(rooms.map(({ name }) => name).filter((room) => !page.includes(`\`${room}/`))).toEqual([])
  })

  it('names what the source has', () => {
    const names = quoted(page).flatMap((word) => (/^[A-Za-z_]\w{3,}$/.test(word) ? [word] : []))
    expect(names.filter((name) => name !== 'bump' && !new RegExp(`\\b${name}\\b`).test(src))).toEqual([])
  })
})

describe('the page on measuring', () => {
  const page = text('docs/measuring.md')

  it('tells every suite', () => {
    const told = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, suite]) => suite)
    const known = [...bench([]).matchAll(/^ {2}(\w+) {2,}\S.*$/gm)].map(([, name]) => name)
    expect(told).toEqual(known.slice(0, told.length))
    expect(new Set(known)).toEqual(new Set(told))
  })

  it('has commands that the bench takes', () => {
    const commands = [...page.matchAll(/^npm run (?:-s )?bench -- ([^#>\n]*)/gm)].map(([, words]) => words.trim())
    expect(commands.length).toBeGreaterThan(5)
    for (const words of commands) expect(bench(words.split(' ')), words).toContain('npm run bench')
    expect(() => bench(['headlines'])).toThrow()
  })

  it('has a program that prints what it says', () => {
    const folder = mkdtempSync(join(tmpdir(), 'measuring-'))
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/sk-storage'), 'dir')
    for (const [, name, code] of page.matchAll(/```js\n\/\/ (\S+)\n([\s\S]*?)```/g))
      writeFileSync(join(folder, name), code)
    const printed = execFileSync(process.execPath, ['stats.js'], { cwd: folder, encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    expect(printed).toMatch(/^(100000 runs, [\d.]+ ns each\n){2}$/)
  })
})
