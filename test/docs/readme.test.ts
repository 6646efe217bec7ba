/**
 * README.md's doors, as somebody comes in by them: the snippets in an empty folder that has the package, run by the
 * lines that stand there.
 */

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const MAIN = join(root, 'dist/src/cli/main.js')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const beforeInstall = readme.slice(0, readme.indexOf('## Install'))
/** Of each snippet its file, the words that run it, and its text. */
const snippets = [...beforeInstall.matchAll(/```js\n\/\/ (\S+) -> ([^\n]+)\n[\s\S]*?```/g)]
const lines = /```sh\n([\s\S]*?)```/.exec(beforeInstall)![1].trim().split('\n')

let folder: string
beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('there is no dist to run: run `npm run build` first')
  folder = mkdtempSync(join(tmpdir(), 'readme-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/sk-storage'), 'dir')
  for (const [text, file] of snippets)
    writeFileSync(join(folder, file), text.replace(/^```js\n/, '').replace(/```$/, ''))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What stands behind `node` for these words of the README. */
function nodeWords(words: string): string[] {
  const [program, ...rest] = words.replace(/ *#.*/, '').split(' ')
  if (program === 'node') return rest
  expect([program, rest[0]]).toEqual(['npx', 'sk-storage'])
  return [MAIN, ...rest.slice(1)]
}

const run = (words: string) => spawnSync(process.execPath, nodeWords(words), { cwd: folder, encoding: 'utf8' })
const wordsOf = (file: string) => snippets.find(([, name]) => name === file)![2]

describe('the first screen', () => {
  it('has three doors, then how to install, then the main job', () => {
    const told = [...readme.matchAll(/^(?:\*\*([A-Z][^*]*)\.\*\*|## (.*))/gm)].map(
      ([, door, heading]) => door ?? heading,
    )
    expect(told.slice(0, 5)).toEqual([
      'Test your own shared-memory code',
      'Sockets, maps and CPUs',
      'Teach it',
      'Install',
      'The main job',
    ])
  })

  it('finds the lost ticket', () => {
    const { status, stdout } = run(wordsOf('ticket.js'))
    expect(stdout).toMatch(/^twoCallers: found in execution \d/)
    expect(status).toBe(1)
  })

  it('counts packets, and every one of them', () => {
    const { status, stdout, stderr } = run(wordsOf('count.js'))
    expect([status, stderr]).toEqual([0, ''])
    // 4 CPUs with 10 000 packets each, 64 sockets.
    expect(stdout).toBe('{ cnt: 625 }\n')
  })

  it('tells a bug of the museum', () => {
    const [museum] = lines
    const { stdout } = run(museum)
    expect(stdout).toMatch(/^D10 /)
    expect(stdout).toMatch(/caught after \d+ executions/)
  })

  it('opens the page where it says', async () => {
    const [, serve] = lines
    const [, address] = /on (http\S+)/.exec(serve)!
    const help = execFileSync(process.execPath, [MAIN, 'serve', '--help'], { encoding: 'utf8' })
    expect(help).toContain(`(${new URL(address).port})`)
    const server = spawn(process.execPath, [...nodeWords(serve), '--port', '0'], { cwd: folder })
    const [told] = await once(server.stdout, 'data')
    const page = await fetch(String(told).trim())
    expect(page.status).toBe(200)
    server.kill('SIGINT')
    await once(server, 'exit')
  })
})

describe('the build', () => {
  it('says what it does while it does it', () => {
    // Its commands are looked for in PATH, and not found there: what is said before does not depend on them.
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.js'], {
      cwd: root,
      env: { ...process.env, PATH: '' },
      encoding: 'utf8',
    })
    expect([status === 0, stdout]).toEqual([false, ''])
    expect(stderr).toMatch(/^build: compiling .* into dist \.\.\./)
    expect(stderr).toMatch(/build: tsc .* failed\n$/)
  })
})
