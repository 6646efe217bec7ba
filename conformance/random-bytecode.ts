/**
 * Random BPF programs: arithmetic, jumps, loops, calls and a stack, everything folded into r0 at the end. Some do what
 * they may not.
 *
 * They begin with numbers that the verifier can't know: the length of the packet, which is 64, and what is made of it.
 */

import { type Assembled, assemble, type Operand, type Statement } from '../src/bpf/isa/assemble.ts'
import { nextBits, type Random } from '../src/random/random.ts'
import { type Draft, effect, keepContext } from './random-effects.ts'
import { fold } from './random-fold.ts'
import { misdeed } from './random-misdeeds.ts'

const OPERATIONS = ['add', 'sub', 'mul', 'div', 'sdiv', 'mod', 'smod', 'or', 'and', 'xor', 'mov', 'lsh', 'rsh', 'arsh']
const SHIFTS = ['lsh', 'rsh', 'arsh']
const JUMPS = ['jeq', 'jne', 'jset', 'jgt', 'jge', 'jlt', 'jle', 'jsgt', 'jsge', 'jslt', 'jsle']
const ATOMICS = ['lock_add', 'lock_or', 'lock_and', 'lock_xor', 'lock_fetch_add', 'lock_fetch_or', 'lock_fetch_and']
const MORE_ATOMICS = ['lock_fetch_xor', 'lock_xchg', 'lock_cmpxchg']
const EDGES = ['0', '1', '2', '7', '31', '63', '127', '128', '65535', '2147483647', '-1', '-2', '-128', '-2147483648']
const WIDE = ['0', '1', '0x7fffffffffffffff', '0x8000000000000000', '0xffffffff', '0x100000000', '0xfedcba9876543210']
const WIDTHS = ['b', 'h', 'w', 'dw']

