/**
 * A small assembler: statements to instructions, for what the compiler at hand can't emit.
 *
 * A statement is a list of an operation and its operands, all in words: registers `r0` to `r10`, numbers in decimal or
 * with 0x, memory as `[base, offset]`, and where to jump as `@k`, the k-th statement, or a label. `assemblyOf` reads
 * the same from text, a statement a line: `ldxw r0, [r1+4]`, `jne r0, 42, wrong`, `wrong:`.
 */

import { halvesOf } from '../halves.ts'
import { numberIn } from '../test-file.ts'
import { helperNumber } from './helper-names.ts'
import { encode, type Instruction } from './instruction.ts'
import * as op from './opcodes.ts'

export type Operand = string | readonly [base: string, offset: number]
/** An operation and its operands. */
export type Statement = readonly [operation: string, ...operands: Operand[]]

type Bare = Omit<Instruction, 'at'>

/** What was assembled. */
export interface Assembled {
  readonly code: Uint8Array
  /** The wide loads that name a map, by slot. */
  readonly maps: readonly { readonly at: number; readonly map: string; readonly offset?: number }[]
  /** The slot of each statement. */
  readonly slots: readonly number[]
}

/** Assembles statements. `labels` are names for their numbers. Throws a SyntaxError that names the statement. */
export function assemble(statements: readonly Statement[], labels: ReadonlyMap<string, number> = new Map()): Assembled {
  const slots: number[] = []
  let slot = 0
  for (const [operation] of statements) {
    slots.push(slot)
    slot += operation === 'lddw' ? 2 : 1
  }
  slots.push(slot)
  const maps: { at: number; map: string; offset?: number }[] = []
  const made = statements.map((statement, k) => {
    const reader = new Reader(statement, k)
    const target = (label: string): number => {
      const to = label.startsWith('@') ? Number(label.slice(1)) : labels.get(label)
      if (to === undefined || !(to >= 0 && to < statements.length)) throw reader.bad(`no statement '${label}'`)
      return slots[to] - slots[k] - 1
    }
    const insn = reader.instruction(target)
    if (insn.code === op.LDDW && insn.src !== 0) {
      const [, , , map, offset] = statement as readonly string[]
      maps.push({ at: slots[k], map, ...(offset === undefined ? {} : { offset: Number(offset) }) })
    }
    return insn
  })
  const code = encode(made)
  if (code.length !== slot * 8) throw new Error(`assembled ${code.length} bytes, expected ${slot * 8}`)
  return { code, maps, slots: slots.slice(0, -1) }
}

/** Reads statements from text: one a line, labels with a colon, comments behind `;`. */
export function assemblyOf(text: string): { statements: Statement[]; labels: Map<string, number> } {
  const statements: Statement[] = []
  const labels = new Map<string, number>()
  for (const raw of text.split('\n')) {
    let line = raw.replace(/;.*/, '').trim()
    const label = /^(\w+):\s*/.exec(line)
    if (label !== null) {
      labels.set(label[1], statements.length)
      line = line.slice(label[0].length)
    }
    if (line === '') continue
    const [operation, rest = ''] = line.split(/\s+(.*)/)
    const operands = rest
      .split(/[\s,]+(?![^[]*\])/)
      .filter((word) => word !== '')
      .map((word): Operand => {
        const memory = /^\[(r\d+)\s*([+-]\s*\d+)?\]$/.exec(word)
        return memory === null ? word : [memory[1], Number((memory[2] ?? '0').replace(/\s/g, ''))]
      })
    statements.push([operation, ...operands])
  }
  return { statements, labels }
}

/** One statement, read. */
class Reader {
  readonly #operation: string
  readonly #operands: readonly Operand[]
  readonly #number: number

  constructor([operation, ...operands]: Statement, number: number) {
    this.#operation = operation
    this.#operands = operands
    this.#number = number
  }

