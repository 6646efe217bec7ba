import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const folder = new URL('../examples/', import.meta.url)
/** Those that are run; the others are modules that they load. */
const programs = readdirSync(folder).filter((name) =>
  readFileSync(new URL(name, folder), 'utf8').includes('await boot('),
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
