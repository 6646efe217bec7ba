import { expect, it } from 'vitest'
import { compact, table } from '../../src/command/table.ts'

it('prints numbers in at most four digits and tables in columns', () => {
  expect([0, 999, 1000, 12_345, 999_949, 1_234_567, 2.5e9].map(compact)).toEqual([
    '0',
    '999',
    '1.00 k',
    '12.3 k',
    '999.9 k',
    '1.23 M',
    '2.50 G',
  ])
  expect(
    table([
      ['a', 'long'],
      ['bcd', '1'],
    ]),
  ).toEqual(['a    long', 'bcd     1'])
})
