/**
 * The classics that everybody writes down, as BPF: which final states there are where each access is performed at once
 * and in its turn.
 */

import { describe, expect, it } from 'vitest'
import type { LitmusTest } from '../../../src/bpf/litmus.ts'
import { exploreLitmusTest } from '../../../src/cli/litmus-exploration.ts'

type Registers = LitmusTest['init']['registers']
const XY: Registers[string] = { r1: 'x', r2: 'y' }

function classic(
  name: string,
  threads: LitmusTest['threads'],
  condition: string,
  registers?: Registers,
  memory: LitmusTest['init']['memory'] = {},
): LitmusTest {
  const all = Object.fromEntries(threads.map((_, t) => [t, XY]))
  return { name, init: { registers: registers ?? all, memory }, threads, quantifier: 'exists', condition }
}

/** Final states are counted by hand: of n accesses that all conflict or matter, by what is read. */
const CLASSICS: readonly (readonly [test: LitmusTest, finalStates: number, reached: boolean])[] = [
  [
    classic(
      'SB',
      [
        [
          ['store', 'r1', 0, '1', 32],
          ['load', 'r3', 'r2', 0, 32],
        ],
        [
          ['store', 'r2', 0, '1', 32],
          ['load', 'r3', 'r1', 0, 32],
        ],
      ],
      '(0:r3=0 /\\ 1:r3=0)',
    ),
    3,
    false,
  ],
  [
    classic(
      'MP',
      [
        [
          ['store', 'r1', 0, '1', 64],
          ['store_release', 'r2', 0, 'r4', 64],
        ],
        [
          ['load_acquire', 'r3', 'r2', 0, 64],
          ['load', 'r4', 'r1', 0, 64],
        ],
      ],
      '1:r3=1 /\\ 1:r4=0',
      { 0: { ...XY, r4: 1 }, 1: XY },
    ),
    3,
    false,
  ],
  [
    classic(
      'LB',
      [
        [
          ['load', 'r3', 'r1', 0, 16],
          ['store', 'r2', 0, '1', 16],
        ],
        [
          ['load', 'r3', 'r2', 0, 16],
          ['store', 'r1', 0, '1', 16],
        ],
      ],
      '0:r3=1 /\\ 1:r3=1',
    ),
    3,
    false,
  ],
  [
    classic(
      'two increments, each a load and a store',
      [
        [
          ['load', 'r3', 'r1', 0, 32],
          ['alu', 'r3', '+', '1'],
          ['store', 'r1', 0, 'r3', 32],
        ],
        [
          ['load', 'r3', 'r1', 0, 32],
          ['alu', 'r3', '+', '1'],
          ['store', 'r1', 0, 'r3', 32],
        ],
      ],
      'x=1',
    ),
    3,
    true,
  ],
  [
    classic(
      'two increments, each at once',
      [[['fetch_add', 'r3', 'r1', 0, 'r4', 64]], [['fetch_add', 'r3', 'r1', 0, 'r4', 64]]],
      '~(x=5)',
      { 0: { r1: 'x', r4: 1 }, 1: { r1: 'x', r4: 1 } },
      { x: 3 },
    ),
    2,
    false,
  ],
  [
    classic(
      'one of two takes it',
      [[['cmpxchg', 'r0', 'r1', 0, 'r0', 'r4', 32]], [['cmpxchg', 'r0', 'r1', 0, 'r0', 'r4', 32]]],
      '(0:r0=0 /\\ 1:r0=0) \\/ x=0',
      { 0: { r1: 'x', r4: 1 }, 1: { r1: 'x', r4: 2 } },
    ),
    2,
    false,
  ],
  [
    classic(
      'eight bytes do not tear',
      [[['store', 'r1', 0, 'r4', 64]], [['load', 'r3', 'r1', 0, 64]]],
      '1:r3=0x100000000 \\/ 1:r3=1',
      { 0: { r1: 'x', r4: 0x1_0000_0001 }, 1: XY },
    ),
    2,
    false,
  ],
  [
    classic(
      'two stores of four bytes are seen in between',
      [
        [
          ['store', 'r1', 4, '1', 32],
          ['store', 'r1', 0, '1', 32],
        ],
        [['load', 'r3', 'r1', 0, 64]],
      ],
      '1:r3=0x100000000',
    ),
    3,
    true,
  ],
  [
    classic(
      'a branch is taken',
      [
        [
          ['load', 'r3', 'r1', 0, 32],
          ['if', 'r3', '==', '0', 'OUT'],
          ['store', 'r2', 0, '7', 32],
          ['label', 'OUT'],
        ],
        [['store', 'r1', 0, '1', 32]],
      ],
      'y=7 /\\ 0:r3=1',
    ),
    2,
    true,
  ],
]

describe('litmus tests of BPF', () => {
  it.each(CLASSICS.map(([test, ...rest]) => [test.name, test, ...rest] as const))(
    'explores %s',
    async (_, test, finalStates, reached) => {
      expect(await exploreLitmusTest(test)).toMatchObject({ finalStates, reached })
    },
  )

  it.each([
    [[['fence']], "no statement 'fence'"],
    [[['load', 'r3', 'r1', 0, 24]], 'got the width 24, expected 8, 16, 32, 64'],
    [[['xchg', 'r1', 'r1', 0, 'r4', 32]], 'the result goes to the register of the address'],
    [[['load', 'r3', 'r4', 0, 32]], "R4 invalid mem access 'scalar'"],
    [[['load', 'r3', 'r1', 8, 32]], 'R1 min value is outside of the allowed memory range'],
  ] as const)('refuses %j', async (thread, said) => {
    await expect(exploreLitmusTest(classic('odd', [thread], 'x=0'))).rejects.toThrow(said)
  })

  it.each([
    ['(0:r3=1', "got its end, expected ')'"],
    ['0:r3', "got its end, expected '='"],
    ['0:r1=0', "got '0:r1', expected a location of the test, or a register that holds a number"],
    ['x=y', "got 'y', expected a number"],
    ['x=1 x=2', "got 'x', expected its end"],
  ])("says what is wrong with '%s'", async (condition, said) => {
    const thread = [['load', 'r3', 'r1', 0, 32]] as const
    await expect(exploreLitmusTest(classic('odd', [thread], condition))).rejects.toThrow(said)
  })
})
