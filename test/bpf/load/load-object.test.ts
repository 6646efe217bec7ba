import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { loadBpfObject } from '../../../src/bpf/load/load-object.ts'
import { parseBtf } from '../../../src/shared/btf/parse.ts'
import { OBJECTS, objectBytes, renamed, sectionOf, withHeader, withWord } from './objects.ts'

const load = (name: (typeof OBJECTS)[number]) => loadBpfObject(objectBytes(name), `${name}.bpf.o`)
const program = (name: (typeof OBJECTS)[number], of: string) => load(name).programs.find(({ name }) => name === of)!

describe('an object file', () => {
  it('gives its programs, with the kernel’s names of their types', () => {
    expect(load('count').programs.map(({ name, section, type, attach }) => [name, section, type, attach])).toEqual(
      ['count', 'count_locked', 'atomics'].map((name) => [
        name,
        'cgroup_skb/egress',
        'cgroup_skb',
        'cgroup_inet_egress',
      ]),
    )
    expect(load('calls').programs.map(({ name, section, type, attach }) => [name, section, type, attach])).toEqual([
      ['in', 'cgroup_skb/ingress', 'cgroup_skb', 'cgroup_inet_ingress'],
      ['operations', 'sockops', 'sock_ops', 'cgroup_sock_ops'],
      ['drop', '?xdp', 'xdp', 'xdp'],
    ])
  })

  it('may lie in a part of a larger buffer, which stays as it is', () => {
    const around = Buffer.concat([Buffer.alloc(100, 7), objectBytes('calls'), Buffer.alloc(50, 7)])
    const before = Buffer.from(around)
    const inside = around.subarray(100, around.length - 50)
    expect(loadBpfObject(inside, 'calls.bpf.o')).toEqual(load('calls'))
    expect(around.equals(before)).toBe(true)
  })

  it('gives its name and license', () => {
    expect(OBJECTS.map((name) => [load(name).name, load(name).license])).toEqual([
      ['calls', 'Dual MIT/GPL'],
      ['count', 'GPL'],
      ['locked', 'GPL'],
      ['udp', 'GPL'],
    ])
  })

  it('gives its maps as BTF says them', () => {
    expect(load('count').maps).toMatchObject([
      { name: 'egress_cnt', type: 24, keySize: 4, valueSize: 16, maxEntries: 0, flags: 1, spinLock: 0 },
      { name: 'totals', type: 2, keySize: 4, valueSize: 8, maxEntries: 4, flags: 0 },
      { name: '.bss', type: 2, keySize: 4, valueSize: 8, maxEntries: 1, flags: 1 << 10, initial: new Uint8Array(8) },
    ])
    expect(load('count').maps.map((map) => 'spinLock' in map)).toEqual([true, false, false])
  })

  it('gives global variables their first values, and constants only to read', () => {
    const globals = load('calls').maps.slice(3)
    expect(globals.map(({ name, flags, readonlyToPrograms }) => [name, flags, readonlyToPrograms])).toEqual([
      ['.data', 1 << 10, undefined],
      ['.rodata', (1 << 10) | (1 << 7), true],
      // What only the file itself sees is not for user space.
      ['.bss', 0, undefined],
    ])
    expect([...new BigUint64Array(globals[0].initial!.buffer)]).toEqual([1n, 2n, 3n, 4n, 5n])
    expect([...globals[1].initial!]).toEqual([7, 0, 0, 0])
    expect([...globals[2].initial!]).toEqual([0, 0, 0, 0])
  })

  it('gives BTF whose data sections have their sizes and offsets, which compilers leave out', () => {
    const [{ btf }] = load('calls').maps
    const sections = parseBtf(btf!.bytes).types.flatMap((type) => (type.kind === 'data-section' ? [type] : []))
    const offsets = sections.map(({ name, size, variables }) => [name, size, variables.map(({ offset }) => offset)])
    expect(offsets.sort()).toEqual([
      ['.bss', 4, [0]],
      ['.data', 40, [0, 32]],
      ['.maps', 104, [0, 32, 72]],
      ['.rodata', 4, [0]],
      ['license', 13, [0]],
    ])
  })

  it('says which lddw names which map, and which byte of a variable', () => {
    expect(program('count', 'count_locked').maps).toEqual([
      { at: 5, map: 'egress_cnt' },
      { at: 28, map: 'totals' },
      { at: 34, map: '.bss', offset: 0 },
    ])
    const { maps, code } = program('calls', 'in')
    expect(maps.map(({ map, offset }) => [map, offset])).toEqual([
      ['.bss', 0],
      ['.data', 32],
      ['.rodata', 0],
    ])
    // BPF_PSEUDO_MAP_VALUE, the offset in the second slot.
    for (const { at, offset } of maps) {
      const words = new DataView(code.buffer, at * 8, 16)
      expect([words.getUint8(0), words.getUint8(1) >> 4, words.getInt32(4, true), words.getInt32(12, true)]).toEqual([
        0x18,
        2,
        0,
        offset,
      ])
    }
  })

  it('puts the functions that a program calls behind it, in the order of the calls', () => {
    const { functions, code } = program('calls', 'operations')
    expect(functions.map(({ name }) => name)).toEqual(['operations', 'count_in_table', 'add'])
    const calls = Array.from({ length: code.length / 8 }, (_, i) => i).filter(
      (i) => code[i * 8] === 0x85 && code[i * 8 + 1] === 0x10,
    )
    const targets = calls.map((i) => i + 1 + new DataView(code.buffer).getInt32(i * 8 + 4, true))
    expect(targets).toEqual([functions[1].at, functions[2].at])
    expect(program('calls', 'in').functions.map(({ name }) => name)).toEqual(['in', 'add'])
  })

  it('knows the C line of each instruction, behind calls too', () => {
    const { lines } = program('count', 'count')
    expect(lines.find(({ source }) => source === 'c->cnt++;')).toEqual({
      at: 12,
      file: 'count.bpf.c',
      line: 35,
      column: 8,
      source: 'c->cnt++;',
    })
    const { lines: more, functions } = program('calls', 'operations')
    expect(more.filter(({ at }) => at >= functions[2].at)[0]).toMatchObject({ line: 37, source: 'hidden++;' })
  })
})

