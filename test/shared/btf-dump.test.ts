import { describe, expect, it } from 'vitest'
import { array, bpfSpinLock, char, struct, u8, u32 } from '../../src/shared/btf.ts'
import { dumpTypeData } from '../../src/shared/btf-dump.ts'
import { mapBtf } from '../../src/shared/btf-emit.ts'
import { parseBtf } from '../../src/shared/btf-parse.ts'
import type { Btf } from '../../src/shared/btf-record.ts'

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

  it('is refused where it has no type or too few bytes', () => {
    expect(() => dumpTypeData(parseBtf(bytes), 99, encoded)).toThrow(TypeError)
    expect(() => dumpTypeData(parseBtf(bytes), valueTypeId, encoded.subarray(1))).toThrow(RangeError)
  })
})
