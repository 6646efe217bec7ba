import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { type Ending, EXIT, exitHelp, MEANING } from '../../src/command/exit-status.ts'

it('is told in docs/commands.md as the commands tell it', () => {
  const text = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, status, meaning]) => [Number(status), meaning])
  expect(rows).toEqual((Object.keys(EXIT) as Ending[]).map((ending) => [EXIT[ending], MEANING[ending]]))
})

it('is told by --help: what a command has, in its own words where it has some, and what all have', () => {
  expect(exitHelp({ clean: 'shown', interrupted: true })).toBe(
    [
      'Exit status:',
      '    0  shown',
      `    2  ${MEANING.usage}`,
      `    4  ${MEANING.failed}`,
      `  130  ${MEANING.interrupted}`,
    ].join('\n'),
  )
})
