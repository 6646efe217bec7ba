import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { events, skStorage } from './command.ts'

const OBJECTS = fileURLToPath(new URL('../bpf/objects/', import.meta.url))

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bpf-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const RIGHT = { name: 'right', program: [['mov', 'r0', '-1'], ['exit']], result: '0xffffffffffffffff' }
const ON_MEMORY = {
  name: 'memory',
  program: [['ldxh', 'r0', ['r1', 2]], ['add', 'r0', 'r2'], ['jeq', 'r0', '1031', '@4'], ['mov', 'r0', '0'], ['exit']],
  memory: '01 02 03 04',
  result: '1031',
}

describe('sk-storage bpf vectors', () => {
  it('passes what has its result', async () => {
    const ended = await skStorage('bpf', 'vectors', fileOf('right.json', { tests: [RIGHT, ON_MEMORY] }))
    expect([ended.status, ended.stdout]).toEqual([0, '2 of 2 vectors have their result\n'])
  })

  it('tells what has another one, and what is refused, with status 1', async () => {
    const wrong = { ...RIGHT, name: 'wrong', result: '5' }
    const refused = { ...RIGHT, name: 'refused', program: [['ldxw', 'r0', ['r1', 0]], ['exit']] }
    const odd = { ...RIGHT, name: 'odd', program: [['leap', 'r0', 'r1']] }
    const path = fileOf('wrong.json', { tests: [RIGHT, wrong, refused, odd] })
    const ended = await skStorage('bpf', 'vectors', path, '--json')
    expect(ended.status).toBe(1)
    expect(events(ended)).toEqual([
      { schema: 1, event: 'vector', name: 'right', passed: true },
      {
        schema: 1,
        event: 'vector',
        name: 'wrong',
        passed: false,
        why: 'got r0 = 0xffffffffffffffff, expected 0x5',
      },
      {
        schema: 1,
        event: 'vector',
        name: 'refused',
        passed: false,
        why: "EACCES: R1 !read_ok (program refused, instruction 0 'r0 = *(u32 *)(r1 +0)')",
      },
      {
        schema: 1,
        event: 'vector',
        name: 'odd',
        passed: false,
        why: "assemble: no operation 'leap' in 'leap r0 r1' (statement 0)",
      },
      { schema: 1, event: 'summary', vectors: 4, passed: 1, failed: 3 },
    ])
  })

  it.each([
    ['{', /^sk-storage bpf: .+\.json: .+JSON/],
    ['[]', /got no list `tests`, expected an object with tests in `tests`$/],
    [{ tests: [] }, /got an empty list `tests`, expected at least one test$/],
    [{ tests: [{ ...RIGHT, result: 7 }] }, /test 0: got the result 7 in right, expected a number as a text$/],
    [{ tests: [{ ...RIGHT, memory: 'xyz' }] }, undefined],
    [{ tests: [{ name: 'none' }] }, /test 0: got no program in none, expected a list of \[operation, operands...\]$/],
  ])('says what is wrong with %j', async (content, said) => {
    const ended = await skStorage('bpf', 'vectors', fileOf('bad.json', content))
    expect(ended.status).toBe(said === undefined ? 1 : 2)
    if (said !== undefined) expect(ended.stderr.trimEnd()).toMatch(said)
  })
})

const SB = {
  name: 'SB',
  init: { registers: { 0: { r1: 'x', r2: 'y' }, 1: { r1: 'y', r2: 'x' } } },
  threads: Array(2).fill([
    ['store', 'r1', 0, '1', 32],
    ['load', 'r3', 'r2', 0, 32],
  ]),
  condition: '(0:r3=0 /\\ 1:r3=0)',
}

