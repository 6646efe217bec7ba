/** `explore` with several files, folders and patterns, and `--watch`. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const MAIN = join(root, 'dist/src/cli/main.js')

const RIGHT = 'export const next = (words) => Atomics.add(words, 0, 1)\n'
const WRONG =
  'export const next = (words) => { const n = Atomics.load(words, 0); Atomics.store(words, 0, n + 1); return n }\n'
const scenario = (name: string) =>
  `import { next } from '${name}'
  export const two = {
    setup: () => new Int32Array(new SharedArrayBuffer(4)),
    threads: [next, next],
    after: (_, [mine, yours]) => mine !== yours,
  }`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'explore-files-'))
  const files = {
    'package.json': '{ "type": "module" }',
    'races/counter.js': RIGHT,
    'races/a.js': scenario('./counter.js'),
    'races/deep/b.js': scenario('../other.js'),
    'races/other.js': RIGHT,
    'races/node_modules/c/c.js': WRONG,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function explore(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'explore', ...words], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, scenarios: [...stdout.matchAll(/^(\S+): exhaustive/gm)].map(([, name]) => name), stderr }
}

it.each([
  ['a folder', ['races']],
  ['a pattern over folders', ['races/**/*.js']],
  ['files, each once', ['races/a.js', './races/a.js', 'races/deep/b.js']],
])('explores %s, and names each scenario with its file', (_, words) => {
  expect(explore(...words)).toMatchObject({ status: 0, scenarios: ['races/a.js#two', 'races/deep/b.js#two'] })
})

it('tells the files it found no scenarios in, and refuses those that were named for it', () => {
  expect(explore('races').stderr).toBe('sk-storage explore: no scenarios in races/counter.js, races/other.js\n')
  expect(explore('races/a.js', 'races/counter.js')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('got only the export next in races/counter.js, expected one like'),
  })
  expect(explore('races/*.jsx').stderr).toBe(
    "sk-storage explore: got 'races/*.jsx', expected one with a script in it\n",
  )
  expect(explore('races/*.js', '--scenario', 'three').stderr).toContain("--scenario: got 'three', expected two")
})

