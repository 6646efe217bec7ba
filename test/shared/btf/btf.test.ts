import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  array,
  bpfSpinLock,
  char,
  i8,
  i16,
  i32,
  i64,
  struct,
  u8,
  u16,
  u32,
  u64,
  type ValueOf,
} from '../../../src/shared/btf/btf.ts'
import type { ElementType, FieldType } from '../../../src/shared/btf/type.ts'

const Counter = struct('counter', { cnt: u32, lock: bpfSpinLock })
const ShortPair = struct('short_pair', { x: u8, y: u16 })
const Three = struct('three', { x: u8, y: u8, z: u8 })
const ByteFirst = struct('byte_first', { a: u8, b: u64 })
const Nest = struct('nest', { a: u8, p: ShortPair, t: Three, n: u32, b: ByteFirst })
const Deep = struct('deep', {
  a: u8,
  p: array(ShortPair, 3),
  t: array(Three, 3),
  m: array(array(u16, 3), 2),
  n: array(Nest, 2),
  lock: bpfSpinLock,
})
const Ints = struct('ints', { a: i8, b: u8, c: i16, d: u16, e: i32, f: u32, g: i64, h: u64 })

/** Shared memory that is 16 bytes off, as the memory of a machine is. */
function sharedWords(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(16 + 4 * length), 16, length)
}

describe('layout', () => {
  // The numbers are gcc's sizeof, _Alignof and offsetof on x86-64, with unsigned long long as u64.
  it.each([
    [Counter, 8, 4, { cnt: 0, lock: 4 }],
    [ByteFirst, 16, 8, { a: 0, b: 8 }],
    [struct('tail', { a: u64, b: u8 }), 16, 8, { a: 0, b: 8 }],
    [
      struct('steps', { a: u8, b: u16, c: u8, d: u32, e: u8, f: u64, g: i8, h: i16, i: i32, j: i64 }),
      40,
      8,
      { a: 0, b: 2, c: 4, d: 8, e: 12, f: 16, g: 24, h: 26, i: 28, j: 32 },
    ],
    [struct('chars', { a: char(3), b: char(5) }), 8, 1, { a: 0, b: 3 }],
    [struct('odd', { a: u8, name: char(5), b: u16 }), 8, 2, { a: 0, name: 1, b: 6 }],
    [ShortPair, 4, 2, { x: 0, y: 2 }],
    [Three, 3, 1, { x: 0, y: 1, z: 2 }],
    [struct('locked_late', { a: u8, lock: bpfSpinLock, b: u8 }), 12, 4, { a: 0, lock: 4, b: 8 }],
    [struct('locked_first', { lock: bpfSpinLock, bytes: u64 }), 16, 8, { lock: 0, bytes: 8 }],
    [
      struct('arrays', { a: u8, h: array(u32, 4), s: array(u16, 3), w: array(u64, 2), t: array(u8, 7) }),
      56,
      8,
      { a: 0, h: 4, s: 20, w: 32, t: 48 },
    ],
    [Nest, 32, 8, { a: 0, p: 2, t: 6, n: 12, b: 16 }],
    [Deep, 112, 8, { a: 0, p: 2, t: 14, m: 24, n: 40, lock: 104 }],
    [struct('odd_arr', { t: array(Three, 2) }), 6, 1, { t: 0 }],
  ])('lays out $name as gcc does on x86-64', (type, size, align, offsets) => {
    expect({ size: type.size, align: type.align, offsets: type.offsets }).toEqual({ size, align, offsets })
  })

  it('writes the bytes that gcc writes', () => {
    const Image = struct('image', {
      a: i8,
      b: u16,
      c: i32,
      p: array(ShortPair, 2),
      n: char(5),
      d: i64,
      m: array(array(u16, 3), 2),
    })
    const pairs = [
      { x: 1, y: 2 },
      { x: 3, y: 0xffff },
    ]
    const rows = [
      [1, 2, 3],
      [4, 5, 0x1234],
    ]
    const words = Image.encode({ a: -2, b: 0xfedc, c: -3, p: pairs, n: 'hé!', d: -5n, m: rows })
    expect(Buffer.from(words.buffer).toString('hex')).toBe(
      'fe00dcfefdffffff010002000300ffff68c3a92100000000fbffffffffffffff01000200030004000500341200000000',
    )
  })

  it('knows the lock of the value, and no other', () => {
    expect(Counter.lockOffset).toBe(4)
    expect(Deep.lockOffset).toBe(104)
    expect(Nest.lockOffset).toBe(-1)
    expect(u32.lockOffset).toBe(-1)
  })

  it('names types as C does', () => {
    expect(
      [Counter, u32, char(16), array(u32, 4), array(array(u32, 4), 2), array(char(3), 2)].map((t) => t.name),
    ).toEqual(['counter', 'u32', 'char[16]', 'u32[4]', 'u32[2][4]', 'char[2][3]'])
  })

  it('keeps what BTF says about integers', () => {
    expect([i8, u8, i16, u16, i32, u32, i64, u64].map((t) => [t.name, t.bits, t.encoding, t.min, t.max])).toEqual([
      ['i8', 8, 'signed', -128, 127],
      ['u8', 8, 'unsigned', 0, 255],
      ['i16', 16, 'signed', -32768, 32767],
      ['u16', 16, 'unsigned', 0, 65535],
      ['i32', 32, 'signed', -2147483648, 2147483647],
      ['u32', 32, 'unsigned', 0, 4294967295],
      ['i64', 64, 'signed', -9223372036854775808n, 9223372036854775807n],
      ['u64', 64, 'unsigned', 0n, 18446744073709551615n],
    ])
  })
})

