/**
 * The verifier: follows every path of a program with what is known of its registers and stack, and refuses what the
 * kernel would refuse. Model: bpf_check() of Linux 6.18.
 *
 * What it can't type it refuses too, by name; what it lets pass touches nothing but its stack, its context and its
 * values.
 */

import { wide } from '../halves.ts'
import { functionsOf, isConditional, isExit, isGoto, isLocalCall, targetOf } from '../isa/flow.ts'
import { decode, type Instruction, slotsOf } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { BpfMapDefinition, BpfProgram } from '../object.ts'
import { Analysis } from './analysis.ts'
import type { Fact } from './facts.ts'
import { GPL_COMPATIBLE } from './helper-prototypes.ts'
import { liveness, meetingPoints } from './liveness.ts'
import { Paths } from './paths.ts'
import { type ProgramType, programTypeOf } from './program-types.ts'
import { ProgramRefused } from './refused.ts'
import { number, pointer, type Register, typeName, UNINITIALISED } from './register.ts'
import { constant } from './scalar.ts'
import { MAX_FRAMES, newFrame, STACK_BYTES, State } from './state.ts'
import { stepArithmetic } from './step-arithmetic.ts'
import { stepHelper } from './step-call.ts'
import { stepCondition } from './step-jump.ts'
import { stepAtomic, stepLoad, stepStore } from './step-memory.ts'
import { checkWellFormed } from './well-formed.ts'

/** Instructions that are followed at the most, on all paths together. As many as in the kernel. */
export const MOST_INSTRUCTIONS = 1_000_000

/** A program that may run, and what is known of each instruction. */
export interface Verified {
  readonly program: BpfProgram
  readonly instructions: readonly (Instruction | undefined)[]
  /** By slot; undefined for what no path reaches. */
  readonly facts: readonly (Fact | undefined)[]
  /** Instructions that were followed. */
  readonly processed: number
  /** Bytes of the stack, all functions together at their deepest. */
  readonly stack: number
}

/** What else a program may be judged by. */
export interface VerifyOptions {
  /** What the registers hold at the start, instead of the context: for programs that are given plain memory. */
  readonly entry?: ReadonlyMap<number, Register>
}

const BARE: ProgramType = {
  context: { name: 'context', size: 0, fields: [] },
  returns: undefined,
  helpers: new Set(),
  bare: true,
}

/** Verifies a program of an object with these maps. Throws ProgramRefused. */
export function verify(
  program: BpfProgram,
  object: { readonly license: string; readonly maps: readonly BpfMapDefinition[] },
  options: VerifyOptions = {},
): Verified {
  const type = options.entry === undefined ? programTypeOf(program) : BARE
  if (type === undefined)
    throw new ProgramRefused(program, 'EINVAL', `programs of type ${program.type} are not supported here`)
  let instructions: readonly (Instruction | undefined)[]
  try {
    instructions = decode(program.code)
  } catch (error) {
    throw new ProgramRefused(program, 'EINVAL', `invalid bpf_ld_imm64 insn: ${(error as Error).message}`)
  }
  const analysis = new Analysis(program, type, GPL_COMPATIBLE.has(object.license), instructions, object.maps)
  checkWellFormed(analysis)
  const verifier = new Verifier(analysis)
  verifier.follow(startOf(options.entry))
  const { bytes: stack, calls } = deepestFrom(analysis, 0)
  if (stack > STACK_BYTES)
    analysis.refuse(undefined, 'EACCES', `combined stack size of ${calls} calls is ${stack}. Too large`)
  return {
    program,
    instructions,
    facts: analysis.facts,
    processed: verifier.processed,
    stack,
  }
}

function startOf(entry: ReadonlyMap<number, Register> | undefined): State {
  const frame = newFrame(0, -1)
  frame.registers[10] = pointer('stack', { frame: 0 })
  if (entry === undefined) frame.registers[1] = pointer('context')
  else for (const [n, register] of entry) frame.registers[n] = register
  return new State([frame], undefined)
}

class Verifier {
  readonly #analysis: Analysis
  readonly #paths: Paths
  processed = 0

  constructor(analysis: Analysis) {
    this.#analysis = analysis
    this.#paths = new Paths(liveness(analysis.instructions), meetingPoints(analysis.instructions))
  }

  follow(start: State): void {
    const { instructions } = this.#analysis
    let at = 0
    let state = start
    for (;;) {
      const insn = instructions[at]!
      const met = this.#paths.meet(at, state)
      if (met === 'loop') this.#analysis.refuse(insn, 'EINVAL', `infinite loop detected at insn ${at}`)
      let next: { readonly at: number; readonly state: State } | undefined
      if (met === 'new') {
        this.#count(insn)
        next = this.#step(state, insn)
      }
      next ??= this.#paths.next()
      if (next === undefined) return
      ;({ at, state } = next)
    }
  }

