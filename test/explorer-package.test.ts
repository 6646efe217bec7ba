/**
 * The package `every-order` as a user gets it: packed, installed in an empty folder, and what its README shows, run.
 */

import { execFile, spawnSync } from 'node:child_process'
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
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const built = join(root, 'dist/every-order')
const run = promisify(execFile)

interface Manifest {
  readonly version: string
  readonly engines: object
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

describe('the package every-order', () => {
  let folder: string
  let installed: string
  let unpacked: number
  const readme = readFileSync(join(root, 'packages/every-order/README.md'), 'utf8')

  beforeAll(async () => {
    if (!existsSync(built)) throw new Error('there is no package to pack: run `npm run build` first')
    folder = mkdtempSync(join(tmpdir(), 'every-order-'))
    const pack = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: built })
    const [{ filename, unpackedSize }] = JSON.parse(pack.stdout) as [{ filename: string; unpackedSize: number }]
    unpacked = unpackedSize
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
    await run('npm', ['install', ...quietly, join(folder, filename)], { cwd: folder })
    installed = join(folder, 'node_modules/every-order')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const node = (...words: string[]) =>
    spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })

  it('is small, and has neither machine nor page nor the pool of workers', () => {
    expect(unpacked).toBeLessThan(1_500_000)
    const rooms = readdirSync(join(installed, 'dist/src'))
    expect(['cli', 'command', 'explore', 'random', 'words']).toEqual(expect.arrayContaining(rooms))
    expect(readdirSync(join(folder, 'node_modules'))).not.toContain('piscina')
  })

  it('has the version and the needs that sk-storage has', () => {
    const [mine, ours] = [installed, root].map(manifestOf)
    const { piscina: _pool, ...needed } = ours.dependencies
    expect(mine).toMatchObject({ version: ours.version, engines: ours.engines, dependencies: needed })
    expect(mine.peerDependencies).toEqual(ours.peerDependencies)
  })

  it('finds what its README shows, and replays it', () => {
    const [, file, command, code] = /```js\n\/\/ (\S+) -> npx every-order ([^\n]+)\n([\s\S]*?)```/.exec(readme)!
    writeFileSync(join(folder, file), `// ${file} -> npx every-order ${command}\n${code}`)
    const main = join(folder, 'node_modules/.bin/every-order')
    const { status, stdout } = node(main, ...command.split(' '))
    expect(status).toBe(1)
    const [, shown] = /```\n(twoCallers[\s\S]*?)```/.exec(readme)!
    const lines = (text: string) => text.split('\n').map((line) => line.trimEnd())
    for (const line of lines(shown)) expect(lines(stdout)).toContain(line)
    const [, line] = /replay: npx every-order replay '([^']+)'/.exec(stdout)!
    expect(node(main, 'replay', line)).toMatchObject({ status: 1, stdout: expect.stringContaining('1 preemption') })
    writeFileSync(
      join(folder, file),
      code.replace(/ {2}const ticket[\s\S]*return ticket/, '  return Atomics.add(words, 0, 1)'),
    )
    const mended = node(main, ...command.split(' '))
    expect([mended.status, mended.stdout]).toEqual([0, expect.stringContaining('exhaustive: 2 traces')])
  })

  it('says what only sk-storage knows', () => {
    const main = join(folder, 'node_modules/.bin/every-order')
    for (const line of ['museum#D10', 'web/scenarios/publish.ts#publish@D10', 'first.o#a|b']) {
      const { status, stderr } = node(main, 'replay', `explore1 ${line} abc S0 c`)
      expect([status, stderr]).toEqual([2, expect.stringContaining('only the command of the package sk-storage')])
    }
    expect(node(main, '--help').stdout).toMatch(
      /^Usage: every-order COMMAND[\s\S]*Commands:\n {2}explore .*\n {2}work .*\n {2}replay .*\n\n/,
    )
  })

  it.each(['every-order/register', 'sk-storage/register'])(
    'explores in a program what %s has instrumented',
    (register) => {
      mkdirSync(join(folder, 'node_modules/sk-storage'), { recursive: true })
      rmSync(join(folder, 'node_modules/sk-storage'), { recursive: true })
      symlinkSync(root, join(folder, 'node_modules/sk-storage'), 'dir')
      writeFileSync(
        join(folder, 'program.js'),
        `import { check } from 'every-order'
      const add = (words) => Atomics.add(words, 0, 1)
      const setup = () => new Int32Array(new SharedArrayBuffer(4))
      console.log(check({ setup, threads: [add, add] }).complete)`,
      )
      expect(node('--import', register, 'program.js').stdout).toBe('2\n')
    },
  )

  it('says what arbitrary schedules need, where it is not', () => {
    writeFileSync(
      join(folder, 'schedule.js'),
      "await import('every-order/schedule').catch(({ message }) => console.log(message))",
    )
    expect(node('schedule.js').stdout).toBe(
      'arbitrary schedules need the package fast-check, which is not installed: npm i -D fast-check\n',
    )
  })

  it('has guides in its own words', () => {
    const guide = readFileSync(join(installed, 'docs/explore.md'), 'utf8')
    expect(guide).toContain("from 'every-order/vite'")
    expect(guide).toContain('npx every-order explore scenarios.js')
    expect(guide).not.toMatch(/(?:'|npx |import )sk-storage/)
  })
})