  bad(why: string): SyntaxError {
    const text = [this.#operation, ...this.#operands.map((each) => (typeof each === 'string' ? each : `[${each}]`))]
    return new SyntaxError(`assemble: ${why} in '${text.join(' ')}' (statement ${this.#number})`)
  }

  instruction(target: (label: string) => number): Bare {
    const name = this.#operation
    const [, bare, suffix] = /^(.*?)(32)?$/.exec(name)!
    const narrow = suffix !== undefined
    const jump = op.JUMP_NAMES.get(bare)
    if (jump !== undefined) return this.#jump(jump | (narrow ? op.JMP32 : op.JMP), target)
    const atomic = op.ATOMIC_NAMES.get(bare)
    if (atomic !== undefined) return this.#atomic(atomic, narrow)
    return this.#swap(name) ?? this.#memory(name) ?? this.#control(name, target) ?? this.#arithmetic(bare, narrow)
  }

  #word(at: number): string {
    const operand = this.#operands[at]
    if (typeof operand === 'string') return operand
    throw this.bad(operand === undefined ? `no operand ${at + 1}` : `operand ${at + 1} is memory`)
  }

  #isRegister(at: number): boolean {
    const operand = this.#operands[at]
    return typeof operand === 'string' && /^r\d+$/.test(operand)
  }

  #register(at: number): number {
    const text = this.#word(at)
    const number = /^r(\d+)$/.exec(text)
    if (number === null || Number(number[1]) > 10) throw this.bad(`'${text}' is no register`)
    return Number(number[1])
  }

  #place(at: number): { register: number; off: number } {
    const operand = this.#operands[at]
    if (typeof operand !== 'object') throw this.bad(`operand ${at + 1} is no memory`)
    const number = /^r(\d+)$/.exec(operand[0])
    if (number === null || Number(number[1]) > 10) throw this.bad(`'${operand[0]}' is no register`)
    return { register: Number(number[1]), off: operand[1] }
  }

  #number64(at: number): bigint {
    const text = this.#word(at)
    const number = numberIn(text)
    if (number === undefined) throw this.bad(`'${text}' is no number`)
    return number
  }

  /** A number of 32 bits, signed or not: as the immediate holds it. */
  #imm(at: number): number {
    const number = this.#number64(at)
    if (number < -(1n << 31n) || number >= 1n << 32n) throw this.bad(`'${number}' is no number of 32 bits`)
    return Number(BigInt.asIntN(32, number))
  }

  #jump(code: number, target: (label: string) => number): Bare {
    const off = target(this.#word(2))
    if (this.#isRegister(1))
      return { code: code | op.X, dst: this.#register(0), src: this.#register(1), off, imm: 0, high: 0 }
    return { code, dst: this.#register(0), src: 0, off, imm: this.#imm(1), high: 0 }
  }

  #atomic(imm: number, narrow: boolean): Bare {
    const { register, off } = this.#place(0)
    const code = op.STX | op.ATOMIC | (narrow ? op.W : op.DW)
    return { code, dst: register, src: this.#register(1), off, imm, high: 0 }
  }

  #swap(name: string): Bare | undefined {
    const swap = /^(le|be|bswap|swap)(16|32|64)$/.exec(name)
    if (swap === null) return undefined
    const code = swap[1] === 'le' ? op.ALU : swap[1] === 'be' ? op.ALU | op.X : op.ALU64
    return { code: code | op.END, dst: this.#register(0), src: 0, off: 0, imm: Number(swap[2]), high: 0 }
  }

  #memory(name: string): Bare | undefined {
    const load = /^ldx(s?)(b|h|w|dw)$/.exec(name)
    if (load !== null) {
      const { register, off } = this.#place(1)
      const mode = load[1] === 's' ? op.MEMSX : op.MEM
      const code = op.LDX | mode | op.WIDTH_NAMES.get(load[2])!
      return { code, dst: this.#register(0), src: register, off, imm: 0, high: 0 }
    }
    const store = /^st(x?)(b|h|w|dw)$/.exec(name)
    if (store !== null) {
      const { register, off } = this.#place(0)
      const width = op.WIDTH_NAMES.get(store[2])!
      if (store[1] === '')
        return { code: op.ST | op.MEM | width, dst: register, src: 0, off, imm: this.#imm(1), high: 0 }
      return { code: op.STX | op.MEM | width, dst: register, src: this.#register(1), off, imm: 0, high: 0 }
    }
    const ordered = /^(load_acquire|store_release)(8|16|32|64)$/.exec(name)
    if (ordered === null) return undefined
    const width = { 8: op.B, 16: op.H, 32: op.W, 64: op.DW }[ordered[2] as '8']
    const code = op.STX | op.ATOMIC | width
    if (ordered[1] === 'load_acquire') {
      const { register, off } = this.#place(1)
      return { code, dst: this.#register(0), src: register, off, imm: op.LOAD_ACQUIRE, high: 0 }
    }
    const { register, off } = this.#place(0)
    return { code, dst: register, src: this.#register(1), off, imm: op.STORE_RELEASE, high: 0 }
  }

  #control(name: string, target: (label: string) => number): Bare | undefined {
    const nothing = { dst: 0, src: 0, off: 0, imm: 0, high: 0 }
    switch (name) {
      case 'exit':
        return { ...nothing, code: op.JMP | op.EXIT }
      case 'ja':
        return { ...nothing, code: op.JMP | op.JA, off: target(this.#word(0)) }
      case 'ja32':
        return { ...nothing, code: op.JMP32 | op.JA, imm: target(this.#word(0)) }
      case 'call_local':
        return { ...nothing, code: op.JMP | op.CALL, src: op.PSEUDO_CALL, imm: target(this.#word(0)) }
      case 'call': {
        const text = this.#word(0)
        const id = /^\d+$/.test(text) ? Number(text) : helperNumber(text)
        if (id === undefined) throw this.bad(`no helper '${text}'`)
        return { ...nothing, code: op.JMP | op.CALL, imm: id }
      }
      case 'lddw':
        return this.#wide()
      default:
        return undefined
    }
  }

  /** `lddw r1, 5`, `lddw r1, map NAME`, `lddw r1, map NAME 8`: the map, or a byte of its first value. */
  #wide(): Bare {
    const dst = this.#register(0)
    if (this.#operands[1] === 'map') {
      const offset = this.#operands.length > 3 ? this.#imm(3) : undefined
      const src = offset === undefined ? op.PSEUDO_MAP_FD : op.PSEUDO_MAP_VALUE
      return { code: op.LDDW, dst, src, off: 0, imm: 0, high: offset ?? 0 }
    }
    const [imm, high] = halvesOf(this.#number64(1))
    return { code: op.LDDW, dst, src: 0, off: 0, imm, high }
  }

  #arithmetic(bare: string, narrow: boolean): Bare {
    const family = narrow ? op.ALU : op.ALU64
    const extended = /^movsx(8|16|32)(32|64)?$/.exec(narrow ? `${bare}32` : bare)
    if (extended !== null && extended[2] !== undefined) {
      const code = (extended[2] === '32' ? op.ALU : op.ALU64) | op.MOV | op.X
      return { code, dst: this.#register(0), src: this.#register(1), off: Number(extended[1]), imm: 0, high: 0 }
    }
    if (bare === 'neg') return { code: family | op.NEG, dst: this.#register(0), src: 0, off: 0, imm: 0, high: 0 }
    const off = bare === 'sdiv' || bare === 'smod' ? 1 : 0
    const kind = op.ALU_NAMES.get(off === 1 ? bare.slice(1) : bare)
    if (kind === undefined) throw this.bad(`no operation '${this.#operation}'`)
    const code = family | kind
    if (this.#isRegister(1))
      return { code: code | op.X, dst: this.#register(0), src: this.#register(1), off, imm: 0, high: 0 }
    return { code, dst: this.#register(0), src: 0, off, imm: this.#imm(1), high: 0 }
  }
}
