/**
 * Calls of helpers: each argument against what the helper takes, and what is known of the result.
 */

import { helperName } from '../isa/helper-names.ts'
import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { BpfMapDefinition } from '../object.ts'
import type { Analysis } from './analysis.ts'
import type { PlaceFact } from './facts.ts'
import { type Argument, PROTOTYPES, type Prototype, SPIN_LOCK, SPIN_UNLOCK } from './helper-prototypes.ts'
import { ANY_NUMBER, type Pointer, pointer, type Register, typeName, UNINITIALISED } from './register.ts'
import { constantOf } from './scalar.ts'
import { checkContext, checkSpan, checkStackRead } from './span.ts'
import type { State } from './state.ts'

const HASH = 1
const ARRAY = 2
const PERCPU_ARRAY = 6
const SK_STORAGE = 24
/** Maps that the helpers of all maps work on. */
const KEYED: ReadonlySet<number> = new Set([HASH, ARRAY, PERCPU_ARRAY])

export function stepHelper(analysis: Analysis, state: State, insn: Instruction): void {
  const { imm: helper, src } = insn
  if (src === op.PSEUDO_KFUNC_CALL)
    analysis.refuse(insn, 'ENOTSUPP', `kernel function #${helper} is not supported here`)
  const name = `${helperName(helper)}#${helper}`
  if (helperName(helper) === 'unknown') analysis.refuse(insn, 'EINVAL', `invalid func ${name}`)
  if (helper === 0) analysis.refuse(insn, 'EINVAL', `program of this type cannot use helper ${name}`)
  const prototype = PROTOTYPES.get(helper)
  if (prototype === undefined) analysis.refuse(insn, 'ENOTSUPP', `helper ${name} is not supported here`)
  if (!analysis.type.helpers.has(helper))
    analysis.refuse(insn, 'EINVAL', `program of this type cannot use helper ${name}`)
  if (prototype.gpl && !analysis.gplCompatible)
    analysis.refuse(insn, 'EINVAL', 'cannot call GPL-restricted function from non-GPL compatible program')
  if (state.held !== undefined && helper !== SPIN_UNLOCK)
    analysis.refuse(insn, 'EINVAL', 'function calls are not allowed while holding a lock')
  const places = checkArguments(analysis, state, insn, prototype, name)
  const numbers = prototype.takes.map((_, i) => numberIn(state.registers[i + 1]))
  analysis.note(insn, { kind: 'call', helper, places, numbers })
  if (helper === SPIN_LOCK || helper === SPIN_UNLOCK) lock(analysis, state, insn, helper)
  const result = resultOf(analysis, prototype, places[0]?.map)
  for (let n = 0; n <= 5; n++) state.registers[n] = UNINITIALISED
  state.registers[0] = result
}

function resultOf(analysis: Analysis, { gives }: Prototype, map: BpfMapDefinition | undefined): Register {
  const id = analysis.nextId()
  switch (gives) {
    case 'number':
    case 'unsigned':
    case 'wide-number':
      return ANY_NUMBER
    case 'nothing':
      return UNINITIALISED
    case 'map-value-or-null':
      return pointer('value', { nullable: true, id, map: map! })
    case 'sock-or-null':
      return pointer('sock', { nullable: true, id })
    case 'tcp-sock-or-null':
      return pointer('tcp_sock', { nullable: true, id })
  }
}

function checkArguments(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  { takes, more }: Prototype,
  name: string,
): (PlaceFact | undefined)[] {
  let map: BpfMapDefinition | undefined
  const places = takes.map((argument, i) => {
    const n = i + 1
    const register = analysis.read(state, insn, n)
    if (argument === 'map') map = mapOf(analysis, insn, register, n)
    checkArgument(analysis, state, insn, argument, register, n, map)
    if (argument === 'memory') checkMemory(analysis, state, insn, register as Pointer, n)
    return placeOf(state, register)
  })
  if (map !== undefined) checkMapType(analysis, insn, map, name)
  // What stands behind its arguments is read as it is.
  for (let n = takes.length + 1; more && n <= 5; n++) {
    const { kind } = state.registers[n]
    if (kind === 'pointer') analysis.refuse(insn, 'EACCES', `R${n} leaks addr to the log`)
  }
  return places
}

function numberIn(register: Register): bigint | undefined {
  return register.kind === 'scalar' ? constantOf(register.scalar) : undefined
}

function placeOf(state: State, register: Register): PlaceFact | undefined {
  if (register.kind !== 'pointer') return undefined
  const { region, off, varies, map, memory, frame } = register
  const own = region === 'stack' ? frame === state.depth : undefined
  return {
    region,
    off: varies === undefined && own !== false ? off : undefined,
    ...(own === undefined ? {} : { own }),
    ...(map === undefined ? {} : { map }),
    ...(memory === undefined ? {} : { memory: memory.name }),
  }
}

function mapOf(analysis: Analysis, insn: Instruction, register: Register, n: number): BpfMapDefinition {
  if (register.kind !== 'pointer' || register.region !== 'map')
    analysis.refuse(insn, 'EACCES', `R${n} type=${typeName(register)} expected=map_ptr`)
  return register.map!
}

/** Whether the helper works on maps of this type: asked when all arguments are found to be of theirs. */
function checkMapType(analysis: Analysis, insn: Instruction, { type }: BpfMapDefinition, name: string): void {
  const ofSockets = insn.imm === 107 || insn.imm === 108
  if (ofSockets ? type !== SK_STORAGE : !KEYED.has(type))
    analysis.refuse(insn, 'EINVAL', `cannot pass map_type ${type} into func ${name}`)
}

