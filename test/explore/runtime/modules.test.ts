import { expect, it } from 'vitest'
import { createModules } from '../../../src/explore/runtime/modules.ts'

it('a module may have more sites than a call may have arguments', () => {
  const { module, sites } = createModules()
  const its = Array.from({ length: 300_000 }, (_, n) => ({
    file: 'a.js',
    line: n,
    column: 0,
    operation: 'reads',
    source: '',
  }))
  expect(module('a.js', '0', its as never)).toBe(0)
  expect(module('b.js', '0', its.slice(0, 1) as never)).toBe(300_000)
  expect(sites).toHaveLength(300_001)
})