describe('an object file is refused, in one sentence', () => {
  const refused = (bytes: Uint8Array, name = 'x.bpf.o') => {
    try {
      loadBpfObject(bytes, name)
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`
    }
    return 'loaded'
  }

  it.each<[string, () => Uint8Array, string]>([
    [
      'empty',
      () => new Uint8Array(),
      'got a file that begins with nothing, expected an ELF object, which begins with 7f 45 4c 46',
    ],
    [
      'text',
      () => Buffer.from('int main'),
      'got a file that begins with 69 6e 74 20, expected an ELF object, which begins with 7f 45 4c 46',
    ],
    [
      'cut off in its header',
      () => objectBytes('udp').slice(0, 40),
      'got 40 bytes, expected at least the 64 of an ELF header',
    ],
    [
      'cut off behind it',
      () => objectBytes('udp').slice(0, 3000),
      "got 13 section headers at 3152, expected them inside the file's 3000 bytes",
    ],
    ['of 32 bits', () => Object.assign(objectBytes('udp'), { 4: 1 }), 'got ELF class 1, expected 2, which is 64 bits'],
    [
      'big-endian',
      () => Object.assign(objectBytes('udp'), { 5: 2 }),
      'got ELF data encoding 2, expected 1, which is little-endian (-target bpfel)',
    ],
    [
      'for x86-64',
      () => Object.assign(objectBytes('udp'), { 18: 62 }),
      'got machine 62, expected 247, which is BPF (clang -target bpf)',
    ],
    [
      'linked',
      () => Object.assign(objectBytes('udp'), { 16: 2 }),
      'got ELF type 2, expected 1, which is an object file',
    ],
    [
      'of a section that says no type',
      () => renamed(objectBytes('udp'), 'cgroup_skb/egress', 'egress'),
      'section egress: got a name that says no type of program, expected one like cgroup_skb/egress',
    ],
    ...['fentry/tcp_close', 'tp_btf/x', 'iter/tcp', 'lsm/file_open', 'struct_ops/init'].map(
      (name): [string, () => Uint8Array, string] => [
        name,
        () => renamed(objectBytes('udp'), 'cgroup_skb/egress', name),
        `section ${name}: programs that attach to the kernel's own functions or types are not supported here`,
      ],
    ),
    [
      'with a sleepable program',
      () => renamed(objectBytes('udp'), 'cgroup_skb/egress', 'fentry.s/x'),
      'section fentry.s/x: programs that may sleep are not supported here',
    ],
    [
      'with a relocation of another kind',
      () => withWord(objectBytes('udp'), '.relcgroup_skb/egress', 8, 3),
      'program udp_send, instruction 5 of udp_send, udp.bpf.c:23: got relocation 3 against udp_stats at opcode 0x18, expected 1 at a lddw or 10 at a call',
    ],
    [
      'with a relocation at no instruction',
      () => withWord(objectBytes('udp'), '.relcgroup_skb/egress', 0, 0x2c),
      'section cgroup_skb/egress: got a relocation at byte 44, expected an instruction',
    ],
    [
      'that names a place between two maps',
      () => withWord(objectBytes('udp'), 'cgroup_skb/egress', 0x2c, 4),
      'program udp_send, instruction 5 of udp_send, udp.bpf.c:23: got byte 4 of section .maps, expected the beginning of a map',
    ],
    [
      'that names a byte behind a variable',
      () => withWord(objectBytes('count'), 'cgroup_skb/egress', 0x1ac, 8),
      'program count_locked, instruction 34 of count_locked, count.bpf.c:60: got byte 8 of section .bss, expected one of its 8 bytes',
    ],
    [
      'that calls the middle of a function',
      () => withWord(objectBytes('calls'), 'cgroup_skb/ingress', 12, 4),
      'program in, instruction 1 of in, calls.bpf.c:51: got a call of .text and 5 more, expected the beginning of a function',
    ],
    [
      'whose sections lie on each other',
      () =>
        withHeader(withHeader(objectBytes('udp'), 'license', { offset: 0, size: 3900 }), '.BTF', {
          offset: 0,
          size: 3900,
        }),
      "got sections of 8932 bytes, expected at most the file's 3984",
    ],
    [
      'with more global data than an array holds',
      () => withHeader(objectBytes('count'), '.bss', { size: 2 ** 22 + 1 }),
      'section .bss: got 4194305 bytes, expected at most 4194304',
    ],
    [
      'whose license has no end',
      () => {
        const bytes = objectBytes('udp')
        sectionOf(bytes, 'license').fill(65)
        return bytes
      },
      'section license: got a text without end, expected a NUL behind it',
    ],
    [
      'with other BTF',
      () => withWord(objectBytes('udp'), '.BTF', 0, 0),
      'section .BTF: BTF: expected the magic number 0xeb9f, got 0x0',
    ],
  ])('%s', (_what, bytes, sentence) => {
    expect(refused(bytes())).toBe(`BpfObjectError: x.bpf.o: ${sentence}`)
  })
})

describe('the prebuilt objects', () => {
  it('are what their sources compile to', ({ skip }) => {
    try {
      execFileSync('node', ['scripts/build-objects.js', '--check'], { stdio: 'pipe' })
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer }
      if (status === 2) skip(stderr.toString().trim())
      throw error
    }
  })
})