/** What the kernel lists as fit for bytes that a helper reads. */
const BYTES = 'fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_'
const SOCKETS = 'sock_common, sock, tcp_sock, xdp_sock'

function checkArgument(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  argument: Argument,
  register: Register,
  n: number,
  map: BpfMapDefinition | undefined,
): void {
  const refuse = (expected: string): never =>
    analysis.refuse(insn, 'EACCES', `R${n} type=${typeName(register)} expected=${expected}`)
  const isNull = register.kind === 'scalar' && constantOf(register.scalar) === 0n
  switch (argument) {
    case 'map':
      return
    case 'anything':
      if (register.kind === 'pointer') analysis.refuse(insn, 'EACCES', `R${n} leaks addr into helper function`)
      return
    case 'size':
      if (register.kind !== 'scalar') refuse('scalar')
      return
    case 'context':
      if (register.kind !== 'pointer' || register.region !== 'context') refuse('ctx')
      checkContext(analysis, insn, register as Pointer, n)
      return
    case 'socket':
    case 'owner': {
      const fits = register.kind === 'pointer' && ['sock_common', 'sock', 'tcp_sock'].includes(register.region)
      if (!fits || (register as Pointer).nullable)
        refuse(argument === 'owner' ? `${SOCKETS}, ptr_, trusted_ptr_` : SOCKETS)
      return
    }
    case 'lock':
      if (register.kind !== 'pointer' || register.region !== 'value' || register.nullable) refuse('map_value')
      return
    case 'map-value-or-null':
      if (!isNull) checkBytes(analysis, state, insn, register, n, map!.valueSize, refuse)
      return
    case 'key':
      checkBytes(analysis, state, insn, register, n, map!.keySize, refuse)
      return
    case 'map-value':
      checkBytes(analysis, state, insn, register, n, map!.valueSize, refuse)
      return
    case 'memory':
      if (register.kind !== 'pointer' || register.nullable) refuse(BYTES)
  }
}

function checkBytes(
  analysis: Analysis,
  state: State,
  insn: Instruction,
  register: Register,
  n: number,
  size: number,
  refuse: (expected: string) => never,
): void {
  if (register.kind !== 'pointer' || register.nullable) refuse(BYTES)
  if (!['stack', 'value', 'memory'].includes(register.region)) refuse(BYTES)
  if (register.region === 'stack') checkStackRead(analysis, state, insn, register, n, size)
  else checkSpan(analysis, insn, register, n, 0, size, false)
  // Helpers take keys and values as words.
  const { off, varies } = register
  const low = varies === undefined ? 0n : (varies.bits.value | varies.bits.mask) & 3n
  if (off % 4 !== 0 || low !== 0n)
    analysis.refuse(insn, 'EACCES', `misaligned memory for a helper off ${off} size ${size}, expected a multiple of 4`)
}

/** A run of bytes with its length in the next register. */
function checkMemory(analysis: Analysis, state: State, insn: Instruction, register: Pointer, n: number): void {
  const length = analysis.read(state, insn, n + 1)
  if (length.kind !== 'scalar') return
  const { smin, umax } = length.scalar
  if (smin < 0n)
    analysis.refuse(insn, 'EACCES', `R${n + 1} min value is negative, either use unsigned or 'var &= const'`)
  if (smin === 0n) analysis.refuse(insn, 'EACCES', `R${n + 1} invalid zero-sized read: u64=[0,${umax}]`)
  if (umax >= 1n << 29n)
    analysis.refuse(insn, 'EACCES', `R${n + 1} unbounded memory access, use 'var &= const' or 'if (var < const)'`)
  const size = Number(umax)
  if (register.region === 'stack') checkStackRead(analysis, state, insn, register, n, size)
  else if (register.region === 'value' || register.region === 'memory')
    checkSpan(analysis, insn, register, n, 0, size, false)
  else analysis.refuse(insn, 'EACCES', `R${n} type=${typeName(register)} expected=${BYTES}`)
}

/** bpf_spin_lock and bpf_spin_unlock: of the lock in a value, one at a time. */
function lock(analysis: Analysis, state: State, insn: Instruction, helper: number): void {
  const { map, off, varies, id } = state.registers[1] as Pointer
  if (analysis.type.noSpinLock !== undefined) analysis.refuse(insn, 'EINVAL', analysis.type.noSpinLock)
  if (varies !== undefined)
    analysis.refuse(insn, 'EINVAL', "R1 doesn't have constant offset. bpf_spin_lock has to be at the constant offset")
  if (map!.spinLock === undefined) analysis.refuse(insn, 'EINVAL', `map '${map!.name}' has no valid bpf_spin_lock`)
  if (map!.spinLock !== off)
    analysis.refuse(insn, 'EINVAL', `off ${off} doesn't point to 'struct bpf_spin_lock' that is at ${map!.spinLock}`)
  if (helper === SPIN_LOCK) {
    state.held = { map: map!.name, id }
    return
  }
  if (state.held === undefined) analysis.refuse(insn, 'EINVAL', 'bpf_spin_unlock without taking a lock')
  if (state.held.map !== map!.name || state.held.id !== id)
    analysis.refuse(insn, 'EINVAL', 'bpf_spin_unlock of different lock')
  state.held = undefined
}
