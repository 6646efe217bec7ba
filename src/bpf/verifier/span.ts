/**
 * Whether a run of bytes lies in what a pointer points to.
 */

import type { Instruction } from '../isa/instruction.ts'
import type { Analysis } from './analysis.ts'
import type { Pointer, Register } from './register.ts'
import { byteOf, type State, slotOf } from './state.ts'
import { tnumText } from './tnum.ts'

/** Bytes of a bpf_spin_lock. */
const LOCK_BYTES = 4

/** Checks `size` bytes at `off` behind the pointer in register `n`, in a map's value or in plain memory. */
export function checkSpan(
  analysis: Analysis,
  insn: Instruction,
  base: Pointer,
  n: number,
  off: number,
  size: number,
  writes: boolean,
): void {
  const { map, memory, varies } = base
  const bytes = map?.valueSize ?? memory?.size ?? 0
  const least = BigInt(base.off + off) + (varies?.smin ?? 0n)
  const most = BigInt(base.off + off) + (varies?.smax ?? 0n)
  const refuse = (said: string): never => analysis.refuse(insn, 'EACCES', said)
  if (least < 0n && (varies?.smin ?? 0n) < 0n)
    refuse(`R${n} min value is negative, either use unsigned index or do a if (index >=0) check.`)
  if (least < 0n || least + BigInt(size) > BigInt(bytes))
    refuse(`R${n} min value is outside of the allowed memory range`)
  if (most + BigInt(size) > BigInt(bytes)) {
    if (most >= 1n << 29n) refuse(`R${n} unbounded memory access, make sure to bounds check any such access`)
    refuse(`R${n} max value is outside of the allowed memory range`)
  }
  const readonly = map?.readonlyToPrograms ?? memory?.readonly ?? false
  if (writes && readonly) refuse(`write into map forbidden, value_size=${bytes} off=${base.off + off} size=${size}`)
  const lock = map?.spinLock
  if (lock !== undefined && least < BigInt(lock + LOCK_BYTES) && most + BigInt(size) > BigInt(lock))
    refuse('bpf_spin_lock cannot be accessed directly by load/store')
}

/** Checks that a pointer to the context points to its beginning. */
export function checkContext(analysis: Analysis, insn: Instruction, { off, varies }: Pointer, n: number): void {
  const refuse = (said: string): never => analysis.refuse(insn, 'EACCES', `${said} disallowed`)
  if (off < 0) refuse(`negative offset ctx ptr R${n} off=${off}`)
  if (off !== 0) refuse(`dereference of modified ctx ptr R${n} off=${off}`)
  if (varies !== undefined) refuse(`variable ctx access var_off=${tnumText(varies.bits)}`)
}

/** Notes how deep the stack of a frame is used. */
export function checkStackSpan(analysis: Analysis, state: State, frame: number, off: number): void {
  const { entry } = state.frames[frame]
  analysis.stackDepth.set(entry, Math.max(analysis.stackDepth.get(entry) ?? 0, -off))
}

/** Checks that a helper may read `size` bytes at this place of the stack: all written, none of a pointer. */
export function checkStackRead(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  base: Pointer,
  n: number,
  size: number,
): void {
  const { off, varies, frame } = base
  if (varies !== undefined)
    analysis.refuse(insn, 'EACCES', `R${n} variable stack access prohibited, off=${off} size=${size}`)
  // One that begins inside ends with another errno.
  if (off >= 0 || off + size > 0 || off < -512)
    analysis.refuse(
      insn,
      off >= 0 || off < -512 ? 'EACCES' : 'EINVAL',
      `invalid read from stack R${n} off=${off} size=${size}`,
    )
  checkStackSpan(analysis, state, frame!, off)
  for (let at = off; at < off + size; at++) {
    const { slot, byte } = slotOf(at)
    const held = state.frames[frame!].slots[slot]
    if ('register' in held && (held.register as Register).kind === 'pointer')
      analysis.refuse(insn, 'EACCES', `R${n} leaks addr into mem`)
    if (byteOf(held, byte) === 'invalid')
      analysis.refuse(insn, 'EACCES', `invalid read from stack R${n} off ${off}+${at - off} size ${size}`)
  }
}
