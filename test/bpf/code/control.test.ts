/**
 * Jumps as JavaScript says them: blocks, loops, and a switch where loops are entered in the middle.
 */

import { describe, expect, it } from 'vitest'
import { onMemory } from '../running.ts'

const on = (text: string): bigint => onMemory(text, 8).run()

describe('control flow', () => {
  it('goes round a loop as often as it says', () => {
    expect(on('mov r0, 0\nmov r3, 0\nagain: add r0, r3\nadd r3, 1\njlt r3, 10, again\nexit')).toBe(45n)
  })

  it('goes round loops in loops, and leaves both at once', () => {
    const text = `
      mov r0, 0
      mov r3, 0
      outer: mov r4, 0
      inner: add r0, 1
      jeq r0, 30, out
      add r4, 1
      jlt r4, 5, inner
      add r3, 1
      jlt r3, 10, outer
      out: exit`
    expect(on(text)).toBe(30n)
    expect(onMemory(text, 8).text).toContain('for (;;)')
    expect(onMemory(text, 8).text).not.toContain('switch')
  })

  it('takes no pointer to a stack for NULL, wherever it points', () => {
    for (const off of [0, -8, -512]) {
      const test = (jump: string) => `mov r2, r10\nadd r2, ${off}\n${jump}\nmov r0, 1\nexit\nout: mov r0, 2\nexit`
      expect(on(test('jeq r2, 0, out'))).toBe(1n)
      expect(on(test('jne r2, 0, out'))).toBe(2n)
      expect(on(test('mov r3, 0\njeq r3, r2, out'))).toBe(1n)
      // On another path it is a number.
      expect(
        on(`ldxw r4, [r1+0]\nmov r5, 0\njne r4, 77, far\nja meet\nfar: mov r5, r10\nadd r5, ${off}
        meet: mov r0, 1\njne r5, 0, out\nmov r0, 2\nout: exit`),
      ).toBe(1n)
    }
  })

  it('enters a loop in its middle', () => {
    const text = `
      mov r0, 0
      mov r3, 0
      ja middle
      again: add r0, 100
      middle: add r0, 1
      add r3, 1
      jlt r3, 3, again
      exit`
    expect(on(text)).toBe(203n)
    expect(onMemory(text, 8).text).toContain('switch')
  })

  it('overlaps loops', () => {
    const text = `
      mov r0, 0
      mov r3, 0
      first: add r0, 1
      add r3, 1
      second: add r0, 10
      jlt r3, 2, first
      add r3, 1
      jlt r3, 5, second
      exit`
    // r3: 1, 2, then 3, 4, 5 by way of the second head.
    expect(on(text)).toBe(2n + 40n)
  })

  it('jumps far, forward and back', () => {
    expect(on('mov r0, 1\nja32 end\nback: add r0, 2\nexit\nend: add r0, 4\nja32 back')).toBe(7n)
  })

  it('calls its own functions, each with a stack and registers of its own', () => {
    const text = `
      mov r6, 6
      stdw [r10-8], 100
      mov r1, 5
      call_local sum
      ldxdw r1, [r10-8]
      add r0, r1
      add r0, r6
      exit
      sum: mov r6, 1000
      stdw [r10-8], 7
      jgt r1, 0, deeper
      mov r0, 0
      exit
      deeper: stxdw [r10-16], r1
      sub r1, 1
      call_local leaf
      ldxdw r1, [r10-16]
      add r0, r1
      exit
      leaf: mov r0, 40
      stdw [r10-8], 9
      exit`
    expect(on(text)).toBe(151n)
  })

  it('gives a function a pointer to the stack of its caller', () => {
    expect(
      on(
        'stdw [r10-8], 1\nmov r1, r10\nadd r1, -8\ncall_local f\nldxdw r0, [r10-8]\nexit\nf: stdw [r1+0], 5\nmov r0, 0\nexit',
      ),
    ).toBe(5n)
  })

  it('takes a thousand jumps', () => {
    const jumps = Array.from({ length: 1000 }, (_, i) => `jeq r2, ${i + 100}, out\nadd r0, 1`)
    expect(on(`mov r0, 0\nldxb r2, [r1+0]\n${jumps.join('\n')}\nout: exit`)).toBe(1000n)
  })
})
