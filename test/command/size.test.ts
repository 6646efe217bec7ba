import { expect, it } from 'vitest'
import { formatSize, parseSize } from '../../src/command/size.ts'

it('reads sizes as people write them', () => {
  for (const [text, bytes] of [
    ['67108864', 1 << 26],
    ['64MiB', 1 << 26],
    ['64 MiB', 1 << 26],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['640KiB', 640 << 10],
    ['12B', 12],
  ] as const) {
    expect(parseSize(text)).toBe(bytes)
  }
  for (const text of ['', 'MiB', '64MB', '64m', '-1', '0x10', '1e6', '1.3B', '9007199254740993', '1_000']) {
    expect(parseSize(text)).toBe(Number.NaN)
  }
  expect([12, 2048, 1 << 26, 1.5 * 2 ** 30].map(formatSize)).toEqual(['12 bytes', '2 KiB', '64 MiB', '1.5 GiB'])
})
