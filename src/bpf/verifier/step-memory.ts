/**
 * Loads, stores and atomic operations: which memory they touch, and whether all of it is there.
 */

import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { Analysis } from './analysis.ts'
import { structureBehind } from './fields.ts'
import { ANY_NUMBER, number, type Pointer, pointer, type Register, ZERO } from './register.ts'
import { ANY, between, constant, constantOf, extend, truncate, upTo } from './scalar.ts'
import { checkContext, checkSpan, checkStackSpan } from './span.ts'
import { byteOf, type State, setSlot, slotOf, withBytes } from './state.ts'
import type { Field, Structure } from './structure.ts'
import { tnumConst, tnumText } from './tnum.ts'

/** What an instruction does to memory. */
type Does = 'read' | 'write' | 'both'

export function stepLoad(analysis: Analysis, state: State, insn: Instruction): void {
  const { code, dst, src } = insn
  const size = op.widthOf(code)
  const signed = (code & 0xe0) === op.MEMSX
  const loaded = access(analysis, state, insn, src, size, 'read')
  analysis.write(state, insn, dst, signed ? asSigned(loaded, size) : loaded)
}

function asSigned(loaded: Register, size: number): Register {
  if (loaded.kind !== 'scalar') return number(between(-(1n << 63n), (1n << 63n) - 1n))
  return number(extend(loaded.scalar, BigInt(size * 8)))
}

export function stepStore(analysis: Analysis, state: State, insn: Instruction): void {
  const { code, dst, src, imm } = insn
  const size = op.widthOf(code)
  const value = (code & 7) === op.ST ? number(constant(BigInt(imm))) : analysis.read(state, insn, src)
  access(analysis, state, insn, dst, size, 'write', value)
}

export function stepAtomic(analysis: Analysis, state: State, insn: Instruction): void {
  const { code, dst, src, imm } = insn
  const size = op.widthOf(code)
  if (imm === op.LOAD_ACQUIRE) {
    refuseAtomicOn(analysis, state, insn, src)
    analysis.write(state, insn, dst, access(analysis, state, insn, src, size, 'read'))
    return
  }
  const operand = analysis.read(state, insn, src)
  if (imm === op.CMPXCHG && analysis.read(state, insn, 0).kind === 'pointer')
    analysis.refuse(insn, 'EACCES', 'R0 leaks addr into mem')
  if (operand.kind === 'pointer') analysis.refuse(insn, 'EACCES', `R${src} leaks addr into mem`)
  refuseAtomicOn(analysis, state, insn, dst)
  if (imm === op.STORE_RELEASE) {
    access(analysis, state, insn, dst, size, 'write', operand)
    return
  }
  access(analysis, state, insn, dst, size, 'both', ANY_NUMBER)
  if ((imm & op.FETCH) === 0) return
  const old = number(size === 4 ? truncate(ANY, 32n) : ANY)
  analysis.write(state, insn, imm === op.CMPXCHG ? 0 : src, old)
}

/** Contexts and sockets can't be changed in one step. */
function refuseAtomicOn(analysis: Analysis, state: State, insn: Instruction, n: number): void {
  const base = analysis.read(state, insn, n)
  if (base.kind === 'scalar') {
    // The kernel looks at the address before it asks what it is one of.
    const size = op.widthOf(insn.code)
    const { bits } = base.scalar
    if (((bits.mask | (bits.value + BigInt(insn.off))) & BigInt(size - 1)) !== 0n)
      analysis.refuse(insn, 'EACCES', `misaligned access off ${tnumText(bits)}+0+${insn.off} size ${size}`)
  }
  if (base.kind !== 'pointer' || base.nullable || ['stack', 'value', 'memory'].includes(base.region)) return
  const what = insn.imm === op.LOAD_ACQUIRE ? 'loads from' : 'stores into'
  analysis.refuse(
    insn,
    'EACCES',
    `BPF_ATOMIC ${what} R${n} ${base.region === 'context' ? 'ctx' : base.region} is not allowed`,
  )
}

/** Checks one access through register `n`, notes what it touches, and returns what a load gives. */
function access(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  n: number,
  size: number,
  does: Does,
  stored: Register = ANY_NUMBER,
): Register {
  const base = analysis.read(state, insn, n)
  if (base.kind !== 'pointer' || base.nullable) analysis.refuseAccess(insn, n, base)
  switch (base.region) {
    case 'stack':
      return onStack(analysis, state, insn, base, n, size, does, stored)
    case 'value':
    case 'memory': {
      if (stored.kind === 'pointer') analysis.refuse(insn, 'EACCES', `R${insn.src} leaks addr into mem`)
      checkSpan(analysis, insn, base, n, insn.off, size, does !== 'read')
      refuseMisaligned(analysis, insn, base, size)
      const off = base.varies === undefined ? base.off + insn.off : undefined
      analysis.note(insn, {
        kind: 'access',
        place: { region: base.region, off, map: base.map, memory: base.memory?.name },
      })
      return numberOf(size)
    }
    case 'context':
      return onContext(analysis, insn, base, n, size, does, stored)
    case 'map':
      analysis.refuse(insn, 'EACCES', `R${n} access to struct bpf_map is not supported here`)
      break
    default:
      return onSocket(analysis, insn, base, n, size, does)
  }
}

function numberOf(size: number): Register {
  return size === 8 ? ANY_NUMBER : number(upTo((1n << BigInt(size * 8)) - 1n))
}

