import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const folder = new URL('../examples/', import.meta.url)
/** Those that are run; the others are modules that they load. */
const programs = readdirSync(folder).filter(
  (name) => name.endsWith('.js') && readFileSync(new URL(name, folder), 'utf8').includes('await boot('),
)

it('has examples', () => {
  expect(programs).toContain('count-packets.js')
})

it.each(programs)('runs %s to its end', (name) => {
  const output = execFileSync(process.execPath, [new URL(name, folder).pathname], {
    encoding: 'utf8',
    timeout: 600_000,
  })
  expect(output).toContain('leaks: { objects: 0, bytes: 0 }')
})

it('counts every packet once, however many CPUs counted', () => {
  const output = execFileSync(process.execPath, [new URL('count-packets.js', folder).pathname], {
    encoding: 'utf8',
    timeout: 600_000,
  })
  expect(output).toContain('counted 4000000 packets')
})

it('explores a BPF program beside a function and syscalls', () => {
  const main = new URL('../dist/src/cli/main.js', import.meta.url).pathname
  const example = new URL('count-and-reset.js', folder).pathname
  const args = [main, 'explore', example, '--detect', 'lostUpdates,-dataRaces', '--json']
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 600_000 })
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(results).toMatchObject([
    {
      scenario: 'countAndClose',
      violation: null,
      exhaustive: true,
      outcomes: [{}, { outcome: 'egress_cnt gone; returned 1, -9, 0' }, {}],
    },
    { scenario: 'countAndReset', violation: { kind: 'lost-update' } },
  ])
})

it.each([
  ['queue.js', [{ executions: 44 }, { violation: { kind: 'data-race' } }]],
  ['mutex.js', [{ executions: 10 }, { violation: { kind: 'deadlock' } }]],
  ['lazy-table.js', [{ executions: 6 }, { violation: { kind: 'assertion' } }]],
])('proves what is right in %s, and breaks what is wrong', (name, [right, wrong]) => {
  const main = join(root, 'dist/src/cli/main.js')
  const args = [main, 'explore', `examples/explorer/${name}`, '--json']
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  const results = (stdout.trim().split('\n') ?? []).map((line) => JSON.parse(line))
  expect(results.sort((a, b) => Number(b.exhaustive) - Number(a.exhaustive))).toMatchObject([
    { exhaustive: true, violation: null, ...right },
    { exhaustive: false, ...wrong },
  ])
})

it.each([
  ['vitest-project', 'src/barrier.ts', '    Atomics.notify(words, 1)\n', 'deadlock: stuck: thread'],
  ['node-test-project', 'src/id.js', 'Atomics.add(words, 0, block)', 'assertion: Expected values to be strictly equal'],
])('tests %s as its package.json says, green as it stands and red without a line', (name, file, line, report) => {
  const project = mkdtempSync(join(tmpdir(), `${name}-`))
  cpSync(new URL(name, folder), project, { recursive: true })
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(join(root, 'dist/every-order'), join(project, 'node_modules/every-order'), 'dir')
  for (const each of ['vitest', '.bin'])
    symlinkSync(join(root, 'node_modules', each), join(project, 'node_modules', each), 'dir')
  // Tests inside of tests: the inner ones must not take themselves for part of the outer.
  const { NODE_TEST_CONTEXT: _context, VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env
  const test = () => {
    const { status, stdout, stderr } = spawnSync('npm', ['test', '--silent'], { cwd: project, encoding: 'utf8', env })
    return { status, output: stdout + stderr }
  }
  expect(test()).toMatchObject({ status: 0 })
  const text = readFileSync(join(project, file), 'utf8')
  expect(text).toContain(line)
  writeFileSync(join(project, file), text.replace(line, line.startsWith('Atomics.add') ? 'Atomics.load(words, 0)' : ''))
  const { status, output } = test()
  rmSync(project, { recursive: true })
  expect([status, output]).toEqual([1, expect.stringContaining(report)])
})
