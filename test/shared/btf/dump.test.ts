import { describe, expect, it } from 'vitest'
import { array, bpfSpinLock, char, struct, u8, u32 } from '../../../src/shared/btf/btf.ts'
import { dumpTypeData } from '../../../src/shared/btf/dump.ts'
import { mapBtf } from '../../../src/shared/btf/emit.ts'
import { parseBtf } from '../../../src/shared/btf/parse.ts'
import type { Btf, BtfType } from '../../../src/shared/btf/record.ts'

const Inner = struct('point', { x: u8, y: u8 })
const Value = struct('val', { cnt: u32, lock: bpfSpinLock, at: Inner, grid: array(array(u32, 2), 2), name: char(8) })
const { bytes, valueTypeId } = mapBtf(Value as never)
const encoded = new Uint8Array(
  Value.encode({
    cnt: 7,
    at: { x: 1, y: 65 },
    grid: [
      [1, 2],
      [3, 4],
    ],
    name: 'ab',
  }).buffer,
)

/** What libbpf prints where it ends a string: the tabs of a line that is not there. */
const AFTER_NUL = '\t\t'

describe('a value printed by its BTF', () => {
  it('reads as libbpf prints it, zeroes and lock included', () => {
    expect(dumpTypeData(parseBtf(bytes), valueTypeId, encoded)).toBe(
      [
        '(struct val){',
        '\t.cnt = (__u32)7,',
        '\t.lock = (struct bpf_spin_lock){',
        '\t\t.val = (__u32)0,',
        '\t},',
        '\t.at = (struct point){',
        '\t\t.x = (__u8)1,',
        '\t\t.y = (__u8)65,',
        '\t},',
        '\t.grid = (__u32[2][2])[',
        '\t\t[',
        '\t\t\t1,',
        '\t\t\t2,',
        '\t\t],',
        '\t\t[',
        '\t\t\t3,',
        '\t\t\t4,',
        '\t\t],',
        '\t],',
        '\t.name = (char[8])[',
        "\t\t'a',",
        "\t\t'b',",
        `${AFTER_NUL}\t],`,
        '}',
      ].join('\n'),
    )
  })

  it('fits in one line', () => {
    expect(dumpTypeData(parseBtf(bytes), valueTypeId, encoded, { compact: true })).toBe(
      "(struct val){.cnt = (__u32)7,.lock = (struct bpf_spin_lock){.val = (__u32)0,},.at = (struct point){.x = (__u8)1,.y = (__u8)65,},.grid = (__u32[2][2])[[1,2,],[3,4,],],.name = (char[8])['a','b',],}",
    )
  })

  it('shows unions, enums, bitfields, typedefs, pointers and floats', () => {
    const btf: Btf = {
      types: [
        { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 'signed' },
        { kind: 'enum', name: 'e', size: 4, signed: true, values: [{ name: 'LESS', value: -1n }] },
        { kind: 'enum', name: 'w', size: 8, signed: false, values: [] },
        {
          kind: 'struct',
          name: 's',
          size: 4,
          members: [
            { name: 'a', type: 1, bitOffset: 0, bitfieldSize: 3 },
            { name: 'b', type: 1, bitOffset: 3, bitfieldSize: 29 },
          ],
        },
        { kind: 'typedef', name: 's_t', type: 4 },
        { kind: 'const', name: '', type: 5 },
        { kind: 'pointer', name: '', type: 1 },
        { kind: 'float', name: 'double', size: 8 },
        {
          kind: 'union',
          name: 'all',
          size: 8,
          members: [1, 2, 3, 6, 7, 8].map((type, i) => ({
            name: i === 0 ? '' : `f${i}`,
            type,
            bitOffset: 0,
            bitfieldSize: 0,
          })),
        },
      ],
    }
    const ones = new Uint8Array(8).fill(255)
    const line = dumpTypeData(btf, 9, ones, { compact: true })
    expect(line).toContain(
      '(union all){(int)-1,.f1 = (enum e)LESS,.f2 = (enum w)18446744073709551615ULL,.f3 = (s_t){.a = (int)0x7,.b = (int)0x1fffffff,},.f4 = (int *)0xffffffffffffffff,',
    )
    expect(dumpTypeData(btf, 7, new Uint8Array(8))).toBe('(int *)(nil)')
    expect(dumpTypeData(btf, 8, new Uint8Array(8))).toBe('(double)0.000000')
  })
})

