import { expect, it } from 'vitest'
import { check, loadInstrumentedText } from '../../../src/explore/index.ts'

const TEXT = [
  'export const words = new Int32Array(new SharedArrayBuffer(8))',
  'export const threads = [',
  'function write() { words[0] = 1 // @explore at counter.c:7:3 counter = 1',
  '},',
  '() => words[0],',
  ']',
].join('\n')

it('loads a text that is no file, and shows where its lines come from', async () => {
  const { words, threads } = (await loadInstrumentedText(TEXT, 'counter')) as {
    words: Int32Array
    threads: (() => void)[]
  }
  const { violation } = check({ name: 'made', setup: () => words, threads }, {})
  expect(violation?.kind).toBe('data-race')
  const write = violation!.steps.find(({ operation }) => operation === 'write')!
  expect(write.where).toBe('counter.c:7  counter = 1')
  // Of the other one nothing is said.
  expect(violation!.sites.join()).toMatch(/counter\.mjs:5/)
})

it('says where a text is no module', async () => {
  await expect(loadInstrumentedText('export const = 1', 'odd')).rejects.toThrow(/^odd\.mjs:1:\d+: /)
})
