/**
 * Random programs that touch values, the stack and the context through pointers that they move, store and compare: many
 * do what they may not, and some of those by a hair.
 */

import { assemble, type Operand, type Statement } from '../../../src/bpf/isa/assemble.ts'
import type { BpfMapDefinition, BpfProgram } from '../../../src/bpf/object.ts'
import { nextBits, type Random } from '../../../src/random/random.ts'

/** Maps of different value sizes. */
export const VALUE_MAPS: readonly BpfMapDefinition[] = [8, 16, 40].map((valueSize) => ({
  name: `array${valueSize}`,
  type: 2,
  keySize: 4,
  valueSize,
  maxEntries: 4,
  flags: 0,
}))

const WIDTHS = ['b', 'h', 'w', 'dw'] as const
/** What a register is meant to hold. */
type Meant = 'number' | 'value' | 'stack' | 'context' | 'nothing'

export function randomAccesses(random: Random): BpfProgram {
  return new Writer(random).write()
}

class Writer {
  readonly #random: Random
  readonly #statements: Statement[] = []
  readonly #labels = new Map<string, number>()
  readonly #meant: Meant[] = Array(10).fill('number')
  #fresh = 0
  /** Of the latest value. */
  #valueSize = 8

  constructor(random: Random) {
    this.#random = random
  }

  write(): BpfProgram {
    this.#put('mov', 'r9', 'r1')
    this.#meant[9] = 'context'
    // Gone with each call.
    this.#meant[1] = 'nothing'
    for (const n of [0, 2, 3, 4, 5, 7, 8]) this.#put('mov', `r${n}`, `${this.#below(64)}`)
    for (let at = 8; at <= 32; at += 8) this.#put('stdw', ['r10', -at], `${this.#below(9)}`)
    this.#lookup()
    const count = 2 + this.#below(8)
    for (let i = 0; i < count; i++) this.#gadget(2)
    this.#mark('out')
    this.#put('mov', 'r0', this.#below(3) === 0 && this.#meant[8] === 'number' ? 'r8' : '0')
    this.#put('exit')
    const { code, maps } = assemble(this.#statements, this.#labels)
    return { name: 'random', section: 'tc', type: 'sched_cls', code, maps, lines: [], functions: [] }
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

  #mark(label: string): void {
    this.#labels.set(label, this.#statements.length)
  }

  /** A register that is meant to hold that; now and then any. */
  #holding(meant: Meant): string {
    const fitting = this.#meant.flatMap((each, n) => (each === meant ? [n] : []))
    if (fitting.length === 0 || this.#below(40) === 0) return `r${this.#below(10)}`
    return `r${this.#of(fitting)}`
  }

  #into(meant: Meant): string {
    const n = this.#of([0, 2, 3, 4, 5, 7, 8])
    this.#meant[n] = meant
    return `r${n}`
  }