const INTS: BtfType[] = [
  { kind: 'int', name: 'char', size: 1, bits: 8, offset: 0, encoding: 'signed' },
  { kind: 'int', name: 'unsigned char', size: 1, bits: 8, offset: 0, encoding: 'unsigned' },
  { kind: 'int', name: 'int', size: 4, bits: 32, offset: 0, encoding: 'signed' },
  { kind: 'int', name: 'unsigned int', size: 4, bits: 32, offset: 0, encoding: 'unsigned' },
]
const [CHAR, BYTE, INT, UINT] = [1, 2, 3, 4]

/** Prints a value of the last of these types, which stand behind the integers. */
function dump(types: BtfType[], bytes: number[]): string {
  const btf = { types: [...INTS, ...types] }
  return dumpTypeData(btf, btf.types.length, Uint8Array.from(bytes), { compact: true })
}

const arrayOf = (element: number, length: number): BtfType => ({ kind: 'array', element, index: UINT, length })
const structOf = (size: number, ...members: [type: number, bitOffset: number, bitfieldSize?: number][]): BtfType => {
  const named = members.map(([type, bitOffset, bitfieldSize = 0], i) => {
    return { name: 'abcdef'[i], type, bitOffset, bitfieldSize }
  })
  return { kind: 'struct', name: 's', size, members: named }
}

describe('a printed number', () => {
  it('has a sign if its type has one', () => {
    expect(dump([structOf(8, [INT, 0], [UINT, 32])], Array(8).fill(255))).toBe(
      '(struct s){.a = (int)-1,.b = (unsigned int)4294967295,}',
    )
  })

  it('is a character in an array of bytes, where it can be printed', () => {
    expect(dump([arrayOf(BYTE, 7)], [31, 32, 65, 126, 127, 200, 1])).toBe(
      "(unsigned char[7])[31,' ','A','~',127,200,1,]",
    )
    expect(dump([arrayOf(CHAR, 2)], [200, 65])).toBe("(char[2])[-56,'A',]")
  })

  it('stays a number behind arrays of anything but bytes', () => {
    const [ints, structs] = [arrayOf(INT, 1), arrayOf(6, 1)]
    expect(dump([ints, structOf(5, [5, 0], [BYTE, 32])], [65, 0, 0, 0, 66])).toBe(
      '(struct s){.a = (int[1])[65,],.b = (unsigned char)66,}',
    )
    expect(dump([ints, structOf(1, [BYTE, 0]), structs, structOf(2, [7, 0], [BYTE, 8])], [65, 66])).toBe(
      '(struct s){.a = (struct s[1])[{.a = 65,},],.b = (unsigned char)66,}',
    )
  })

  it('of one byte is a character behind an array of bytes too, as in libbpf; a wider one is not', () => {
    expect(
      dump([arrayOf(CHAR, 2), structOf(12, [5, 0], [UINT, 32], [BYTE, 64])], [65, 0, 0, 0, 66, 0, 0, 0, 67, 0, 0, 0]),
    ).toBe("(struct s){.a = (char[2])['A',],.b = (unsigned int)66,.c = (unsigned char)'C',}")
  })

  it('is shown as its bits if it is fewer than its bytes have, or begins within a byte', () => {
    const nibble: BtfType = { kind: 'int', name: 'nibble', size: 1, bits: 4, offset: 0, encoding: 'unsigned' }
    expect(dump([nibble], [0xab])).toBe('(nibble)0xb')
    expect(dump([structOf(2, [BYTE, 4])], [0xf0, 0x0a])).toBe('(struct s){.a = (unsigned char)0xaf,}')
  })

  it('that is a bitfield ends with the last byte there is', () => {
    expect(dump([structOf(2, [UINT, 5, 11])], [0x20, 0x80])).toBe('(struct s){.a = (unsigned int)0x401,}')
  })

  it('with a fraction has six digits behind the point, in both widths', () => {
    expect(dump([{ kind: 'float', name: 'float', size: 4 }], [0, 0, 0xc0, 0x3f])).toBe('(float)1.500000')
    expect(dump([{ kind: 'float', name: 'double', size: 8 }], [0, 0, 0, 0, 0, 0, 0x04, 0xc0])).toBe('(double)-2.500000')
  })

  it('that is an address is read from its lowest byte on', () => {
    expect(dump([{ kind: 'pointer', name: '', type: INT }], [0x10, 2, 0, 0, 0, 0, 0, 0])).toBe('(int *)0x210')
  })

  it('of an enum is a name, or a number with the suffix that 8 bytes have in C', () => {
    const enumOf = (size: number, signed: boolean): BtfType => {
      const values = [
        { name: 'ONE', value: 1n },
        { name: 'TWO', value: 2n },
      ]
      return { kind: 'enum', name: 'e', size, signed, values }
    }
    expect(dump([enumOf(4, true)], [2, 0, 0, 0])).toBe('(enum e)TWO')
    expect(dump([enumOf(4, true)], [3, 0, 0, 0])).toBe('(enum e)3')
    expect(dump([enumOf(8, true)], Array(8).fill(255))).toBe('(enum e)-1LL')
    expect(dump([enumOf(8, false)], [3, 0, 0, 0, 0, 0, 0, 0])).toBe('(enum e)3ULL')
  })
})