describe('encode', () => {
  const Mixed = struct('mixed', {
    n: u32,
    wide: u64,
    name: char(4),
    row: array(i8, 3),
    pair: ShortPair,
    lock: bpfSpinLock,
  })
  const good = { n: 1, wide: 2n, name: 'abc', row: [1, 2, 3], pair: { x: 1, y: 2 } }
  /** What a caller without types may come up with. */
  const encoding = (change: object) => () => Mixed.encode({ ...good, ...change } as typeof good)

  it('fills whole words, with zeroes where no field is', () => {
    expect(Three.encode({ x: 1, y: 2, z: 3 })).toEqual(Int32Array.of(0x030201))
    expect(ByteFirst.encode({ a: 255, b: 1n })).toEqual(Int32Array.of(255, 0, 1, 0))
    expect(Counter.encode({ cnt: 0xffff_ffff })).toEqual(Int32Array.of(-1, 0))
    expect(char(5).encode('abcde')).toHaveLength(2)
  })

  it('answers in private memory', () => {
    expect(Counter.encode({ cnt: 1 }).buffer).toBeInstanceOf(ArrayBuffer)
  })

  it('takes readonly arrays', () => {
    const row = [1, 2, 3] as const
    expect(Mixed.decode(Mixed.encode({ ...good, row }), 0)).toEqual(good)
  })

  it.each([i8, u8, i16, u16, i32, u32])('takes $name from end to end and not beyond', (type) => {
    const expected = `${type.name}: expected an integer from ${type.min} to ${type.max} (${type.name})`
    for (const end of [type.min, type.max]) expect(type.decode(type.encode(end), 0)).toBe(end)
    for (const beyond of [type.min - 1, type.max + 1, 0.5, Number.NaN]) {
      expect(() => type.encode(beyond)).toThrow(new RangeError(`${expected}, got ${beyond}`))
    }
    for (const [got, shown] of [
      ['1', '"1"'],
      [1n, '1n'],
      [null, 'null'],
      [[], 'an array'],
    ] as const) {
      expect(() => type.encode(got as unknown as number)).toThrow(new TypeError(`${expected}, got ${shown}`))
    }
  })

  it.each([i64, u64])('takes $name from end to end and not beyond', (type) => {
    const expected = `${type.name}: expected a bigint from ${type.min} to ${type.max} (${type.name})`
    for (const end of [type.min, type.max]) expect(type.decode(type.encode(end), 0)).toBe(end)
    for (const beyond of [type.min - 1n, type.max + 1n]) {
      expect(() => type.encode(beyond)).toThrow(new RangeError(`${expected}, got ${beyond}n`))
    }
    expect(() => type.encode('1' as unknown as bigint)).toThrow(new TypeError(`${expected}, got "1"`))
    expect(() => type.encode(1 as unknown as bigint)).toThrow(`${expected}, got 1`)
  })

  it('names the culprit by its path', () => {
    expect(encoding({ row: [1, 2, 128] })).toThrow(
      new RangeError('mixed.row[2]: expected an integer from -128 to 127 (i8), got 128'),
    )
    expect(encoding({ pair: { x: 1, y: -1 } })).toThrow(
      new RangeError('mixed.pair.y: expected an integer from 0 to 65535 (u16), got -1'),
    )
  })

  it('refuses a missing field', () => {
    expect(encoding({ pair: { x: 1 } })).toThrow(new TypeError("mixed.pair: missing field 'y' (struct short_pair)"))
    expect(() => Mixed.encode({} as typeof good)).toThrow(new TypeError("mixed: missing field 'n' (struct mixed)"))
  })

  it('refuses an unknown field', () => {
    expect(encoding({ cnt: 1 })).toThrow(new TypeError("mixed: unknown field 'cnt' (struct mixed)"))
  })

  it('refuses a lock', () => {
    expect(encoding({ lock: 0 })).toThrow(new TypeError('mixed.lock: a bpf_spin_lock is never given'))
  })

  it('refuses what is not a struct', () => {
    for (const [got, shown] of [
      [5, '5'],
      [null, 'null'],
      [[], 'an array'],
      [undefined, 'undefined'],
    ] as const) {
      expect(encoding({ pair: got })).toThrow(
        new TypeError(`mixed.pair: expected an object (struct short_pair), got ${shown}`),
      )
    }
  })

  it('refuses an array of another length, or none at all', () => {
    expect(encoding({ row: [1, 2] })).toThrow(new RangeError('mixed.row: expected 3 elements (i8[3]), got 2'))
    expect(encoding({ row: [1, 2, 3, 4] })).toThrow(new RangeError('mixed.row: expected 3 elements (i8[3]), got 4'))
    expect(encoding({ row: {} })).toThrow(new TypeError('mixed.row: expected an array (i8[3]), got an object'))
    const hole = [1, 2, 3]
    delete hole[1]
    expect(encoding({ row: hole })).toThrow('mixed.row[1]: expected an integer from -128 to 127 (i8), got undefined')
  })

  it('refuses a string that would not come back the same', () => {
    expect(encoding({ name: 'abcd' })).not.toThrow()
    expect(encoding({ name: 'abcde' })).toThrow(
      new RangeError('mixed.name: expected at most 4 bytes of UTF-8 (char[4]), got 5'),
    )
    expect(encoding({ name: 'ééé' })).toThrow(
      new RangeError('mixed.name: expected at most 4 bytes of UTF-8 (char[4]), got 6'),
    )
    expect(encoding({ name: 'a\0b' })).toThrow(
      new RangeError('mixed.name: expected a string without NUL (char[4]), got one with NUL'),
    )
    expect(encoding({ name: '\ud800' })).toThrow(
      new RangeError('mixed.name: expected well-formed Unicode (char[4]), got a lone surrogate'),
    )
    expect(encoding({ name: 5 })).toThrow(new TypeError('mixed.name: expected a string (char[4]), got 5'))
  })
})