  #count(insn: Instruction): void {
    if (++this.processed > MOST_INSTRUCTIONS)
      this.#analysis.refuse(insn, 'E2BIG', `BPF program is too large. Processed ${this.processed} insn`)
  }

  /** One instruction: where the path goes on, or undefined where it ends. */
  #step(state: State, insn: Instruction): { readonly at: number; readonly state: State } | undefined {
    const analysis = this.#analysis
    const following = { at: insn.at + slotsOf(insn), state }
    switch (insn.code & 7) {
      case op.ALU:
      case op.ALU64:
        stepArithmetic(analysis, state, insn)
        return following
      case op.LD:
        this.#wide(state, insn)
        return following
      case op.LDX:
        stepLoad(analysis, state, insn)
        return following
      case op.ST:
        stepStore(analysis, state, insn)
        return following
      case op.STX:
        if ((insn.code & 0xe0) === op.ATOMIC) stepAtomic(analysis, state, insn)
        else stepStore(analysis, state, insn)
        return following
      default:
        return this.#jump(state, insn, following)
    }
  }

  #jump(state: State, insn: Instruction, following: { at: number; state: State }) {
    if (isConditional(insn)) {
      const { taken, not } = stepCondition(this.#analysis, state, insn)
      const target = targetOf(insn)
      if (taken === undefined) return not === undefined ? undefined : { at: following.at, state: not }
      if (not === undefined) return { at: target, state: taken }
      if (!this.#paths.push(target, taken))
        this.#analysis.refuse(insn, 'EFAULT', 'The sequence of 8193 jumps is too complex.')
      return { at: following.at, state: not }
    }
    if (isGoto(insn)) {
      this.#analysis.note(insn, { kind: 'plain' })
      return { at: targetOf(insn), state }
    }
    if (isExit(insn)) return this.#exit(state, insn)
    if (isLocalCall(insn)) return this.#call(state, insn)
    stepHelper(this.#analysis, state, insn)
    return following
  }

  #wide(state: State, insn: Instruction): void {
    const { dst, src, imm, high } = insn
    this.#analysis.note(insn, { kind: 'plain' })
    if (src === 0) {
      this.#analysis.write(state, insn, dst, number(constant(wide(imm, high))))
      return
    }
    const { map, offset } = this.#analysis.mapUse(insn)
    if (map.spinLock !== undefined && this.#analysis.type.noSpinLock !== undefined)
      this.#analysis.refuse(insn, 'EINVAL', this.#analysis.type.noSpinLock)
    if (src === op.PSEUDO_MAP_FD) {
      this.#analysis.write(state, insn, dst, pointer('map', { map }))
      return
    }
    if (map.type !== 2 || map.maxEntries !== 1)
      this.#analysis.refuse(insn, 'EINVAL', `direct value access on map '${map.name}' that is no array of one value`)
    if (offset === undefined || offset >= map.valueSize)
      this.#analysis.refuse(
        insn,
        'EINVAL',
        `invalid access to map value pointer, value_size=${map.valueSize} off=${offset}`,
      )
    this.#analysis.write(state, insn, dst, pointer('value', { map, off: offset, id: this.#analysis.nextId() }))
  }

  #call(state: State, insn: Instruction): { at: number; state: State } {
    const target = targetOf(insn)
    this.#analysis.note(insn, { kind: 'plain' })
    if (state.held !== undefined)
      this.#analysis.refuse(insn, 'EINVAL', 'function calls are not allowed while holding a lock')
    if (state.frames.length >= MAX_FRAMES)
      this.#analysis.refuse(insn, 'E2BIG', `the call stack of ${state.frames.length + 1} frames is too deep`)
    const frame = newFrame(target, insn.at + 1)
    const caller = state.registers
    for (let n = 1; n <= 5; n++) frame.registers[n] = caller[n]
    frame.registers[10] = pointer('stack', { frame: state.frames.length })
    for (let n = 0; n <= 5; n++) caller[n] = UNINITIALISED
    state.frames.push(frame)
    return { at: target, state }
  }

  #exit(state: State, insn: Instruction): { at: number; state: State } | undefined {
    const analysis = this.#analysis
    analysis.note(insn, { kind: 'plain' })
    const result = analysis.read(state, insn, 0)
    if (state.frames.length > 1) {
      if (result.kind === 'pointer' && result.region === 'stack' && result.frame === state.depth)
        analysis.refuse(insn, 'EINVAL', 'cannot return stack pointer to the caller')
      const { returnsTo } = state.frames.pop()!
      state.registers[0] = result
      return { at: returnsTo, state }
    }
    if (state.held !== undefined)
      analysis.refuse(insn, 'EINVAL', 'BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region')
    this.#checkResult(insn, result)
    return undefined
  }

  #checkResult(insn: Instruction, result: Register): void {
    const { returns, bare } = this.#analysis.type
    if (bare) return
    if (result.kind !== 'scalar') {
      if (returns === undefined) this.#analysis.refuse(insn, 'EACCES', 'R0 leaks addr as return value')
      const what = `At program exit the register R0 is not a known value (${typeName(result)})`
      this.#analysis.refuse(insn, 'EINVAL', what)
    }
    if (returns === undefined) return
    const { smin, smax } = result.scalar
    const [least, most] = returns
    if (smin >= BigInt(least) && smax <= BigInt(most)) return
    const unknown = smin === -(1n << 63n) && smax === (1n << 63n) - 1n
    const has = unknown ? 'unknown scalar value' : `smin=${smin} smax=${smax}`
    this.#analysis.refuse(
      insn,
      'EINVAL',
      `At program exit the register R0 has ${has} should have been in [${least}, ${most}]`,
    )
  }
}

/** Bytes of the stack that the function at `entry` and what it calls take at the deepest, and in how many functions. */
function deepestFrom(analysis: Analysis, entry: number): { readonly bytes: number; readonly calls: number } {
  const { instructions, facts } = analysis
  const own = roundUp(analysis.stackDepth.get(entry) ?? 0)
  const { to } = functionsOf(instructions).find(({ from }) => from === entry)!
  let deepest = { bytes: own, calls: 1 }
  for (let at = entry; at < to; at++) {
    const insn = instructions[at]
    if (insn === undefined || facts[at] === undefined || !isLocalCall(insn)) continue
    const below = deepestFrom(analysis, targetOf(insn))
    if (own + below.bytes > deepest.bytes) deepest = { bytes: own + below.bytes, calls: below.calls + 1 }
  }
  return deepest
}

/** As the kernel counts where it compiles programs: in steps of 16 bytes. */
function roundUp(depth: number): number {
  return Math.ceil(depth / 16) * 16
}
