/**
 * The chapter "A program with workers" of docs/explore.md: its program hangs as it says, and is proved when it is
 * mended.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exploreProgram } from '../../src/explore/index.ts'
import { formatResult } from '../../src/explore/report/text.ts'
import { withFiles } from '../explore/support/source.ts'

const page = readFileSync(new URL('../../docs/explore.md', import.meta.url), 'utf8')
const chapter = page.slice(page.indexOf('### A program with workers'), page.indexOf('## When there are too many'))
const files = Object.fromEntries(
  [...chapter.matchAll(/```js\n(\/\/ (\S+\.mjs)\n.*?)```/gs)].map(([, text, name]) => [name, text]),
)
const [stuck, proved] = [...chapter.matchAll(/```\n((?:deadlock|main\.mjs): .*)\n/g)].map(([, text]) => text)

const explored = (its: Record<string, string>) =>
  withFiles(its, (folder) => exploreProgram(join(folder, 'main.mjs'), { shrink: false }))

it('has a program that hangs, where and as it says', async () => {
  expect(Object.keys(files)).toEqual(['main.mjs', 'worker.mjs'])
  const { violation } = await explored(files)
  const [, message, place] = /^deadlock: (.*?) {2}\((.*)\)$/.exec(stuck)!
  expect(violation).toMatchObject({ kind: 'deadlock', message })
  expect(violation!.sites.map((site) => site.replace(/.*[\\/]/, ''))).toContain(place)
})

it('proves it with the words that it gives', async () => {
  const mended = {
    'main.mjs': files['main.mjs'].replace('Atomics.notify(words, 0)', 'Atomics.notify(words, 1)'),
    'worker.mjs': files['worker.mjs'].replace('Atomics.wait(words, 0, 0)', 'Atomics.wait(words, 1, 0)'),
  }
  expect(formatResult(await explored(mended)).split('\n')[0]).toBe(proved)
})