describe('the cast in front of a value', () => {
  const pointerTo = (type: number): BtfType => ({ kind: 'pointer', name: '', type })

  it.each<[cast: string, types: BtfType[]]>([
    ['void *', [pointerTo(0)]],
    ['int *', [{ kind: 'volatile', name: '', type: INT }, pointerTo(5)]],
    ['int *', [pointerTo(INT), { kind: 'restrict', name: '', type: 5 }]],
    ['int *', [{ kind: 'type-tag', name: 'user', type: INT }, pointerTo(5)]],
    ['struct *', [{ kind: 'struct', name: '', size: 4, members: [] }, pointerTo(5)]],
    ['union u *', [{ kind: 'union', name: 'u', size: 4, members: [] }, pointerTo(5)]],
    ['enum *', [{ kind: 'enum', name: '', size: 4, signed: false, values: [] }, pointerTo(5)]],
  ])('is (%s), without qualifiers', (cast, types) => {
    expect(dump(types, Array(8).fill(0))).toBe(`(${cast})(nil)`)
  })

  it('has the length of an outer array in front of that of an inner one', () => {
    expect(dump([arrayOf(INT, 1), arrayOf(5, 2)], Array(8).fill(0))).toBe('(int[2][1])[[0,],[0,],]')
    const nameless: BtfType = { kind: 'int', name: '', size: 4, bits: 32, offset: 0, encoding: 'signed' }
    expect(dump([nameless, arrayOf(5, 1), arrayOf(6, 2)], Array(8).fill(0))).toBe('([2][1])[[0,],[0,],]')
  })
})

describe('a value that cannot be printed', () => {
  const noKind = (id: number) => new TypeError(`BTF: type ${id} is of no kind that a value has`)

  it('is named by the type that was asked for', () => {
    expect(() => dumpTypeData({ types: INTS }, 99, new Uint8Array(8))).toThrow(noKind(99))
    expect(() => dump([arrayOf(0, 2)], [])).toThrow(noKind(5))
    expect(() => dump([arrayOf(0, 0)], [])).toThrow(noKind(5))
  })

  it('is named by its own type inside a struct', () => {
    expect(() => dump([structOf(4, [0, 0])], [0, 0, 0, 0])).toThrow(noKind(0))
    expect(() => dump([arrayOf(0, 1), structOf(4, [5, 0])], [0, 0, 0, 0])).toThrow(noKind(0))
    expect(() =>
      dump([{ kind: 'function', name: 'f', type: 0, linkage: 0 }, structOf(4, [5, 0])], [0, 0, 0, 0]),
    ).toThrow(noKind(5))
  })

  it('has too few bytes', () => {
    expect(() => dump([structOf(8, [INT, 0], [INT, 32])], [1, 2, 3, 4, 5, 6, 7])).toThrow(
      new RangeError('BTF: expected 8 bytes, got 7'),
    )
  })

  it('holds itself, or is a pointer to itself', () => {
    const deep = (id: number) => new TypeError(`BTF: type ${id} stands more than 32 types deep, or holds itself`)
    expect(() => dump([structOf(4, [5, 0])], [0, 0, 0, 0])).toThrow(deep(5))
    const itself: BtfType = { kind: 'pointer', name: '', type: 5 }
    expect(() => dump([itself], Array(8).fill(0))).toThrow(deep(5))
    const nested = (depth: number) => Array.from({ length: depth }, (_, k) => structOf(4, [k === 0 ? INT : 4 + k, 0]))
    expect(dump(nested(32), [7, 0, 0, 0])).toContain('7,')
    expect(() => dump(nested(33), [7, 0, 0, 0])).toThrow(deep(INT))
  })
})