/** Registers that numbers live in; r9 counts loops, r10 is the frame. */
const NUMBERS = ['r0', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8']
/** Bytes of the stack that loads and stores use. */
const STACK = 48
/**
 * Bytes below them that only atomic operations use. Linux 6.18 forgets that what such an operation fetched from a
 * number it knows something of has decided a branch: it prunes a path that would have gone the other way, and takes the
 * branch for settled. So these are bytes of which no verifier knows a thing: a register stored whole would be its copy,
 * and what a branch later says of the register would hold for the stack, too. A byte stored into it ends that.
 */
const ATOMIC_STACK = 16

/** How often a statement does something else than compute: one in so many, 0 for never. */
export interface Rates {
  /** What may be refused. */
  readonly wild: number
  /** What maps and context show afterwards. */
  readonly effects: number
}

/** A program of random statements. */
export function randomBytecode(random: Random, rates: Rates): Assembled {
  return new Writer(random, rates).write()
}

class Writer {
  readonly #random: Random
  readonly #rates: Rates
  readonly #draft: Draft = {
    below: (n) => this.#below(n),
    put: (...statement) => this.#put(...statement),
    label: () => this.#label(),
    mark: (label) => this.#mark(label),
  }
  readonly #statements: Statement[] = []
  readonly #labels = new Map<string, number>()
  #fresh = 0

  constructor(random: Random, rates: Rates) {
    this.#random = random
    this.#rates = rates
  }

  write(): Assembled {
    this.#begin()
    const count = 5 + this.#below(30)
    for (let i = 0; i < count; i++) this.#statement(3)
    const calls = this.#below(3) === 0
    if (calls) this.#call()
    fold(this.#draft, NUMBERS.slice(1), STACK + ATOMIC_STACK)
    if (calls) this.#function()
    return assemble(this.#statements, this.#labels)
  }

  #below(n: number): number {
    return nextBits(this.#random) % n
  }

  #of<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]
  }

  #put(...statement: Statement): void {
    this.#statements.push(statement)
  }

  #begin(): void {
    if (this.#rates.effects > 0) keepContext(this.#draft)
    this.#put('ldxw', 'r8', ['r1', 0])
    for (const register of NUMBERS.slice(0, -1)) {
      if (this.#below(3) === 0) this.#put('lddw', register, this.#of(WIDE))
      else if (this.#below(2) === 0) this.#put('mov', register, this.#of(EDGES))
      else {
        this.#put(
          'lddw',
          register,
          `0x${nextBits(this.#random).toString(16)}${nextBits(this.#random).toString(16).padStart(8, '0')}`,
        )
        this.#put(this.#of(['mul', 'xor', 'add', 'mul32']), register, 'r8')
      }
    }
    for (let at = 8; at <= STACK; at += 8) this.#put('stxdw', ['r10', -at], this.#of(NUMBERS))
    for (let at = 8; at <= ATOMIC_STACK; at += 8) {
      this.#put('stxdw', ['r10', -STACK - at], 'r8')
      this.#put('stxb', ['r10', -STACK - at], 'r8')
    }
  }

  #number(): string {
    return this.#of(NUMBERS)
  }

  /** One statement, or several that belong together, up to `depth` levels of blocks. */
  #statement(depth: number): void {
    const { wild, effects } = this.#rates
    if (wild > 0 && this.#below(wild) === 0) misdeed(this.#draft, NUMBERS)
    else if (effects > 0 && this.#below(effects) === 0) effect(this.#draft)
    else this.#tameOne(depth)
  }

  #tameOne(depth: number): void {
    switch (this.#below(depth > 0 ? 12 : 9)) {
      case 0:
      case 1:
      case 2:
      case 3:
        this.#arithmetic()
        return
      case 4:
        this.#unary()
        return
      case 5:
      case 6:
        this.#memory()
        return
      case 7:
        this.#atomic()
        return
      case 8:
        this.#put('lddw', this.#number(), this.#of(WIDE))
        return
      case 9:
      case 10:
        this.#branch(depth - 1)
        return
      default:
        this.#loop(depth - 1)
        return
    }
  }

  #arithmetic(): void {
    const name = this.#of(OPERATIONS)
    const narrow = this.#below(2) === 0
    const suffix = narrow ? '32' : ''
    if (this.#below(2) === 0) {
      this.#put(`${name}${suffix}`, this.#number(), this.#number())
      return
    }
    let imm = this.#of(EDGES)
    if (SHIFTS.includes(name)) imm = `${this.#below(narrow ? 32 : 64)}`
    else if (/div|mod/.test(name) && imm === '0') imm = '3'
    this.#put(`${name}${suffix}`, this.#number(), imm)
  }

  #unary(): void {
    const to = this.#number()
    switch (this.#below(4)) {
      case 0:
        this.#put(this.#of(['neg', 'neg32']), to)
        return
      case 1:
        this.#put(`${this.#of(['be', 'le', 'bswap'])}${this.#of(['16', '32', '64'])}`, to)
        return
      default:
        this.#put(this.#of(['movsx832', 'movsx1632', 'movsx864', 'movsx1664', 'movsx3264']), to, this.#number())
    }
  }

  /** An aligned place of the stack. */
  #place(bytes: number): Operand {
    return ['r10', -bytes * (1 + this.#below(STACK / bytes))]
  }

  #memory(): void {
    const width = this.#below(4)
    const place = this.#place(1 << width)
    const name = WIDTHS[width]
    switch (this.#below(4)) {
      case 0:
        this.#put(`stx${name}`, place, this.#number())
        return
      case 1:
        this.#put(`st${name}`, place, this.#of(EDGES))
        return
      default:
        this.#put(`${this.#below(3) === 0 && width < 3 ? 'ldxs' : 'ldx'}${name}`, this.#number(), place)
    }
  }

  #atomic(): void {
    const narrow = this.#below(2) === 0
    const bytes = narrow ? 4 : 8
    const place: Operand = ['r10', -STACK - bytes * (1 + this.#below(ATOMIC_STACK / bytes))]
    switch (this.#below(6)) {
      case 0: {
        const bits = this.#below(4)
        this.#put(`load_acquire${8 << bits}`, this.#number(), this.#place(1 << bits))
        return
      }
      case 1: {
        const bits = this.#below(4)
        this.#put(`store_release${8 << bits}`, this.#place(1 << bits), this.#number())
        return
      }
      default: {
        const name = this.#of([...ATOMICS, ...MORE_ATOMICS])
        // One that succeeds leaves the upper half of r0 as it was, on Linux 6.18 for x86, where the verifier prunes the
        // path that reads it.
        if (name === 'lock_cmpxchg' && narrow) this.#put('mov32', 'r0', 'r0')
        this.#put(`${name}${narrow ? '32' : ''}`, place, this.#number())
      }
    }
  }

  #condition(label: string): void {
    const name = `${this.#of(JUMPS)}${this.#below(2) === 0 ? '32' : ''}`
    this.#put(name, this.#number(), this.#below(2) === 0 ? this.#number() : this.#of(EDGES), label)
  }

  #label(): string {
    return `label${this.#fresh++}`
  }

  #mark(label: string): void {
    this.#labels.set(label, this.#statements.length)
  }

  #branch(depth: number): void {
    const other = this.#label()
    const end = this.#label()
    this.#condition(other)
    for (let i = this.#below(4); i >= 0; i--) this.#statement(depth)
    if (this.#below(2) === 0) {
      this.#put(this.#of(['ja', 'ja32']), end)
      this.#mark(other)
      for (let i = this.#below(4); i >= 0; i--) this.#statement(depth)
    } else this.#mark(other)
    this.#mark(end)
    // A label stands before something.
    this.#arithmetic()
  }

  /** A few turns. Those inside of it would need a counter of their own. */
  #loop(depth: number): void {
    if (depth < 2) {
      this.#arithmetic()
      return
    }
    const head = this.#label()
    this.#put('mov', 'r9', `${1 + this.#below(4)}`)
    this.#mark(head)
    for (let i = this.#below(4); i >= 0; i--) this.#statement(0)
    this.#put('sub', 'r9', '1')
    this.#put('jne', 'r9', '0', head)
  }

  #call(): void {
    this.#put('mov', 'r1', this.#number())
    this.#put('call_local', 'function')
    for (const register of ['r2', 'r3', 'r4', 'r5']) this.#put('mov', register, this.#of(EDGES))
  }

  #function(): void {
    this.#mark('function')
    this.#put('mov', 'r0', 'r1')
    this.#put('mov', 'r6', 'r2')
    this.#put('stxdw', ['r10', -8], 'r3')
    for (let i = this.#below(6); i >= 0; i--)
      this.#put(
        `${this.#of(OPERATIONS)}${this.#below(2) === 0 ? '32' : ''}`,
        'r0',
        this.#of(['r1', 'r2', 'r3', 'r4', 'r5', 'r6']),
      )
    this.#put('ldxw', 'r3', ['r10', -8])
    this.#put('add', 'r0', 'r3')
    this.#put('exit')
  }
}