/** A watch of the folder, and what it has printed. */
function watching() {
  const child = spawn(process.execPath, [MAIN, 'explore', 'races', '--watch'], { cwd: folder })
  const seen = { output: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (seen.output += text))
  const until = async (text: string, times = 1) => {
    while (seen.output.split(text).length <= times) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const end = async () => {
    child.kill('SIGINT')
    return once(child, 'exit')
  }
  return { seen, until, end }
}

it('explores all, and after an edit the files that load what was edited, and no others, until Ctrl-C', async () => {
  const { seen, until, end } = watching()
  await until('watching 4 files')
  expect(seen.output).toContain('races/a.js#two: exhaustive')
  expect(seen.output).toContain('races/deep/b.js#two: exhaustive')
  writeFileSync(join(folder, 'races/counter.js'), WRONG)
  await until('watching 4 files', 2)
  expect(seen.output).toContain('changed: races/counter.js; exploring 1 scenario of files that load it')
  expect(seen.output).toContain('races/a.js#two: found in execution')
  writeFileSync(join(folder, 'races/counter.js'), RIGHT)
  await until('watching 4 files', 3)
  expect(seen.output.match(/^races\/a.js#two: /gm)).toHaveLength(3)
  expect(seen.output.match(/^races\/a.js#two: exhaustive/gm)).toHaveLength(2)
  expect(seen.output.match(/^races\/deep\/b.js#two: /gm)).toHaveLength(1)
  expect(await end()).toEqual([0, null])
})

it('ends what is under way at an edit, and ends a round at what breaks or does not load', async () => {
  const slow = `export const long = {
    setup: () => new Int32Array(new SharedArrayBuffer(32)),
    threads: [0, 1, 2, 3, 4].map(() => (words) => { for (let i = 0; i < 8; i++) Atomics.add(words, i, 1) }),
  }`
  writeFileSync(join(folder, 'races/a0.js'), slow)
  const { seen, until, end } = watching()
  await until('races/a.js#two: exhaustive')
  writeFileSync(join(folder, 'races/a0.js'), 'export const long = {')
  await until('watching 5 files')
  expect(seen.output).toContain('changed: races/a0.js; exploring 1 scenario of files that load it')
  expect(seen.output).not.toContain('races/a0.js#long: exhaustive')
  expect(seen.output).toContain("got 'races/a0.js', expected a file that loads")
  rmSync(join(folder, 'races/a0.js'))
  await end()
})

it('explores with --all what package.json names, the cheapest first, and refuses one that names nothing', () => {
  const manifest = join(folder, 'package.json')
  expect(explore('--all').stderr).toContain('package.json\', expected one with "explore"')
  writeFileSync(join(folder, 'traces.json'), '{ "a.js": { "two": 2 }, "b.js": { "two": 1 } }')
  const all = { files: ['races', '!races/node.js'], traces: 'traces.json' }
  writeFileSync(join(folder, 'races/node.js'), WRONG)
  writeFileSync(manifest, JSON.stringify({ type: 'module', explore: all }))
  expect(explore('--all')).toMatchObject({ status: 0, scenarios: ['races/deep/b.js#two', 'races/a.js#two'] })
  expect(explore('--all', 'races').stderr).toContain('--all: got a file, --litmus or --resume as well')
  rmSync(join(folder, 'races/node.js'))
})

it('explores with --all before all others what the museum has for lines that were edited', () => {
  const own = 'src/shared/sk-storage-elem.ts'
  const text = readFileSync(join(root, own), 'utf8')
  const unlinks = ['  selemUnlinkMap(cpu, selem)\n', '  selemUnlinkSk(cpu, selem)\n']
  expect(text).toContain(unlinks.join(''))
  const place = 'props/scenarios/iterate.ts'
  const write = (file: string, its: string) => {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), its)
  }
  write(place, scenario('../../races/counter.js').replace('two =', 'iterateAgainstDelete ='))
  write('traces.json', '{ "a.js": { "two": 1 }, "iterate.ts": { "iterateAgainstDelete": 9 }, "b.js": { "two": 2 } }')
  const all = { files: ['races', 'props'], traces: 'traces.json' }
  write('package.json', JSON.stringify({ type: 'module', explore: all }))
  const [a, b, iterate] = ['races/a.js#two', 'races/deep/b.js#two', `${place}#iterateAgainstDelete`]
  write(own, text)
  expect(explore('--all').scenarios).toEqual([a, b, iterate])
  write(own, text.replace(unlinks.join(''), unlinks.toReversed().join('')))
  expect(explore('--all')).toMatchObject({ status: 0, scenarios: [iterate, a, b] })
  for (const its of ['src', 'props']) rmSync(join(folder, its), { recursive: true })
})

it.each([
  ['is no script', 'export const two = {', 2, "got 'races/ab.js', expected a file that loads, but "],
  ['ends the process', 'process.exit(3)', 4, 'races/ab.js: its own code ended the process with status 3'],
])('explores the others where one %s, and says so', (_, text, status, why) => {
  const file = join(folder, 'races/ab.js')
  writeFileSync(file, text)
  const ended = explore('races')
  expect(ended).toMatchObject({ status, scenarios: ['races/a.js#two', 'races/deep/b.js#two'] })
  expect(ended.stderr.split('sk-storage explore: ').filter((line) => line.startsWith(why))).toHaveLength(1)
  // One that was named is a command line that makes no sense.
  expect(explore('races/a.js', 'races/ab.js')).toMatchObject({ status, scenarios: [] })
  const { stdout } = spawnSync(process.execPath, [MAIN, 'explore', 'races', '--json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const lines = stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['failed', 'result', 'result'])
  expect(explore('races/ab.js').stderr.split(why)).toHaveLength(2)
  rmSync(file)
})

it('loads a file as its scenarios ask for', () => {
  const edits = [{ file: 'counter.js', from: RIGHT, to: WRONG }]
  const file = join(folder, 'asks.js')
  const asks = scenario('./races/counter.js').replace(
    'export const two = {',
    `export const two = { edits: ${JSON.stringify(edits)},`,
  )
  writeFileSync(file, asks)
  expect(explore('asks.js').status).toBe(1)
  writeFileSync(file, asks.replaceAll('counter.js"', 'no.js"'))
  expect(explore('asks.js').stderr).toContain('but the edit of no.js fits no file that it loads')
  rmSync(file)
})

it('applies a folder of patches, tells who loads none of it, and replays so', () => {
  mkdirSync(join(folder, 'wrong'))
  const patch = (file: string) => `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${RIGHT.trim()}\n+${WRONG.trim()}\n`
  const path = join(folder, 'wrong/one.patch')
  writeFileSync(path, patch('races/counter.js'))
  const { status, stderr } = explore('races', '--edits', 'wrong')
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('nothing that wrong edits is loaded by races/deep/b.js'),
  })
  const { stdout } = spawnSync(process.execPath, [MAIN, 'explore', 'races/a.js', '--edits', 'wrong', '--json'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const line = JSON.parse(stdout).violation.replay
  expect(line).toContain('races/a.js#two#edits=wrong ')
  const replayed = spawnSync(process.execPath, [MAIN, 'replay', line], { cwd: folder, encoding: 'utf8' })
  expect(replayed).toMatchObject({ status: 1, stdout: expect.stringContaining('two') })
  writeFileSync(path, patch('lib/counter.js'))
  expect(explore('races', '--edits', 'wrong').stderr).toContain("--edits: got an edit of 'lib/counter.js', expected /")
  expect(explore('races', '--edits', 'none').stderr).toContain('--edits: ')
})

it('lays memory out by a number, names it in the line, and replays and goes on with it', () => {
  const file = join(folder, 'races/laid.js')
  // Both store to one word in some layouts alone.
  writeFileSync(
    file,
    `const LAYOUT = 0
    export const two = {
      setup: () => new Int32Array(new SharedArrayBuffer(8)),
      threads: [(w) => { w[0] = 1 }, (w) => { w[LAYOUT === 7 ? 0 : 1] = 2 }],
    }`,
  )
  const run = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, encoding: 'utf8' })
  expect(run('explore', 'races/laid.js', '--layout', '6').status).toBe(0)
  const { status, stdout } = run('explore', 'races/laid.js', '--layout', '7', '--json', '--jobs', '2')
  expect(status).toBe(1)
  const line = JSON.parse(stdout).violation.replay
  expect(line).toContain('races/laid.js#two#layout=7 ')
  expect(run('replay', line)).toMatchObject({ status: 1, stdout: expect.not.stringContaining('has changed') })
  expect(run('replay', line.replace('#layout=7', '#layout=8')).stdout).toContain('The code has changed')
  const flags = ['--layout', '7', '--keep-going', '--max-executions', '1', '--checkpoint', 'at.json']
  expect(run('explore', 'races/laid.js', ...flags).status).toBe(1)
  expect(run('explore', '--resume', 'at.json')).toMatchObject({ status: 1, stderr: '' })
  const some = explore('races/laid.js', 'races/a.js', '--layout', '6')
  expect(some).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("no 'const LAYOUT = 0' is loaded by races/a.js"),
  })
  expect(explore('races/a.js', '--layout', '6').stderr).toContain(
    "--layout: got races/a.js, expected a file that has, or loads one with, a line 'const LAYOUT = 0'",
  )
  rmSync(file)
})

it('goes on with the patches that a search began with', () => {
  mkdirSync(join(folder, 'patches'))
  const patch = `--- a/races/counter.js\n+++ b/races/counter.js\n@@ -1 +1 @@\n-${RIGHT.trim()}\n+${WRONG.trim()}\n`
  writeFileSync(join(folder, 'patches/one.patch'), patch)
  const flags = ['--edits', 'patches', '--keep-going', '--max-executions', '1', '--checkpoint', 'at.json']
  expect(explore('races/a.js', ...flags).status).toBe(3)
  expect(explore('--resume', 'at.json')).toMatchObject({ status: 1, stderr: '' })
})

it('takes no search that goes on along with --watch', () => {
  expect(explore('races', '--watch', '--checkpoint', 'x.json').stderr).toContain('--watch: got --resume, --checkpoint')
})
