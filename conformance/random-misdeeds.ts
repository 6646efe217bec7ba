/**
 * What random programs do that may be refused.
 */

import type { Operand } from '../src/bpf/isa/assemble.ts'
import type { Draft } from './random-effects.ts'

/** Puts one such statement. `numbers` are the registers that numbers live in. */
export function misdeed(draft: Draft, numbers: readonly string[]): void {
  const { below, put } = draft
  const of = <T>(list: readonly T[]): T => list[below(list.length)]
  const to = of(numbers)
  switch (below(14)) {
    case 0:
      put('mov', to, 'r10')
      return
    case 1:
      put('stxdw', ['r10', of([0, 8, -4, -12, -512, -520])], to)
      return
    case 2:
      put('ldxw', to, ['r10', of([0, -6, -516, -4])])
      return
    case 3:
      put('lsh', to, of(['63', '64', '-1']))
      return
    case 4:
      put('div32', to, '0')
      return
    case 5:
      put('ldxw', to, [of(numbers), 0])
      return
    case 6:
      put(of(['mul', 'and', 'add32', 'sub']), 'r10', of(['1', '8']))
      return
    case 7:
      put('mov', to, 'r1')
      return
    case 8:
      put('ldxw', to, ['r1', of([0, 2, 8, 76, 144, 168, 188, 192])])
      return
    case 9:
      put('ldxdw', to, ['r1', of([152, 168, 0])])
      return
    case 10:
      put(of(['stw', 'stb']), ['r1', of([0, 8, 48, 52, 68, 164])], '1')
      return
    case 11:
      put('call', of(['0', '95', '9999']))
      for (const register of ['r0', 'r2', 'r3', 'r4', 'r5'].slice(below(2))) put('mov', register, '5')
      return
    case 12:
      put(
        'lock_add',
        of<Operand>([
          ['r1', 0],
          ['r10', -12],
          [to, 0],
        ]),
        of(numbers),
      )
      return
    default:
      put('stxdw', ['r10', -8 * (1 + below(6))], of(['r10', 'r1']))
  }
}
