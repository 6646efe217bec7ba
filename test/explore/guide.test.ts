/**
 * docs/explore.md, run: the code in it is written to files and explored, and prints what stands there.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { check } from '../../src/explore/explore.ts'
import { loadInstrumented } from '../../src/explore/load.ts'
import { formatResult, formatViolation } from '../../src/explore/report-text.ts'
import type { Scenario } from '../../src/explore/result.ts'

const guide = readFileSync(new URL('../../docs/explore.md', import.meta.url), 'utf8')
const blocks = [...guide.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, text]) => ({ language, text: text! }))

/** The block that holds this text. */
function block(text: string): string {
  const found = blocks.filter((each) => each.text.includes(text))
  expect(found, `blocks with ${text}`).not.toEqual([])
  return found[0]!.text
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

describe('the guide', () => {
  it('shows the report on the lost ticket as it is', async () => {
    const { violation } = check(await scenario())
    const report = lines(formatViolation(violation!, { colours: false, folder }))
    const shown = lines(block('lost at step 2'))
    // The steps, word by word. The file in the guide has no comment with its name, so its lines count one less.
    const steps = (of: string[]) => of.filter((line) => /^ +\d /.test(line)).map((line) => line.replace(/:\d/, ''))
    expect(steps(report)).toEqual(steps(shown))
    expect(report.find((line) => line.startsWith('schedule'))).toBe(shown.find((line) => line.startsWith('schedule')))
    expect(report).toContain(shown.find((line) => line.startsWith('lost at step 2')))
  })

  it('shows the result on the fixed one as it is', async () => {
    const file = join(folder, 'src/ticket.js')
    const broken = readFileSync(file, 'utf8')
    writeFileSync(file, block('return Atomics.add(words, 0, 1)'))
    const result = formatResult(check(await scenario()), { colours: false, folder })
    writeFileSync(file, broken)
    expect(block('exhaustive: 2 traces')).toContain(result)
  })

  it('names every kind of violation', () => {
    const kinds = /type ViolationKind =([\s\S]*?)\n\n/.exec(
      readFileSync(new URL('../../src/explore/result.ts', import.meta.url), 'utf8'),
    )![1]!
    for (const [, kind] of kinds.matchAll(/'([\w-]+)'/g)) expect(guide).toContain(`\`${kind}\``)
  })
})