describe('decode', () => {
  it('reads from any word of shared memory', () => {
    const words = sharedWords(64)
    const value = { a: -1, b: 255, c: -2, d: 65535, e: -3, f: 0xffff_ffff, g: -4n, h: 2n ** 64n - 1n }
    words.set(Ints.encode(value), 13)
    expect(Ints.decode(words, 13)).toEqual(value)
  })

  it('leaves the lock out, and its word alone', () => {
    const words = Counter.encode({ cnt: 7 })
    words[1] = 3
    expect(Counter.decode(words, 0)).toEqual({ cnt: 7 })
    const read = new Set<string>()
    const spied = new Proxy(words, {
      get(target, key) {
        read.add(String(key))
        return Reflect.get(target, key, target)
      },
    })
    Counter.decode(spied, 0)
    expect([...read].sort()).toEqual(['0', 'length'])
  })

  it('leaves a lock at the very beginning out as well', () => {
    const LockFirst = struct('lock_first', { lock: bpfSpinLock, cnt: u32 })
    const spied = new Proxy(Int32Array.of(3, 7), {
      get(target, key) {
        if (key === '0') throw new Error('the lock is read')
        return Reflect.get(target, key, target)
      },
    })
    expect(LockFirst.decode(spied, 0)).toEqual({ cnt: 7 })
  })

  it('ends a string at the first NUL, or with its array', () => {
    expect(char(4).decode(Int32Array.of(0x64636261), 0)).toBe('abcd')
    expect(char(4).decode(Int32Array.of(0x64006261), 0)).toBe('ab')
    expect(char(3).decode(Int32Array.of(0x64636261), 0)).toBe('abc')
    expect(char(4).decode(Int32Array.of(0), 0)).toBe('')
  })

  it('keeps a byte order mark', () => {
    expect(char(8).decode(char(8).encode('\ufeffa'), 0)).toBe('\ufeffa')
  })

  it('shows bytes that are not UTF-8 as U+FFFD', () => {
    expect(char(2).decode(Int32Array.of(0xff61), 0)).toBe('a\ufffd')
  })

  it.each([-1, 3, 4, 0.5, Number.NaN])('refuses to read 2 of 4 words at %d', (at) => {
    expect(() => Counter.decode(new Int32Array(4), at)).toThrow(
      new RangeError(`counter: expected 2 words at ${at}, got an array of 4`),
    )
  })

  it('reads the last value that fits', () => {
    expect(Counter.decode(Int32Array.of(0, 0, 9, 0), 2)).toEqual({ cnt: 9 })
  })
})

