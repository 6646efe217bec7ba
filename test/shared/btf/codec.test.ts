import { describe, expect, it } from 'vitest'
import { bpfSpinLock, char, struct, u32 } from '../../../src/shared/btf/btf.ts'

const Value = struct('value', { count: u32, lock: bpfSpinLock, name: char(40) })

describe('a value that is decoded', () => {
  it('has every field but the lock', () => {
    const words = new Int32Array(Value.size / 4).fill(0x61)
    expect(Object.keys(Value.decode(words, 0))).toEqual(['count', 'name'])
  })
})

describe('what is got in place of a value', () => {
  const encode =
    (count: unknown, name: unknown = '') =>
    () =>
      Value.encode({ count, name } as never)

  it.each<[string, unknown]>([
    ['"7"', '7'],
    [JSON.stringify('x'.repeat(40)), 'x'.repeat(40)],
    ['a string of 41 characters', 'x'.repeat(41)],
    ['7n', 7n],
    ['an array', [7]],
    ['an object', { n: 7 }],
    ['a function', () => 7],
    ['null', null],
    ['undefined', undefined],
    ['true', true],
  ])('is named as %s', (shown, got) => {
    expect(encode(got)).toThrow(
      new TypeError(`value.count: expected an integer from 0 to 4294967295 (u32), got ${shown}`),
    )
  })

  it('is named where a string is expected, too', () => {
    expect(encode(1, { length: 3 })).toThrow(new TypeError('value.name: expected a string (char[40]), got an object'))
  })
})
