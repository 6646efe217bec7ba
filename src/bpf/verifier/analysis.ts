/**
 * One program on its way through the verifier: what it is, and what was found so far.
 */

import type { Instruction } from '../isa/instruction.ts'
import type { BpfMapDefinition, BpfMapUse, BpfProgram } from '../object.ts'
import { type Fact, mergeFacts } from './facts.ts'
import type { ProgramType } from './program-types.ts'
import { type LoadErrno, ProgramRefused } from './refused.ts'
import { type Register, typeName } from './register.ts'
import type { State } from './state.ts'

export class Analysis {
  readonly program: BpfProgram
  readonly type: ProgramType
  readonly gplCompatible: boolean
  readonly instructions: readonly (Instruction | undefined)[]
  readonly facts: (Fact | undefined)[]
  /** Deepest byte of the stack that each function touches, by its first instruction. */
  readonly stackDepth = new Map<number, number>()
  readonly #maps: ReadonlyMap<string, BpfMapDefinition>
  readonly #uses: ReadonlyMap<number, BpfMapUse>
  #ids = 0

  constructor(
    program: BpfProgram,
    type: ProgramType,
    gplCompatible: boolean,
    instructions: readonly (Instruction | undefined)[],
    maps: readonly BpfMapDefinition[],
  ) {
    this.program = program
    this.type = type
    this.gplCompatible = gplCompatible
    this.instructions = instructions
    this.facts = Array(instructions.length).fill(undefined)
    this.#maps = new Map(maps.map((map) => [map.name, map]))
    this.#uses = new Map(program.maps.map((use) => [use.at, use]))
  }

  /** A name for one more origin of pointers or numbers. */
  nextId(): number {
    return ++this.#ids
  }

  refuse(insn: Instruction | undefined, errno: LoadErrno, said: string): never {
    throw new ProgramRefused(this.program, errno, said, insn)
  }

  /** Notes what one path says of an instruction. */
  note(insn: Instruction, fact: Fact): void {
    const merged = mergeFacts(this.facts[insn.at], fact)
    if (merged === undefined) this.refuse(insn, 'EINVAL', 'same insn cannot be used with different pointers')
    this.facts[insn.at] = merged
  }

  /** The map that a wide load names, and at which byte of its value. */
  mapUse(insn: Instruction): { readonly map: BpfMapDefinition; readonly offset: number | undefined } {
    const use = this.#uses.get(insn.at)
    const map = use === undefined ? undefined : this.#maps.get(use.map)
    if (map === undefined) this.refuse(insn, 'EINVAL', `fd ${insn.imm} is not pointing to valid bpf_map`)
    return { map, offset: use!.offset }
  }

  /** A register that is to be read. */
  read(state: State, insn: Instruction, n: number): Register {
    const register = state.registers[n]
    if (register.kind === 'uninitialised') this.refuse(insn, 'EACCES', `R${n} !read_ok`)
    return register
  }

  /** Sets a register that an instruction writes to. */
  write(state: State, insn: Instruction, n: number, register: Register): void {
    if (n === 10) this.refuse(insn, 'EACCES', 'frame pointer is read only')
    state.registers[n] = register
  }

  /** Refuses a register by its type, as the kernel does for memory that none may touch through it. */
  refuseAccess(insn: Instruction, n: number, register: Register): never {
    this.refuse(insn, 'EACCES', `R${n} invalid mem access '${typeName(register)}'`)
  }
}