describe('view', () => {
  it('reads and writes in place', () => {
    const words = sharedWords(32)
    const counter = Counter.view(words)
    counter.at(5).cnt++
    counter.at(5).cnt += 2
    counter.at(9).cnt = 0xffff_ffff
    expect([words[5], words[9]]).toEqual([3, -1])
    expect(counter.at(9).cnt).toBe(0xffff_ffff)
  })

  it('gives the address of the lock', () => {
    expect(Counter.view(sharedWords(32)).at(10).lock).toBe(11)
    expect(Deep.view(sharedWords(64)).at(8).lock).toBe(8 + 104 / 4)
  })

  it('truncates as C does', () => {
    const view = Ints.view(sharedWords(32)).at(4)
    Object.assign(view, { a: 128, b: 256, c: 32768, d: -1, e: 2 ** 31, f: -1, g: 2n ** 63n, h: -1n })
    expect([view.a, view.b, view.c, view.d]).toEqual([-128, 0, -32768, 65535])
    expect([view.e, view.f, view.g, view.h]).toEqual([-(2 ** 31), 2 ** 32 - 1, -(2n ** 63n), 2n ** 64n - 1n])
    view.f++
    expect(view.f).toBe(0)
  })

  it('never touches the neighbours of a small field', () => {
    const words = sharedWords(8).fill(-1)
    ShortPair.view(words).at(3).x = 0
    expect([...words]).toEqual([-1, -1, -1, ~0xff, -1, -1, -1, -1])
    ShortPair.view(words).at(3).y = 0
    expect(words[3]).toBe(0xff00)
  })

  it('keeps one window per view and lets several views stand in different places', () => {
    const words = sharedWords(32)
    const [one, other] = [Counter.view(words), Counter.view(words)]
    const [here, there] = [one.at(4), other.at(8)]
    here.cnt = 1
    there.cnt = 2
    expect([words[4], words[8]]).toEqual([1, 2])
    expect(one.at(8)).toBe(here)
    expect(here.cnt).toBe(2)
  })

  // Code that sees more than four prototypes is slow in V8.
  it('gives all unchecked views of a type on one memory one prototype, and other memory another', () => {
    const [words, others] = [sharedWords(8), sharedWords(8)]
    const prototypeOn = (memory: Int32Array) => Object.getPrototypeOf(Counter.view(memory).at(1))
    const [first, second, other] = [prototypeOn(words), prototypeOn(words), prototypeOn(others)]
    // Not toBe of the prototypes: what prints them would read through their accessors.
    expect(first === second).toBe(true)
    expect(first === other).toBe(false)
  })

  it('shows all fields to whoever goes through them', () => {
    const fieldsOf = (type: ElementType) => {
      const names: string[] = []
      for (const name in type.view(sharedWords(64)).at(1) as object) if (!name.startsWith('$')) names.push(name)
      return names.sort()
    }
    expect(fieldsOf(Deep)).toEqual(['a', 'lock', 'm', 'n', 'p', 't'])
    expect(fieldsOf(Nest)).toEqual(['a', 'b', 'n', 'p', 't'])
    expect(fieldsOf(u32)).toEqual(['value'])
  })

  it('moves nested structs and arrays along with the window', () => {
    const words = sharedWords(64)
    const view = Nest.view(words)
    const { p, b } = view.at(1)
    view.at(9)
    p.y = 7
    b.b = 8n
    expect(Nest.decode(words, 9)).toMatchObject({ p: { x: 0, y: 7 }, b: { a: 0, b: 8n } })
  })

  it('reaches elements that are not whole words', () => {
    const words = sharedWords(64)
    const view = Deep.view(words).at(3)
    for (let i = 0; i < 3; i++) {
      view.p.at(i).y = 10 + i
      view.t.at(i).z = 20 + i
      for (const k of [0, 1] as const) view.m.at(k).set(i, 100 * k + i)
    }
    view.n.at(1).t.y = 5
    view.n.at(1).b.b = 6n
    const value = Deep.decode(words, 3)
    expect(value.p.map(({ y }) => y)).toEqual([10, 11, 12])
    expect(value.t.map(({ z }) => z)).toEqual([20, 21, 22])
    expect(value.m).toEqual([
      [0, 1, 2],
      [100, 101, 102],
    ])
    expect(value.n[1]).toMatchObject({ t: { y: 5 }, b: { b: 6n } })
    expect(view.m.at(1).at(2)).toBe(102)
    expect(view.n.length).toBe(2)
  })

  it('pads a string with NULs and refuses one that is too long', () => {
    const words = sharedWords(8)
    const Named = struct('named', { name: char(6), after: u16 })
    const view = Named.view(words).at(2)
    view.after = 0xffff
    view.name = 'abcdef'
    view.name = 'xy'
    expect(Named.decode(words, 2)).toEqual({ name: 'xy', after: 0xffff })
    expect([...new Uint8Array(words.buffer, 16 + 8, 8)]).toEqual([0x78, 0x79, 0, 0, 0, 0, 255, 255])
    const tooLong = () => {
      view.name = 'abcdefg'
    }
    expect(tooLong).toThrow(new RangeError('char[6]: expected at most 6 bytes of UTF-8 (char[6]), got 7'))
    expect(view.name).toBe('xy')
  })

  it.each([-1, 2, 0.5, Number.NaN, 2 ** 32])('refuses index %d of 2 elements', (index) => {
    const view = Deep.view(sharedWords(64)).at(1)
    const rows = array(u16, 2).view(sharedWords(8)).at(1)
    expect(() => view.n.at(index)).toThrow(new RangeError(`index ${index} is outside nest[2]`))
    expect(() => rows.at(index)).toThrow(new RangeError(`index ${index} is outside u16[2]`))
    expect(() => rows.set(index, 1)).toThrow(new RangeError(`index ${index} is outside u16[2]`))
  })

  it('shows a value that is no struct', () => {
    const words = sharedWords(8)
    u64.view(words).at(3).value = 2n ** 40n
    char(3).view(words).at(5).value = 'abc'
    array(u8, 4).view(words).at(6).set(3, 1)
    expect([...words]).toEqual([0, 0, 0, 0, 256, 0x636261, 0x1000000, 0])
    expect(u64.view(words).at(3).value).toBe(2n ** 40n)
    expect(char(3).view(words).at(5).value).toBe('abc')
  })

  it('asks the check about each word, before it is touched', () => {
    const words = sharedWords(64)
    const asked: number[] = []
    const askedIn = (access: () => unknown) => {
      asked.length = 0
      access()
      return [...asked]
    }
    const check = (word: number) => void asked.push(word)
    const ints = Ints.view(words, check).at(10)
    expect(askedIn(() => ints.a + ints.d)).toEqual([10, 11])
    expect(askedIn(() => ints.f++)).toEqual([13, 13])
    expect(askedIn(() => ints.h)).toEqual([16, 17])
    const deep = Deep.view(words, check).at(10)
    expect(askedIn(() => deep.lock)).toEqual([])
    expect(askedIn(() => deep.n.at(1).b.a)).toEqual([10 + (40 + 32 + 16) / 4])
    expect(askedIn(() => deep.t.at(2).x)).toEqual([10 + (14 + 6) / 4])
    expect(askedIn(() => deep.m.at(1).at(2))).toEqual([10 + (24 + 6 + 4 - 2) / 4])
    const odd = struct('odd', { a: u8, name: char(6) })
      .view(words, check)
      .at(10)
    expect(askedIn(() => odd.name)).toEqual([10, 11])

    const forbidding = Counter.view(words, () => {
      throw new Error('poisoned')
    }).at(10)
    const write = () => {
      forbidding.cnt = 77
    }
    expect(write).toThrow('poisoned')
    expect(words[10]).toBe(0)
    expect(Counter.view(words).at(10).cnt).toBe(0)
  })
})