  #gadget(depth: number): void {
    switch (this.#below(depth > 0 ? 15 : 13)) {
      case 0:
        this.#lookup()
        return
      case 1:
        this.#index()
        return
      case 2:
        this.#move()
        return
      case 3:
      case 4:
      case 5:
        this.#access()
        return
      case 6:
        this.#spill()
        return
      case 7:
        this.#put('ldxw', this.#into('number'), ['r9', this.#of([0, 8, 16, 36, 40])])
        return
      case 8:
        this.#put(this.#of(['mov', 'mov', 'mov', 'mov32']), this.#into('number'), this.#holding('number'))
        return
      case 9:
        this.#indexed()
        return
      case 10:
        this.#eitherIndex()
        return
      case 11:
        this.#eitherPointer()
        return
      case 12:
        this.#stackIndex()
        return
      case 13:
        this.#branch(depth - 1)
        return
      default:
        this.#loop()
    }
  }

  /** r6 becomes a value, mostly after it was asked whether it is one. */
  #lookup(): void {
    this.#put('stw', ['r10', -4], `${this.#below(6)}`)
    this.#put('mov', 'r2', 'r10')
    this.#put('add', 'r2', '-4')
    const map = this.#of(VALUE_MAPS)
    this.#valueSize = map.valueSize
    this.#put('lddw', 'r1', 'map', map.name)
    this.#put('call', 'bpf_map_lookup_elem')
    for (const n of [2, 3, 4, 5]) {
      this.#put('mov', `r${n}`, `${this.#below(16)}`)
      this.#meant[n] = 'number'
    }
    this.#put('mov', 'r6', 'r0')
    if (this.#below(10) !== 0) this.#put('jeq', this.#of(['r0', 'r6']), '0', 'out')
    this.#meant[0] = 'value'
    this.#meant[6] = 'value'
    if (this.#below(3) === 0) this.#put('ldxw', this.#into('number'), ['r6', 0])
  }

  /** A number is bounded, nearly enough or not. */
  #index(): void {
    const number = this.#holding('number')
    const most = this.#of([0, 1, 3, 4, 7, 8, 12, 15, 16, 24, 32, 39, 40])
    switch (this.#below(7)) {
      case 0:
        this.#put(this.#of(['and', 'and32']), number, `${most}`)
        return
      case 1:
        this.#put(this.#of(['jgt', 'jge', 'jgt32', 'jsgt']), number, `${most}`, 'out')
        return
      case 2:
        this.#put(this.#of(['jslt', 'jlt', 'jslt32']), number, this.#of(['0', '-8']), 'out')
        return
      case 3:
        this.#put(this.#of(['lsh', 'lsh32', 'rsh', 'arsh', 'mul']), number, this.#of(['1', '2', '3']))
        return
      case 4:
        this.#put(this.#of(['add', 'sub', 'xor', 'or', 'mod']), number, this.#of(['1', '4', '8']))
        return
      case 5:
        this.#put(this.#of(['movsx832', 'movsx864', 'movsx3264']), number, number)
        return
      default:
        this.#put(this.#of(['jle', 'jne', 'jset']), number, this.#holding('number'), 'out')
    }
  }

  /** A value at an index that is bounded right, or by a little too much. */
  #indexed(): void {
    const width = this.#below(4)
    const bytes = 1 << width
    const most = this.#valueSize / bytes - 1 + this.#of([0, 0, 0, 1, 2])
    this.#put(
      'ldxw',
      'r8',
      this.#of<Operand>([
        ['r9', 0],
        ['r9', 8],
        ['r6', 4],
      ]),
    )
    this.#put(this.#of(['jgt', 'jgt', 'jgt32', 'jsgt']), 'r8', `${most}`, 'out')
    if (width > 0) this.#put('lsh', 'r8', `${width}`)
    this.#throughIndex(width)
  }

  /** One of two indexes, which paths that meet bring along. */
  #eitherIndex(): void {
    const label = `label${this.#fresh++}`
    const index = (): string => `${this.#valueSize - 1 + this.#of([0, 0, 0, -1, 1, 2])}`
    this.#put('ldxw', 'r3', ['r9', 0])
    this.#put('mov', 'r8', index())
    this.#put('jgt', 'r3', `${this.#below(42)}`, label)
    this.#put('mov', 'r8', index())
    for (let i = 0; i < 8; i++) this.#put('mov', 'r3', '1')
    this.#mark(label)
    this.#meant[3] = 'number'
    this.#throughIndex(0)
  }

  #throughIndex(width: number): void {
    this.#put('mov', 'r7', 'r6')
    this.#put('add', 'r7', 'r8')
    this.#meant[8] = 'number'
    this.#meant[7] = 'value'
    if (this.#below(2) === 0) this.#put(`ldx${WIDTHS[width]}`, 'r3', ['r7', 0])
    else this.#put(`st${WIDTHS[width]}`, ['r7', 0], '5')
  }

  /** One instruction through a pointer to a value, or to the stack, as the path that came there has it. */
  #eitherPointer(): void {
    const label = `label${this.#fresh++}`
    this.#put('ldxw', 'r3', ['r9', 0])
    this.#meant[3] = 'number'
    this.#put('mov', 'r7', this.#of(['r6', 'r10']))
    this.#put('jgt', 'r3', `${this.#below(42)}`, label)
    this.#put('mov', 'r7', 'r10')
    this.#put('add', 'r7', '-16')
    this.#mark(label)
    if (this.#below(2) === 0) this.#put('ldxw', 'r3', ['r7', 0])
    else this.#put('stw', ['r7', 0], '3')
    this.#put('mov', 'r7', '0')
    this.#meant[7] = 'number'
  }

  /** A place of the stack that only the run knows. */
  #stackIndex(): void {
    this.#put('ldxw', 'r8', ['r9', 0])
    this.#put('and', 'r8', this.#of(['8', '16', '24', '0']))
    this.#put('mov', 'r7', 'r10')
    this.#put('add', 'r7', this.#of(['-32', '-16', '-8']))
    this.#put('add', 'r7', 'r8')
    if (this.#below(2) === 0) this.#put('ldxdw', 'r8', ['r7', 0])
    else this.#put('stdw', ['r7', 0], '3')
    this.#put('mov', 'r7', '0')
    this.#put('mov', 'r8', '0')
    for (const n of [7, 8]) this.#meant[n] = 'number'
  }

  #move(): void {
    const from = this.#of(['value', 'value', 'stack'] as const)
    const base = from === 'stack' ? 'r10' : this.#holding('value')
    const to = this.#into(from)
    this.#put('mov', to, base)
    if (from === 'stack') this.#put('add', to, `${-8 * (1 + this.#below(5))}`)
    else if (this.#below(2) === 0) this.#put('add', to, this.#holding('number'))
    else this.#put(this.#of(['add', 'sub']), to, this.#of(['4', '8', '-4', '16']))
  }

  #access(): void {
    const width = this.#below(4)
    const bytes = 1 << width
    const stack = this.#below(3) === 0
    const base = stack ? this.#of(['r10', this.#holding('stack')]) : this.#holding('value')
    const off = stack && base === 'r10' ? -bytes * (1 + this.#below(40 / bytes)) : this.#offset(bytes)
    const place: Operand = [base, off]
    switch (this.#below(6)) {
      case 0:
        this.#put(`st${WIDTHS[width]}`, place, `${this.#below(100)}`)
        return
      case 1:
        this.#put(`stx${WIDTHS[width]}`, place, this.#holding('number'))
        return
      case 2:
        if (width >= 2)
          this.#put(
            `${this.#of(['lock_fetch_add', 'lock_or', 'lock_xchg'])}${width === 2 ? '32' : ''}`,
            place,
            this.#holding('number'),
          )
        return
      default:
        this.#put(`ldx${WIDTHS[width]}`, this.#into('number'), place)
    }
  }

  /** In a value; now and then beside it. */
  #offset(bytes: number): number {
    const inside = Math.max(1, this.#valueSize / bytes)
    return bytes * (this.#below(15) === 0 ? this.#of([-1, inside]) : this.#below(inside))
  }

  /** Onto the stack whole, and back, perhaps as something else. */
  #spill(): void {
    const meant = this.#of(['number', 'value', 'context'] as const)
    const at = -8 * (1 + this.#below(5))
    this.#put('stxdw', ['r10', at], this.#holding(meant))
    if (this.#below(2) === 0) this.#put('ldxdw', this.#into(meant), ['r10', at])
  }

  #branch(depth: number): void {
    const label = `label${this.#fresh++}`
    const before = [...this.#meant]
    this.#put(this.#of(['jgt', 'jeq', 'jslt', 'jset', 'jne32']), this.#holding('number'), `${this.#below(20)}`, label)
    for (let i = this.#below(3); i >= 0; i--) this.#gadget(depth)
    this.#mark(label)
    // Where both paths meet, what either did may hold.
    for (const [n, meant] of before.entries()) if (this.#below(2) === 0) this.#meant[n] = meant
    this.#put('mov', this.#into('number'), '1')
  }

  /** A counter that is an index. */
  #loop(): void {
    const label = `label${this.#fresh++}`
    const step = this.#of([1, 4, 8])
    this.#put('mov', 'r8', '0')
    this.#meant[8] = 'number'
    this.#mark(label)
    this.#put('mov', 'r7', this.#holding('value'))
    this.#put('add', 'r7', 'r8')
    this.#put(this.#of(['ldxb', 'ldxw', 'ldxdw']), 'r3', ['r7', 0])
    this.#put('add', 'r8', `${step}`)
    this.#put('jlt', 'r8', `${this.#of([4, 8, 16, 40, 41])}`, label)
    this.#meant[7] = 'value'
    this.#meant[3] = 'number'
  }
}
