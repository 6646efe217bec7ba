import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { formatViolation } from '../../../src/explore/report/text.ts'
import { transform } from '../../../src/explore/transform/transform.ts'
import { instrumented, words } from '../support/source.ts'

it('a comment at the end of a generated line says what it was made from', () => {
  const text = `export function f(w) {
w[0] = w[0] + 1 // @explore at counter.bpf.c:23:9 c->cnt++
w[1] = 2 // @explore at some where.c:1:0
w[2] = 3 // @explored at x.c:1:1 no
}`
  const places = transform(text, '/x/generated.mjs').sites.map(({ file, line, column, source, operation, quoted }) => {
    return [file, line, column, source, operation, quoted]
  })
  expect(places).toEqual([
    ['counter.bpf.c', 23, 9, 'c->cnt++', 'read', true],
    ['counter.bpf.c', 23, 9, 'c->cnt++', 'write', true],
    ['some where.c', 1, 0, '', 'write', true],
    ['/x/generated.mjs', 4, 1, 'w[2] = 3', 'write', undefined],
  ])
})

it('reports tell such a place with its text', async () => {
  const source = `
export function a(w) { w[0]++ // @explore at counter.bpf.c:23:9 c->cnt++
}`
  const { a } = (await instrumented(source)) as { a: (w: Int32Array) => void }
  const { violation } = check({ setup: () => words(4), threads: [a, a] as never })
  expect(violation!.sites).toEqual(['counter.bpf.c:23  c->cnt++'])
  expect(formatViolation(violation!)).toMatch(/read shared\[0\].*counter\.bpf\.c:23 {2}c->cnt\+\+/)
})

it('on the long lines of minified code, places are told with their columns', async () => {
  const pad = `/* ${'x'.repeat(250)} */`
  const a = 'export function a(w){w[0]=1}'
  const b = 'export function b(w){w[0]=2}'
  const { a: one, b: other } = await instrumented(`${a}${pad}${b}\nexport const c=1;`, {}, 'min.js')
  const { violation } = check({ setup: () => words(4), threads: [one, other] as never })
  const columns = violation!.sites.map((site) => site.replace(/^.*min\.js:/, ''))
  expect(columns.sort()).toEqual([`1:${a.indexOf('w[0]') + 1}`, `1:${a.length + pad.length + b.indexOf('w[0]') + 1}`])
})