/** The kernel of x86 takes those; a JavaScript engine has no element that begins there. */
function refuseMisaligned(analysis: Analysis, insn: Instruction, base: Pointer, size: number): void {
  const { off, varies } = base
  const low = varies === undefined ? 0n : varies.bits.value | varies.bits.mask
  const known = BigInt(off + insn.off) & BigInt(size - 1)
  const unknown = low & BigInt(size - 1)
  const what = base.region === 'value' ? 'value' : 'memory'
  if ((varies === undefined || unknown === 0n) && known === 0n) return
  const part = tnumText(varies?.bits ?? tnumConst(0n))
  analysis.refuse(insn, 'EACCES', `misaligned ${what} access off ${part}+${off}+${insn.off} size ${size}`)
}

function onStack(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  base: Pointer,
  n: number,
  size: number,
  does: Does,
  stored: Register,
): Register {
  if (base.varies !== undefined)
    analysis.refuse(insn, 'EACCES', `R${n} variable stack access prohibited, off=${base.off + insn.off} size=${size}`)
  const off = base.off + insn.off
  if (off % size !== 0)
    analysis.refuse(insn, 'EACCES', `misaligned stack access off 0+${base.off}+${insn.off} size ${size}`)
  if (off >= 0 || off + size > 0 || off < -512)
    analysis.refuse(
      insn,
      'EACCES',
      `invalid ${does === 'write' ? 'write to' : 'read from'} stack R${n} off=${off} size=${size}`,
    )
  checkStackSpan(analysis, state, base.frame!, off)
  const own = base.frame === state.depth
  analysis.note(insn, { kind: 'access', place: { region: 'stack', off: own ? off : undefined, own } })
  const frame = state.frames[base.frame!]
  const { slot, byte } = slotOf(off)
  let loaded: Register = ANY_NUMBER
  if (does !== 'write') loaded = readSlot(analysis, state, insn, base.frame!, off, size)
  // A pointer is no number to be changed in one step.
  if (does === 'both' && loaded.kind === 'pointer') analysis.refuse(insn, 'EACCES', `R${n} leaks addr into mem`)
  if (does === 'read') return loaded
  if (size === 8) {
    setSlot(frame, slot, { register: does === 'both' ? ANY_NUMBER : stored })
    return loaded
  }
  if (stored.kind === 'pointer') analysis.refuse(insn, 'EACCES', 'invalid size of register spill')
  const before = frame.slots[slot]
  if ('register' in before && before.register.kind === 'pointer')
    analysis.refuse(insn, 'EACCES', 'attempt to corrupt spilled pointer on stack')
  const zero = does === 'write' && stored.kind === 'scalar' && constantOf(stored.scalar) === 0n
  setSlot(frame, slot, withBytes(before, byte, size, zero ? 'zero' : 'misc'))
  return loaded
}

function readSlot(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  frame: number,
  off: number,
  size: number,
): Register {
  const { slot, byte } = slotOf(off)
  const held = state.frames[frame].slots[slot]
  if ('register' in held) {
    if (size === 8) return held.register
    if (held.register.kind !== 'scalar') analysis.refuse(insn, 'EACCES', 'invalid size of register fill')
    return byte === 0 ? number(truncate(held.register.scalar, BigInt(size * 8))) : numberOf(size)
  }
  let zeros = 0
  for (let i = byte; i < byte + size; i++) {
    const known = byteOf(held, i)
    if (known === 'invalid')
      analysis.refuse(insn, 'EACCES', `invalid read from stack off ${off}+${i - byte} size ${size}`)
    if (known === 'zero') zeros++
  }
  return zeros === size ? ZERO : numberOf(size)
}

function onContext(
  analysis: Analysis,
  insn: Instruction,
  base: Pointer,
  n: number,
  size: number,
  does: Does,
  stored: Register,
): Register {
  checkContext(analysis, insn, base, n)
  if (stored.kind === 'pointer') analysis.refuse(insn, 'EACCES', `R${insn.src} leaks addr into ctx`)
  const field = fieldAt(analysis.type.context, insn.off, size, does)
  if (field === undefined) analysis.refuse(insn, 'EACCES', `invalid bpf_context access off=${insn.off} size=${size}`)
  if (field.absent)
    analysis.refuse(insn, 'ENOTSUPP', `${field.name} of ${analysis.type.context.name} is not supported here`)
  return readField(analysis, insn, base, field, size)
}

function onSocket(analysis: Analysis, insn: Instruction, base: Pointer, n: number, size: number, does: Does): Register {
  const name = base.region
  if (does !== 'read') analysis.refuse(insn, 'EACCES', `R${n} cannot write into ${name}`)
  const field = fieldAt(structureBehind(base.region)!, base.off + insn.off, size, does)
  if (field === undefined || field.offset !== base.off + insn.off)
    analysis.refuse(insn, 'EACCES', `R${n} invalid ${name} access off=${base.off + insn.off} size=${size}`)
  return readField(analysis, insn, base, field, size)
}

/** The field that such an access is of: all of it, or, of a load, an aligned part. */
function fieldAt({ fields }: Structure, off: number, size: number, does: Does): Field | undefined {
  if (off % size !== 0) return undefined
  const field = fields.find(({ offset, size: bytes }) => off >= offset && off + size <= offset + bytes)
  if (field === undefined || field.absent) return field
  if (does !== 'read' && !(field.writable && size === field.size)) return undefined
  // Of pointers and of numbers of eight bytes only the whole is given.
  return size === field.size || (field.narrow && field.size === 4 && field.points === undefined) ? field : undefined
}

function readField(analysis: Analysis, insn: Instruction, base: Pointer, field: Field, size: number): Register {
  const off = base.off + insn.off
  analysis.note(insn, { kind: 'access', place: { region: base.region, off, field } })
  if (field.points === undefined) return numberOf(size)
  const { region, nullable } = field.points
  return pointer(region, { nullable, id: analysis.nextId() })
}
