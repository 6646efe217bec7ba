import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { KNOWN_DIFFERENCES } from '../../conformance/known.ts'
import { knownTable } from '../../conformance/known-table.ts'
import { WITNESSES } from '../../conformance/witnesses.ts'

it('the table of known differences stands in docs/conformance.md as it is', () => {
  const docs = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8')
  expect(docs.split('\n').filter((line) => /^\| [a-z]+(-[a-z]+)+ \|/.test(line))).toEqual(
    knownTable().trimEnd().split('\n').slice(2),
  )
})

it('each row has a name of its own and a sequence that meets it', () => {
  const ids = KNOWN_DIFFERENCES.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(Object.keys(WITNESSES).sort()).toEqual([...ids].sort())
})
