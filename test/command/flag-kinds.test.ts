import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { duration, folder, integer, oneOf, output, path, size } from '../../src/command/flag-kinds.ts'
import type { Flag } from '../../src/command/flags.ts'
import { UsageError } from '../../src/command/usage-error.ts'

const place = mkdtempSync(join(tmpdir(), 'flags-'))
const file = join(place, 'file')
writeFileSync(file, '')
afterAll(() => rmSync(place, { recursive: true }))

const KINDS: readonly [Flag<unknown>, readonly [string, unknown][], readonly string[], string][] = [
  [
    integer('', 3, 1, 64),
    [
      ['64', 64],
      ['+1', 1],
    ],
    ['0', '65', '1.5', '1e1', '0x2', ''],
    'an integer from 1 to 64',
  ],
  [
    duration('minutes', '', 1),
    [
      ['.5', 0.5],
      ['20', 20],
    ],
    ['0', '-1', '1e3', 'soon', '1000001'],
    'a number of minutes above 0, up to 1000000',
  ],
  [size('', 1, ''), [['64MiB', 1 << 26]], ['0', '64MB'], 'a size such as 64MiB, 1GiB or 67108864'],
  [oneOf('', ['this', 'that']), [['that', 'that']], ['thus', ''], 'this or that'],
  [path(''), [['x', 'x']], [''], 'a path'],
  [
    folder('', 'out'),
    [
      [place, place],
      [join(place, 'new'), join(place, 'new')],
    ],
    ['', file],
    'a folder, or a path where one can be made',
  ],
  [
    output(''),
    [
      [file, file],
      [join(place, 'new'), join(place, 'new')],
    ],
    ['', place, '/nowhere/at/all'],
    'a file in a folder that exists',
  ],
]

describe.each(KINDS)('a flag', ({ parse }, good, bad, expected) => {
  it(`takes ${expected}`, () => {
    for (const [text, value] of good) expect(parse!('flag', text)).toBe(value)
  })

  it.each(bad)(`refuses %j where ${expected} is expected`, (text) => {
    expect(() => parse!('flag', text)).toThrow(new UsageError(`--flag: got '${text}', expected ${expected}`))
  })
})