describe('sk-storage bpf litmus', () => {
  it('tells the final states, and where a file says others', async () => {
    const path = fileOf('sb.json', { tests: [SB, { ...SB, name: 'wrong', sc_final_states: 4, sc_reachable: true }] })
    const ended = await skStorage('bpf', 'litmus', path, '--json')
    expect(ended.status).toBe(1)
    const answer = { schema: 1, event: 'litmus', finalStates: 3, reached: false, traces: 3 }
    expect(events(ended)).toEqual([
      { ...answer, name: 'SB' },
      { ...answer, name: 'wrong', difference: 'the file says 4 final states, reached' },
      { schema: 1, event: 'summary', tests: 2, differing: 1, silent: 1 },
    ])
    const text = await skStorage('bpf', 'litmus', fileOf('one.json', { tests: [SB] }))
    expect([text.status, text.stdout]).toEqual([
      0,
      'SB: 3 final states, not reached\n0 of 1 tests end as the file says; of 1 it says nothing\n',
    ])
  })

  it.each([
    [{ condition: 'x' }, "SB: condition 'x': got its end, expected '='"],
    [
      { condition: '0:r3=0 /\\ z=0' },
      "SB: condition '0:r3=0 /\\ z=0': got 'z', expected a location of the test, or a register that holds a number",
    ],
    [
      { condition: '0:r1=0' },
      "SB: condition '0:r1=0': got '0:r1', expected a location of the test, or a register that holds a number",
    ],
    [
      { init: 5 },
      'test 0: got no objects in the init of SB, expected registers like { "0": { "r1": "x" } } and memory',
    ],
    [
      { init: { registers: { ...SB.init.registers, 2: {} } } },
      'SB: got registers of thread 2, expected them of the 2 threads',
    ],
    [
      { init: { registers: { ...SB.init.registers, 0: { r1: 1.5 } } } },
      'SB: thread 0, r1: got 1.5, expected a whole number',
    ],
    [{ init: { ...SB.init, memory: { x: {} } } }, 'SB: memory x: got {}, expected a whole number'],
    [
      { threads: [[['mov', 'r3', '1']], []] },
      'SB: got no thread that touches a location, expected loads or stores to explore',
    ],
    [
      { threads: [[['load', 'r3', 'r4', 0, 32]], []] },
      "SB: EACCES: R4 invalid mem access 'scalar' (program SB, thread 0, instruction 0 'r3 = *(u32 *)(r4 +0)')",
    ],
  ])('says in one sentence what is wrong with a test: %j', async (odd, said) => {
    const path = fileOf('odd.json', { tests: [{ ...SB, ...odd }] })
    const ended = await skStorage('bpf', 'litmus', path)
    expect([ended.status, ended.stderr]).toEqual([2, `sk-storage bpf: ${path}: ${said}\n`])
  })

  it('takes no file without tests for one that is as it says', async () => {
    const ended = await skStorage('bpf', 'litmus', fileOf('none.json', { tests: [] }))
    expect(ended.status).toBe(2)
    expect(ended.stderr).toMatch(/none\.json: got an empty list `tests`, expected at least one test\n$/)
  })
})

describe('sk-storage bpf verify', () => {
  it('accepts the programs of an object', async () => {
    const ended = await skStorage('bpf', 'verify', join(OBJECTS, 'count.bpf.o'))
    expect(ended.status).toBe(0)
    expect(ended.stdout).toMatch(/^count \(cgroup_skb\/egress\): accepted, \d+ instructions, \d+ followed, 0 bytes of/)
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(3)
  })

  it('takes one program, and names them where it is none', async () => {
    const one = await skStorage('bpf', 'verify', join(OBJECTS, 'count.bpf.o'), '--program', 'atomics', '--json')
    expect(events(one).map(({ event, program }) => program ?? event)).toEqual(['atomics', 'summary'])
    const none = await skStorage('bpf', 'verify', join(OBJECTS, 'count.bpf.o'), '--program', 'cuont')
    expect([none.status, none.stderr]).toEqual([
      2,
      "sk-storage bpf: --program: got 'cuont', expected count, count_locked or atomics\n",
    ])
  })

  it('says of what Linux may accept why it is refused, and what to do', async () => {
    const ended = await skStorage('bpf', 'verify', join(OBJECTS, 'padding.bpf.o'))
    expect(ended.status).toBe(1)
    const [what, where, hint] = ended.stdout.split('\n')
    expect(what).toBe('padded (tc): refused, EACCES: invalid read from stack R3 off -24+12 size 16')
    expect(where).toContain('padding.bpf.c:21  bpf_map_update_elem(&flows, &key, &first, BPF_NOEXIST);')
    expect(hint).toMatch(/^ {2}those bytes were never written, as the padding of a struct is not: clear it with/)
    const [line] = events(await skStorage('bpf', 'verify', join(OBJECTS, 'padding.bpf.o'), '--json'))
    expect(line).toMatchObject({ event: 'refused', hint: hint.trim() })
  })

  it('says of what is no object what it is', async () => {
    const ended = await skStorage('bpf', 'verify', fileOf('text.o', 'int main;'))
    expect(ended.status).toBe(2)
    expect(ended.stderr).toMatch(/^sk-storage bpf: .+text\.o: /)
    expect((await skStorage('bpf', 'verify', '/nowhere')).stderr).toBe(
      'sk-storage bpf: got /nowhere, expected an object file that can be read (ENOENT)\n',
    )
    expect((await skStorage('bpf', 'verfy', 'x')).stderr).toBe(
      "sk-storage bpf: got the unknown command 'verfy', expected verify\n",
    )
  })
})

describe('sk-storage bpf dump', () => {
  it('prints JavaScript beside instructions and C lines', async () => {
    const ended = await skStorage('bpf', 'dump', join(OBJECTS, 'count.bpf.o'), '--program', 'count')
    expect(ended.status).toBe(0)
    expect(ended.stdout).toMatch(/\/\/ count\.bpf\.c:\d+ {2}c->cnt\+\+;\nr1l = words\[r0h \+ 1\] +\/\/ 12: r1 = /)
    const json = await skStorage('bpf', 'dump', join(OBJECTS, 'count.bpf.o'), '--program', 'count', '--json')
    const line = events(json).find(({ text }) => text === 'words[r0h + 1] = r1l')
    expect(line).toMatchObject({ instruction: 14, bpf: '*(u32 *)(r0 +4) = r1', source: 'c->cnt++;' })
  })
})