describe('types', () => {
  it('infers the plain value, without the lock', () => {
    expectTypeOf<ValueOf<typeof Counter>>().toEqualTypeOf<{ cnt: number }>()
    expectTypeOf<ValueOf<typeof Ints>['h']>().toEqualTypeOf<bigint>()
    expectTypeOf<ValueOf<typeof Deep>['m']>().toEqualTypeOf<number[][]>()
    expectTypeOf<ValueOf<typeof Nest>>().toEqualTypeOf<{
      a: number
      p: { x: number; y: number }
      t: { x: number; y: number; z: number }
      n: number
      b: { a: number; b: bigint }
    }>()
    expectTypeOf(Counter.decode).returns.toEqualTypeOf<{ cnt: number }>()
    expectTypeOf(char(4).encode).parameter(0).toEqualTypeOf<string>()
    expectTypeOf(Counter.encode).parameter(0).toEqualTypeOf<{ readonly cnt: number }>()
  })

  it('knows the offsets by name', () => {
    expectTypeOf(Counter.offsets).toEqualTypeOf<{ readonly cnt: number; readonly lock: number }>()
  })

  it('lets a view write integers and strings, and only read the rest', () => {
    const view = Deep.view(sharedWords(64)).at(1)
    expectTypeOf(view.a).toEqualTypeOf<number>()
    expectTypeOf(view.n.at(0).b.b).toEqualTypeOf<bigint>()
    expectTypeOf(view.m.at(0).at(0)).toEqualTypeOf<number>()
    expectTypeOf(view.m.at(0).set).toEqualTypeOf<(index: number, value: number) => void>()
    expectTypeOf(view.lock).toEqualTypeOf<number>()
    const relock = () => {
      // @ts-expect-error: an address is no variable.
      view.lock = 1
    }
    expect(relock).toThrow(TypeError)
  })

  it('refuses wrong values before they run', () => {
    // @ts-expect-error: a u32 is a number.
    expect(() => Counter.encode({ cnt: 1n })).toThrow()
    // @ts-expect-error: the lock is never given.
    expect(() => Counter.encode({ cnt: 1, lock: 0 })).toThrow()
  })
})

