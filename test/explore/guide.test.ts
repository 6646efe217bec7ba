/**
 * docs/explore.md, run: the code in it is written to files and explored, and prints what stands there.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DETECTORS } from '../../src/explore/detectors/detectors.ts'
import { check } from '../../src/explore/explore.ts'
import { loadInstrumented } from '../../src/explore/load/load.ts'
import { createHistory } from '../../src/explore/program/history.ts'
import { formatResult, formatViolation } from '../../src/explore/report/text.ts'
import type { Scenario } from '../../src/explore/scenario.ts'

const guide = readFileSync(new URL('../../docs/explore.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, text]) => ({ language, text: text }))

/** The block that holds this text. */
function block(text: string): string {
  const found = blocks.filter((each) => each.text.includes(text))
  expect(found, `blocks with ${text}`).not.toEqual([])
  return found[0].text
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guide-'))
  for (const { language, text } of blocks) {
    const file = language === 'js' ? /^\/\/ (\S+)\n/.exec(text)?.[1] : undefined
    if (file === undefined) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

async function scenario(): Promise<Scenario<unknown>> {
  const { twoCallers } = await loadInstrumented(join(folder, 'scenarios.js'))
  return { ...(twoCallers as Scenario<unknown>), name: 'twoCallers' }
}

/** Lines without what depends on how wide a terminal is, and without the comment that names a file. */
const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')

describe('its chapter on async code', () => {
  it('shows what is told of the mutex that forgets to notify', async () => {
    const { forgotten } = await loadInstrumented(join(folder, 'mutex.js'))
    const { violation } = check(forgotten as Scenario<unknown>)
    const [first] = lines(formatViolation(violation!, { colours: false, folder }))
    expect(first.replaceAll(`${folder}/`, '')).toBe(lines(block('awaits a promise'))[0])
  })
})

describe('the guide', () => {
  it('shows the report on the lost ticket as it is', async () => {
    const { violation } = check(await scenario())
    const report = lines(formatViolation(violation!, { colours: false, folder }))
    const shown = lines(block('lost at step 2'))
    const steps = (of: string[]) => of.filter((line) => /^ +\d /.test(line))
    expect(steps(report)).toEqual(steps(shown))
    expect(report.find((line) => line.startsWith('schedule'))).toBe(shown.find((line) => line.startsWith('schedule')))
    expect(report).toContain(shown.find((line) => line.startsWith('lost at step 2')))
  })

  it('has lines to replay that are not out of date for who copies the code', async () => {
    const { violation } = check(await scenario())
    const [, , fingerprint, ...rest] = violation!.replay.split(' ')
    const shown = [...guide.matchAll(/explore1 (?:-|scenarios\.js#twoCallers) (\w+) (S\S+ \w+)/g)]
    expect(shown.length).toBeGreaterThan(2)
    for (const line of shown) expect(line.slice(1)).toEqual([fingerprint, rest.join(' ')])
  })

  it('shows a history that no order explains', async () => {
    const file = join(folder, 'history.js')
    const code = block('createHistory()')
    const makes = code.slice(code.indexOf('const history'), code.indexOf('  explore({'))
    const explored = /explore\((\{[\s\S]*?\n {2}\})\)\n/.exec(code)![1]
    const model = /const counter = .*/.exec(code)![0]
    // Given to the file: imported from there it would be another copy of the module.
    writeFileSync(
      file,
      `import { nextTicket } from './src/ticket.js'
      ${model}
      export const make = (createHistory) => {
        ${makes}
        return ${explored}
      }`,
    )
    const { make } = await loadInstrumented(file)
    const { violation } = check((make as (create: typeof createHistory) => Scenario<unknown>)(createHistory))
    expect(block('linearizability: no order')).toContain(`${violation!.kind}: ${violation!.message}`)
    // Where an operation begins and ends stands in no line; the violation is where it last touched something.
    const [first, ...others] = violation!.steps
    expect(first).toMatchObject({ operation: 'operation begins', where: '' })
    expect(others.find(({ operation }) => operation === 'store')?.where).toBe(violation!.sites[0])
  })

  it('shows the result on the fixed one as it is', async () => {
    const file = join(folder, 'src/ticket.js')
    const broken = readFileSync(file, 'utf8')
    writeFileSync(file, block('return Atomics.add(words, 0, 1)'))
    const result = formatResult(check(await scenario()), { colours: false, folder })
    writeFileSync(file, broken)
    expect(block('exhaustive: 2 traces')).toContain(result)
  })

  it('names every detector, in their order', () => {
    const rows = Object.entries(DETECTORS).map(([name, { help }]) => `| \`${name}\` | ${help} |\n`)
    expect(guide).toContain(`| detector | looks for |\n|---|---|\n${rows.join('')}\n`)
  })

  it('names every kind of violation', () => {
    const kinds = /type ViolationKind =([\s\S]*?)\n\n/.exec(
      readFileSync(new URL('../../src/explore/result.ts', import.meta.url), 'utf8'),
    )![1]
    for (const [, kind] of kinds.matchAll(/'([\w-]+)'/g)) expect(guide).toContain(`\`${kind}\``)
  })
})
