/**
 * `explore` where the machine refuses it something: files, disk, permission. One sentence, and never the status of a
 * finding or of a clean verdict that nobody got.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shareOf } from '../share.ts'
import { HANG } from './command.ts'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const SETUP = 'const setup = () => ({ w: new Int32Array(new SharedArrayBuffer(8)) })\n'
const CLEAN = `${SETUP}const add = ({ w }) => { Atomics.add(w, 0, 1) }
export const it = { setup, threads: [add, add] }
`
const RACE = `${SETUP}const add = ({ w }) => { w[0]++ }\nexport const it = { setup, threads: [add, add] }\n`
/** Root may read everything. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
/** The checkout may stand where nobody else may look. */
const RUNS = spawnSync(process.execPath, [MAIN, '--version'], NOBODY).status === 0

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sk-storage-machine-'))
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'clean.mjs'), CLEAN)
  writeFileSync(join(folder, 'race.mjs'), RACE)
  writeFileSync(join(folder, 'answer.mjs'), 'process.exit(7)\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a line of the shell in the folder; `$node` and `$explore` stand for what they name. */
function shell(line: string, user: object = {}): { status: number | null; stdout: string; stderr: string } {
  const node = process.execPath
  const env = { ...process.env, node, explore: `${node} ${MAIN} explore` }
  return spawnSync('/bin/sh', ['-c', line], { cwd: folder, env, encoding: 'utf8', timeout: HANG, ...user })
}

const SENTENCE = /^sk-storage( explore)?: [^\n]+\n$/

describe.skipIf(process.platform === 'win32')('too few files that may be open', { timeout: HANG }, () => {
  it('are told in one sentence, at whatever moment that is', () => {
    const limits = Array.from({ length: 110 }, (_, k) => k + 14)
    // With less than that Node itself does not come to a first line.
    const least = limits.find((limit) => shell(`ulimit -n ${limit}; exec $node answer.mjs`).status === 7)!
    const some = [0, 1, 2, 3].map((more) => least + more)
    for (const limit of [...some, ...shareOf('limits', limits.slice(limits.indexOf(least) + 4), 4)]) {
      const { status, stdout, stderr } = shell(`ulimit -n ${limit}; exec $explore clean.mjs`)
      if (status === 0) expect(stdout, `${limit}`).toMatch(/^it: exhaustive: 2 traces/)
      else expect({ limit, status, stderr }).toEqual({ limit, status: 4, stderr: expect.stringMatching(SENTENCE) })
    }
  })

  it.each(['bench', 'props/hunt', 'conformance'])('are told by %s, before its code is there', (name) => {
    const main = join(MAIN, '../../..', name, 'main.js')
    const limits = Array.from({ length: 30 }, (_, k) => k + 14)
    const least = limits.find((limit) => shell(`ulimit -n ${limit}; exec $node answer.mjs`).status === 7)!
    for (const limit of [least, least + 1, least + 2]) {
      const { status, stdout, stderr } = shell(`ulimit -n ${limit}; exec $node ${main} --help`)
      expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
      expect(stderr).toMatch(/^\w+: the command itself failed: [^\n]+\n$/)
    }
  })

  it('while the author’s files are loaded', () => {
    const names = Array.from({ length: 200 }, (_, k) => `part-${k}.mjs`)
    for (const name of names) writeFileSync(join(folder, name), 'export {}\n')
    writeFileSync(join(folder, 'parts.mjs'), names.map((name) => `import './${name}'\n`).join('') + CLEAN)
    const { status, stderr } = shell('ulimit -n 150; exec $explore parts.mjs')
    expect(stderr).toMatch(SENTENCE)
    expect(status).toBe(4)
  })
})

describe.skipIf(!existsSync('/dev/full'))('a full disk', { timeout: HANG }, () => {
  it.each([
    ['under the report', 'exec $explore clean.mjs > /dev/full'],
    ['under JSON Lines', 'exec $explore clean.mjs --json > /dev/full'],
    ['under the report on a finding', 'exec $explore race.mjs > /dev/full'],
    ['under the help', 'exec $explore --help > /dev/full'],
  ])('%s is told in one sentence', (_, line) => {
    const { status, stderr } = shell(line)
    expect(stderr).toMatch(/^sk-storage explore: the command itself failed: ENOSPC: [^\n]+\n$/)
    expect(status).toBe(4)
  })

  it.each([
    ['a trace', 'exec $explore race.mjs --shiviz /dev/full', 'shiviz', 1],
    ['two traces', 'exec $explore race.mjs --perfetto /dev/full --shiviz written', 'perfetto', 1],
    ['a checkpoint', 'exec $explore clean.mjs --checkpoint at.json --max-executions 1', 'checkpoint', 4],
    [
      'a checkpoint behind a finding',
      'exec $explore race.mjs --keep-going --checkpoint at.json --max-executions 1',
      'checkpoint',
      1,
    ],
  ])('under %s takes nothing away from the answer', (_, line, flag, expected) => {
    // What is to become the checkpoint is written beside it first.
    if (line.includes('at.json')) symlinkSync('/dev/full', join(folder, 'at.json.new'))
    const { status, stdout, stderr } = shell(line)
    expect(stderr).toMatch(new RegExp(`^sk-storage explore: --${flag}: could not be written: ENOSPC: [^\\n]+\\n$`))
    expect(stdout).toMatch(expected === 1 ? /^data-race: /m : /^it: not exhaustive|budget|stopped/m)
    expect(status).toBe(expected)
    rmSync(join(folder, 'at.json.new'), { force: true })
  })
})

describe.skipIf(process.platform === 'win32' || !RUNS)('what may not be read or written', { timeout: HANG }, () => {
  beforeAll(() => {
    for (const name of ['secret.mjs', 'hidden/it.mjs', 'hidden/at.json', 'package/package.json']) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), name.endsWith('.mjs') ? CLEAN : '{}')
    }
    writeFileSync(join(folder, 'package/it.js'), CLEAN)
    writeFileSync(join(folder, 'imports.mjs'), `import './secret.mjs'\n${CLEAN}`)
    mkdirSync(join(folder, 'fixed'))
    chmodSync(join(folder, 'secret.mjs'), 0)
    chmodSync(join(folder, 'package/package.json'), 0)
    chmodSync(join(folder, 'hidden'), 0)
    chmodSync(join(folder, 'fixed'), 0o555)
  })
  afterAll(() => chmodSync(join(folder, 'hidden'), 0o755))

  it.each([
    ['a file', 'exec $explore secret.mjs', 2],
    ['a folder', 'exec $explore hidden/it.mjs', 2],
    ['a file that is imported', 'exec $explore imports.mjs', 2],
    ['a package.json', 'exec $explore package/it.js', 2],
    ['a checkpoint', 'exec $explore --resume secret.mjs', 2],
    ['a checkpoint in a folder', 'exec $explore --resume hidden/at.json', 2],
    ['a file in the place of a checkpoint', 'exec $explore clean.mjs --checkpoint secret.mjs', 2],
    ['a folder for a checkpoint', 'exec $explore clean.mjs --checkpoint hidden/new.json', 2],
    ['a folder to write a checkpoint to', 'exec $explore clean.mjs --max-executions 1 --checkpoint fixed/at.json', 4],
    ['a folder to write a trace to', 'exec $explore race.mjs --shiviz fixed/trace', 1],
    ['a folder for what is instrumented', 'export TMPDIR=fixed; exec $explore clean.mjs', 4],
    ['a folder for what is instrumented that is not there', 'export TMPDIR=/nowhere; exec $explore clean.mjs', 4],
  ])('%s gets one sentence', (_, line, status) => {
    const ended = shell(line, NOBODY)
    expect(ended.stderr).toMatch(SENTENCE)
    expect(ended.stderr).toMatch(/EACCES|ENOENT|folder that exists/)
    expect(ended.status).toBe(status)
  })
})
