/**
 * What is known at one point of one path: the registers and the stack of each function under way, and the lock held.
 */

import { covers, type Names, type Register, UNINITIALISED, ZERO } from './register.ts'

/** Bytes of a function's stack, and how many functions may be under way. */
export const STACK_BYTES = 512
export const MAX_FRAMES = 8
const SLOTS = STACK_BYTES / 8

/** A byte of the stack: never written, a 0, or some number. */
export type Byte = 'invalid' | 'zero' | 'misc'

/**
 * Eight bytes of the stack: a register that was stored whole, or what is known of each byte. Immutable. Slot 0 is the
 * one at offset -8.
 */
export type Slot = { readonly register: Register } | { readonly bytes: readonly Byte[] }

const EMPTY: Slot = { bytes: Array(8).fill('invalid') }

const NO_SLOTS: readonly Slot[] = Array<Slot>(SLOTS).fill(EMPTY)

/** A function under way. */
export interface Frame {
  readonly registers: Register[]
  /** States share them: a store makes new ones. */
  slots: readonly Slot[]
  /** Where its caller goes on; -1 in the program itself. */
  readonly returnsTo: number
  /** Where it begins. */
  readonly entry: number
}

/** A lock that is held: which value's. */
export interface Held {
  readonly map: string
  readonly id: number
}

export class State {
  readonly frames: Frame[]
  held: Held | undefined

  constructor(frames: Frame[], held: Held | undefined) {
    this.frames = frames
    this.held = held
  }

  get depth(): number {
    return this.frames.length - 1
  }

  get frame(): Frame {
    return this.frames[this.frames.length - 1]
  }

  get registers(): Register[] {
    return this.frame.registers
  }

  copy(): State {
    const frames = this.frames.map((frame) => ({
      ...frame,
      registers: frame.registers.slice(),
    }))
    return new State(frames, this.held)
  }

  /** Every register and every slot that holds one becomes what `change` makes of it. */
  update(change: (register: Register) => Register): void {
    for (const frame of this.frames) {
      const { registers } = frame
      for (let i = 0; i < registers.length; i++) registers[i] = change(registers[i])
      for (let i = 0; i < frame.slots.length; i++) {
        const slot = frame.slots[i]
        if (!('register' in slot)) continue
        const register = change(slot.register)
        if (register !== slot.register) setSlot(frame, i, { register })
      }
    }
  }
}

/** Changes one slot of a frame. */
export function setSlot(frame: Frame, i: number, slot: Slot): void {
  const slots = frame.slots.slice()
  slots[i] = slot
  frame.slots = slots
}

export function newFrame(entry: number, returnsTo: number): Frame {
  return {
    registers: Array<Register>(11).fill(UNINITIALISED),
    slots: NO_SLOTS,
    returnsTo,
    entry,
  }
}

/** The slot that a byte at this offset from the frame's end lies in, and its place in there. */
export function slotOf(off: number): { readonly slot: number; readonly byte: number } {
  return { slot: (-off - 1) >> 3, byte: ((off % 8) + 8) % 8 }
}

/** What is known of one byte. A register is some number, but for the 0. */
export function byteOf(slot: Slot, byte: number): Byte {
  if ('bytes' in slot) return slot.bytes[byte]
  const { register } = slot
  return register.kind === 'scalar' && register.scalar.umax === 0n ? 'zero' : 'misc'
}

/** The slot with some of its bytes written. */
export function withBytes(slot: Slot, from: number, count: number, byte: Byte): Slot {
  const bytes = Array.from({ length: 8 }, (_, i) => (i >= from && i < from + count ? byte : byteOf(slot, i)))
  return bytes.every((each) => each === 'zero') ? { register: ZERO } : { bytes }
}

function slotCovers(a: Slot, b: Slot, names: Names): boolean {
  if (a === b) return true
  if ('register' in a) {
    if ('register' in b) return covers(a.register, b.register, names)
    return false
  }
  if ('register' in b && b.register.kind === 'pointer') return a.bytes.every((byte) => byte === 'invalid')
  return a.bytes.every((byte, i) => {
    const other = byteOf(b, i)
    return byte === 'invalid' || byte === other || (byte === 'misc' && other === 'zero')
  })
}

/**
 * Whether whatever holds in `b` holds in `a`. `live` says, for each frame, which registers are still to be read; others
 * may differ.
 */
export function stateCovers(a: State, b: State, live: readonly number[]): boolean {
  if (a.frames.length !== b.frames.length) return false
  const names: Names = new Map([[0, 0]])
  if ((a.held === undefined) !== (b.held === undefined)) return false
  if (a.held !== undefined && (a.held.map !== b.held!.map || !nameHeld(a.held.id, b.held!.id, names))) return false
  return a.frames.every((frame, f) => {
    const other = b.frames[f]
    if (frame.returnsTo !== other.returnsTo || frame.entry !== other.entry) return false
    for (let i = 0; i <= 10; i++)
      if (((live[f] >> i) & 1) === 1 && !covers(frame.registers[i], other.registers[i], names)) return false
    return frame.slots === other.slots || frame.slots.every((slot, i) => slotCovers(slot, other.slots[i], names))
  })
}

function nameHeld(a: number, b: number, names: Names): boolean {
  names.set(a, b)
  return true
}