describe('any type', () => {
  const ints = [i8, u8, i16, u16, i32, u32, i64, u64]
  const { type: anyType } = fc.letrec<{
    type: ElementType
    leaf: ElementType
    array: ElementType
    struct: ElementType
  }>((tie) => ({
    type: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('array'), tie('struct')),
    leaf: fc.oneof(fc.constantFrom<ElementType[]>(...ints), fc.integer({ min: 1, max: 9 }).map(char)),
    array: fc.tuple(tie('type'), fc.integer({ min: 1, max: 4 })).map(([element, length]) => array(element, length)),
    struct: fc.array(tie('type'), { minLength: 1, maxLength: 5 }).map((fields) => struct('s', named(fields))),
  }))
  /** A value's own struct, with a lock somewhere in it. */
  const lockedStruct = fc
    .tuple(fc.array(anyType, { maxLength: 5 }), fc.nat())
    .map(([fields, at]) =>
      struct('locked', named((fields as FieldType[]).toSpliced(at % (fields.length + 1), 0, bpfSpinLock))),
    )

  function named(fields: FieldType[]): Record<string, FieldType> {
    return Object.fromEntries(fields.map((type, i) => [`f${i}`, type]))
  }

  function valueFor(type: ElementType): fc.Arbitrary<unknown> {
    switch (type.kind) {
      case 'int':
        return typeof type.min === 'bigint'
          ? fc.bigInt({ min: type.min, max: type.max as bigint })
          : fc.integer({ min: type.min, max: type.max as number })
      case 'char-array':
        return fc
          .string({ unit: 'binary', maxLength: type.length })
          .filter((s) => !s.includes('\0') && Buffer.byteLength(s) <= type.length)
      case 'array':
        return fc.array(valueFor(type.element), { minLength: type.length, maxLength: type.length })
      case 'struct':
        return fc.record(
          Object.fromEntries(
            Object.entries(type.fields).flatMap(([name, t]) => (t.kind === 'spin-lock' ? [] : [[name, valueFor(t)]])),
          ),
          { noNullPrototype: true },
        )
    }
  }

  const typeAndValues = fc
    .oneof(anyType, lockedStruct)
    .chain((type) =>
      fc.tuple(fc.constant(type as ElementType), valueFor(type), valueFor(type), fc.integer({ min: 1, max: 9 })),
    )

  /** Reads through a view what decode would read. */
  function readThrough(type: FieldType, access: unknown): unknown {
    if (type.kind === 'array') {
      const { at } = access as { at(i: number): unknown }
      return Array.from({ length: type.length }, (_, i) => readThrough(type.element, at.call(access, i)))
    }
    if (type.kind !== 'struct') return access
    const fields = Object.entries(type.fields).filter(([, field]) => field.kind !== 'spin-lock')
    return Object.fromEntries(fields.map(([name, field]) => [name, readThrough(field, (access as never)[name])]))
  }

  /** Writes through a view what encode would write. */
  function writeThrough(type: FieldType, access: unknown, value: unknown): void {
    if (type.kind === 'array') {
      const elements = access as { at(i: number): unknown; set(i: number, value: unknown): void }
      for (const [i, v] of (value as unknown[]).entries()) {
        if (isScalar(type.element)) elements.set(i, v)
        else writeThrough(type.element, elements.at(i), v)
      }
    } else if (type.kind === 'struct') {
      const target = access as Record<string, unknown>
      for (const [name, v] of Object.entries(value as object)) {
        const field = type.fields[name]
        if (isScalar(field)) target[name] = v
        else writeThrough(field, target[name], v)
      }
    }
  }

  const isScalar = (type: FieldType) => type.kind === 'int' || type.kind === 'char-array'

  it('decodes what was encoded', () => {
    fc.assert(
      fc.property(typeAndValues, ([type, value, , at]) => {
        const encoded = type.encode(value as never)
        expect(encoded).toHaveLength(Math.ceil(type.size / 4))
        const words = sharedWords(encoded.length + 10)
        words.set(encoded, at)
        expect(type.decode(words, at)).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  it('stands where C would put it', () => {
    fc.assert(
      fc.property(fc.oneof(anyType, lockedStruct), (type) => {
        expect(type.size % type.align).toBe(0)
        if (type.kind !== 'struct') return
        let end = 0
        for (const [name, field] of Object.entries(type.fields)) {
          const offset = type.offsets[name]
          expect(offset % field.align).toBe(0)
          expect(offset - end).toBeGreaterThanOrEqual(0)
          expect(offset - end).toBeLessThan(field.align)
          if (field.kind === 'spin-lock') expect(type.lockOffset).toBe(offset)
          end = offset + field.size
        }
        expect(type.size - end).toBeGreaterThanOrEqual(0)
        expect(type.size - end).toBeLessThan(type.align)
      }),
      { numRuns: 300 },
    )
  })

  it('reads and writes the same through a view, and nothing beside it, and checks what it touches', () => {
    fc.assert(
      fc.property(typeAndValues, ([type, value, next, at]) => {
        const length = Math.ceil(type.size / 4)
        const words = sharedWords(length + 10).fill(-1)
        words.set(type.encode(value as never), at)
        const inside = (word: number) => {
          if (!(Number.isInteger(word) && word >= at && word < at + length)) throw new Error(`asked about ${word}`)
        }
        for (const check of [undefined, inside]) {
          const access = type.view(words, check).at(at) as { value: unknown }
          expect(isScalar(type) ? access.value : readThrough(type, access)).toEqual(type.decode(words, at))
          if (isScalar(type)) access.value = next
          else writeThrough(type, access, next)
          expect(type.decode(words, at)).toEqual(next)
        }
        // Where no field is, the first encoding's zeroes stand; around the value, the ones.
        expect(words.slice(at, at + length)).toEqual(type.encode(next as never))
        expect([...words.slice(0, at), ...words.slice(at + length)].every((word) => word === -1)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
