import { execFileSync } from 'node:child_process'
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
