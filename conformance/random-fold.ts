/**
 * The end of a random program: what it has computed becomes one number.
 */

import type { Draft } from './random-effects.ts'

/** Everything into r0, whose low half is what comes back: these registers and so many bytes of the stack. */
export function fold({ put }: Draft, registers: readonly string[], bytes: number): void {
  for (const register of registers) {
    put('mul', 'r0', '31')
    put('add', 'r0', register)
  }
  for (let at = 8; at <= bytes; at += 8) {
    put('ldxdw', 'r2', ['r10', -at])
    put('mul', 'r0', '31')
    put('xor', 'r0', 'r2')
  }
  put('mov', 'r2', 'r0')
  put('rsh', 'r2', '32')
  put('xor', 'r0', 'r2')
  put('exit')
}
