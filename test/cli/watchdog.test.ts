/**
 * What can't be interrupted does not hold a test run for ever: it is told on stderr, and its process is ended.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { shareOf } from '../share.ts'
import { HANG } from './command.ts'

const root = resolve(import.meta.dirname, '../..')

const HELD = {
  'a native that works for very long': {
    thread: `(w) => { Atomics.add(w, 0, 1); const holes = []; holes.length = 2 ** 32 - 1; holes.forEach(() => {}) }`,
    told: /a loop without a visible step, or a native that takes long: nothing for [\d.]+ s of computing/,
  },
  'a sleep in another realm': {
    thread: '(w) => { Atomics.add(w, 0, 1); sleep() }',
    told: /asleep without a visible step: code that is not followed waits, and nobody runs beside it/,
  },
}

const SLEEPER = `const wait = require('node:vm').runInNewContext('Atomics').wait
const w = new Int32Array(new SharedArrayBuffer(4))
exports.sleep = () => wait(w, 0, 0)
`

const textOf = (api: string, thread: string) => `import { sleep } from 'sleeper'
${api}
import { explore } from 'sk-storage/explore'
const words = () => new Int32Array(new SharedArrayBuffer(8))
it('has a test that comes to its end', () => {
  const add = (w) => Atomics.add(w, 0, 1)
  if (explore({ setup: words, threads: [add, add] }).executions !== 2) throw new Error('not explored')
})
it('holds the process', () => {
  const other = (w) => Atomics.load(w, 1)
  explore({ setup: words, threads: [${thread}, other] })
})
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  mkdirSync(join(folder, 'node_modules/sleeper'), { recursive: true })
  writeFileSync(join(folder, 'node_modules/sleeper/index.js'), SLEEPER)
  for (const [name, to] of [
    ['sk-storage', root],
    ['vitest', join(root, 'node_modules/vitest')],
  ])
    symlinkSync(to, join(folder, 'node_modules', name), 'dir')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly status: number | null
  readonly output: string
}

function node(...words: readonly string[]): Promise<Ended> {
  const { VITEST: _vitest, NODE_OPTIONS: _options, ...rest } = process.env
  const env = { ...rest, EXPLORE_PATIENCE: '0.5' }
  const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, output })))
}

const vitest = (pool: string) => [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', pool, '--pool', pool]
const register = ['--import', 'sk-storage/register', '--test', 'node']

const runs = [
  ['a native that works for very long', 'forks', vitest('forks'), "import { it } from 'vitest'"],
  ['a native that works for very long', 'threads', vitest('threads'), "import { it } from 'vitest'"],
  ['a native that works for very long', 'node', register, "import { it } from 'node:test'"],
  ['a sleep in another realm', 'forks', vitest('forks'), "import { it } from 'vitest'"],
] as const

it.each(shareOf('runs that are held', runs, 2))(
  '%s is told and ended in a test runner: %s',
  { timeout: HANG },
  async (held, place, words, api) => {
    const { thread, told } = HELD[held]
    mkdirSync(join(folder, place), { recursive: true })
    writeFileSync(join(folder, place, 'held.test.js'), textOf(api, thread))
    writeFileSync(
      join(folder, place, 'vitest.config.mjs'),
      `import { explorePlugin } from 'sk-storage/vite'
    export default { plugins: [explorePlugin({ patience: 0.5 })] }`,
    )
    const { status, output } = await node(...words)
    expect(output).toMatch(told)
    expect(output).toMatch(/after a step at \S*held\.test\.js:11\. Nothing can interrupt it, so its process is ended/)
    expect(status).not.toBe(0)
  },
)
