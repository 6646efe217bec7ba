/**
 * A verified program as the text of a JavaScript module, in the shape of the programs that people write by hand: a
 * factory that is called once on each CPU, with everything constant closed over, and returns the function that is one
 * run.
 */

import { disassemble } from '../isa/disassemble.ts'
import { type FunctionRange, functionsOf, isConditional, isExit, isGoto, isLocalCall, targetOf } from '../isa/flow.ts'
import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import { STACK_BYTES } from '../verifier/state.ts'
import type { Verified } from '../verifier/verify.ts'
import { arithmeticText } from './arithmetic.ts'
import { callText, fieldLoadText, fieldStoreText, type Names } from './calls.ts'
import { dropDeadHalves } from './dead-halves.ts'
import { conditionText, immediatePair, nullText, PRELUDE, PRELUDE_NEEDS, registerPair } from './pairs.ts'
import { type Access64, atomicText, elementAt, loadText, stackBytes, storeText } from './places.ts'
import { type Structure, structureOf } from './structure.ts'

/** How text is made. */
export interface GenerateOptions {
  /** Plain accesses of eight bytes: at once, as in the kernel, or in halves, which is quick, and may tear. */
  readonly access64: Access64
  /** The run returns all registers, `[r0l, r0h, r1l, ...]`, and not r0 alone. */
  readonly registers?: boolean
}

/** The text of the factory, and which instruction each of its lines comes from. */
export interface Generated {
  /** An expression. Behind `export default ` it is a module. */
  readonly text: string
  /** Slots by line, from 0 on; undefined for lines that are nobody's. */
  readonly lines: readonly (number | undefined)[]
}

/** A line of text and the slot of its instruction. */
interface Line {
  readonly text: string
  readonly at: number | undefined
}

/** Functions that may be under way at once. */
const FRAMES = 8

/** Makes the text of a program. */
export function generate(verified: Verified, options: GenerateOptions): Generated {
  return new Printer(verified, options).print()
}

class Printer {
  readonly #verified: Verified
  readonly #options: GenerateOptions
  readonly #names: Names
  readonly #body: Line[] = []
  #frame = ''

  constructor(verified: Verified, options: GenerateOptions) {
    this.#verified = verified
    this.#options = options
    this.#names = { maps: new Map(), values: new Map(), helpers: new Set(), fields: new Set() }
  }

  print(): Generated {
    const [main, ...functions] = functionsOf(this.#verified.instructions)
    for (const range of functions) this.#function(range)
    this.#main(main)
    const lines = [...this.#header().map((text) => ({ text, at: undefined })), ...this.#body]
    lines.push({ text: '}', at: undefined })
    return { text: `${lines.map(({ text }) => text).join('\n')}\n`, lines: lines.map(({ at }) => at) }
  }

  #emit(text: string, at?: number): void {
    if (text !== '') this.#body.push({ text, at })
  }

  /** What the body refers to. */
  #header(): string[] {
    const body = this.#body.map(({ text }) => text).join('\n')
    const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(body)
    const lines = ['({ cpu, words, bytes, shorts, longs, maps, values, helpers, fields }) => {']
    for (const [map, name] of this.#names.maps) lines.push(`const ${name} = maps[${JSON.stringify(map)}]`)
    for (const [map, name] of this.#names.values) lines.push(`const ${name} = values[${JSON.stringify(map)}]`)
    for (const name of [...this.#names.helpers].sort()) lines.push(`const ${name} = helpers.${name}`)
    for (const name of [...this.#names.fields].sort()) lines.push(`const ${name} = fields.${name}`)
    if (uses('stack') || uses('stackBytes') || uses('stackShorts')) {
      const frames = functionsOf(this.#verified.instructions).length > 1 ? FRAMES : 1
      lines.push(`const stack = new Int32Array(${stackBytes(frames) / 4})`)
      if (uses('stackBytes')) lines.push('const stackBytes = new Uint8Array(stack.buffer)')
      if (uses('stackShorts')) lines.push('const stackShorts = new Uint16Array(stack.buffer)')
    }
    const prelude = this.#prelude(body)
    if (uses('upper')) lines.push('const upper = new Int32Array(1)')
    if (uses('high') || prelude.some((text) => /\bhigh\b/.test(text))) lines.push('let high = 0')
    return [...lines, ...prelude.flatMap((text) => text.split('\n'))]
  }

  #prelude(body: string): string[] {
    const needed = new Set<string>()
    for (const name of Object.keys(PRELUDE)) {
      if (!new RegExp(`\\b${name}\\(`).test(body)) continue
      for (const other of PRELUDE_NEEDS[name] ?? []) needed.add(other)
      needed.add(name)
    }
    return [...needed].map((name) => PRELUDE[name])
  }

  #main(range: FunctionRange): void {
    this.#frame = `${STACK_BYTES}`
    this.#emit(this.#options.registers ? 'return (context, entry) => {' : 'return (context) => {')
    const { lines, isRead } = this.#statements(range, true)
    this.#registers(lines, [])
    // A context is passed beside the registers; the one that points to it must not look like NULL.
    if (this.#options.registers) for (let n = 0; n <= 10; n++) this.#emit(entryText(n))
    else if (isRead('r1h')) this.#emit('r1h = 1')
    for (const { text, at } of lines) this.#emit(text, at)
    this.#emit('}')
  }

  #function(range: FunctionRange): void {
    this.#frame = 'frame'
    const given = [1, 2, 3, 4, 5]
    this.#emit(`function f${range.from}(context, frame, ${given.map((n) => `r${n}l, r${n}h`).join(', ')}) {`)
    const { lines } = this.#statements(range, false)
    this.#registers(lines, given)
    for (const { text, at } of lines) this.#emit(text, at)
    this.#emit('}')
  }

  /** Declares the variables that lines name, but for the registers that are parameters. */
  #registers(lines: readonly Line[], given: readonly number[]): void {
    const entry = this.#options.registers === true && given.length === 0
    const body = lines.map(({ text }) => text).join('\n')
    const names: string[] = []
    const declare = (name: string, value = '0'): void => {
      if (entry || new RegExp(`\\b${name}\\b`).test(body)) names.push(`${name} = ${value}`)
    }
    for (let n = 0; n <= 9; n++) {
      if (given.includes(n)) continue
      declare(`r${n}l`)
      declare(`r${n}h`)
    }
    declare('r10l', this.#frame)
    // No pointer is 0 in both halves, nor NULL in the upper one: not even the one to the end of a stack.
    declare('r10h', '1')
    for (const name of ['x', 'y', 'z']) declare(name)
    if (names.length > 0) this.#emit(`let ${names.join(', ')}`)
  }

  /** The lines of a function, and whether it reads a register before it sets it. */
  #statements(
    range: FunctionRange,
    main: boolean,
  ): { readonly lines: readonly Line[]; readonly isRead: (name: string) => boolean } {
    const { instructions, facts } = this.#verified
    const { from, to } = range
    const structure = structureOf(instructions, from, to)
    const texts = new Map<number, string>()
    for (let at = from; at < to; at++) {
      const insn = instructions[at]
      if (insn !== undefined && facts[at] !== undefined) texts.set(at, this.#statement(insn, structure, main))
    }
    const isRead = dropDeadHalves(instructions, range, texts)
    const lines: Line[] = []
    let dead = false
    for (let at = from; at < to; at++) {
      for (const text of structure.before(at)) lines.push({ text, at: undefined })
      if (instructions[at] === undefined) continue
      const text = texts.get(at)
      // The verifier followed no path to here.
      if (text === undefined && !dead)
        lines.push({
          text: `throw new Error('instruction ${at} is reached, which the verifier took for dead')`,
          at: undefined,
        })
      dead = text === undefined
      if (text !== undefined) lines.push({ text, at })
    }
    for (const text of [...structure.before(to), ...structure.after]) lines.push({ text, at: undefined })
    return { lines, isRead }
  }

  #statement(insn: Instruction, structure: Structure, main: boolean): string {
    const fact = this.#verified.facts[insn.at]!
    switch (insn.code & 7) {
      case op.ALU:
      case op.ALU64:
        return arithmeticText(insn, fact.kind === 'arithmetic' ? fact.pointer : 'none')
      case op.LD:
        return this.#wide(insn)
      case op.LDX:
      case op.ST:
      case op.STX:
        return this.#access(insn)
      default:
        return this.#jump(insn, structure, main)
    }
  }

  #wide({ at, dst, src, imm, high }: Instruction): string {
    const { l, h } = registerPair(dst)
    if (src === 0) return `${l} = ${imm}; ${h} = ${high}`
    const use = this.#verified.program.maps.find((each) => each.at === at)!
    if (src === op.PSEUDO_MAP_FD) return `${l} = 0; ${h} = ${nameIn(this.#names.maps, use.map, 'map')}`
    return `${l} = ${use.offset ?? 0}; ${h} = ${nameIn(this.#names.values, use.map, 'value')}`
  }

  #access(insn: Instruction): string {
    const { code, dst, src, off } = insn
    const fact = this.#verified.facts[insn.at]!
    if (fact.kind !== 'access') throw new Error(`no place is known for instruction ${insn.at}: ${disassemble(insn)}`)
    const { place } = fact
    const size = op.widthOf(code)
    const { access64 } = this.#options
    const load = (code & 7) === op.LDX
    if (place.field !== undefined) {
      if (load) return fieldLoadText(insn, place, this.#names)
      return fieldStoreText(insn, place)
    }
    const atomic = (code & 7) === op.STX && (code & 0xe0) === op.ATOMIC
    const base = load || (atomic && insn.imm === op.LOAD_ACQUIRE) ? src : dst
    const element = elementAt(place, base, off, this.#frame)
    if (atomic) return atomicText(insn, element)
    if (load) return loadText(element, registerPair(dst), size, (code & 0xe0) === op.MEMSX, access64)
    const value = (code & 7) === op.ST ? immediatePair(insn.imm) : registerPair(src)
    return storeText(element, value, size, access64)
  }

  #jump(insn: Instruction, structure: Structure, main: boolean): string {
    const { code, dst, src, imm } = insn
    if (isExit(insn)) return main ? this.#return() : 'high = r0h; return r0l'
    if (isGoto(insn)) return structure.jump(insn.at, targetOf(insn))
    if (isConditional(insn)) {
      const right = (code & op.X) === 0 ? immediatePair(imm) : registerPair(src)
      const fact = this.#verified.facts[insn.at]!
      const condition =
        fact.kind === 'condition' && fact.onNull
          ? nullText(code & 0xf0, registerPair(dst), right)
          : conditionText(code & 0xf0, registerPair(dst), right, (code & 7) === op.JMP32)
      return `if (${condition}) ${structure.jump(insn.at, targetOf(insn))}`
    }
    if (isLocalCall(insn)) {
      const given = [1, 2, 3, 4, 5].map((n) => `r${n}l, r${n}h`).join(', ')
      const frame = /^\d+$/.test(this.#frame) ? `${Number(this.#frame) + STACK_BYTES}` : `frame + ${STACK_BYTES}`
      return `r0l = f${targetOf(insn)}(context, ${frame}, ${given}); r0h = high`
    }
    const fact = this.#verified.facts[insn.at]!
    if (fact.kind !== 'call') throw new Error(`nothing is known of the call at instruction ${insn.at}`)
    return callText(fact, this.#names, this.#frame)
  }

  #return(): string {
    if (!this.#options.registers) return 'return r0l'
    const all = Array.from({ length: 11 }, (_, n) => `r${n}l, r${n}h`)
    return `return [${all.join(', ')}]`
  }
}

/** Registers that are given at the start, as pairs, undefined for those that are not. */
function entryText(n: number): string {
  return `if (entry[${n}] !== undefined) { r${n}l = entry[${n}][0]; r${n}h = entry[${n}][1] }`
}

function nameIn(names: Map<string, string>, map: string, prefix: string): string {
  let name = names.get(map)
  if (name === undefined) names.set(map, (name = `${prefix}${names.size}`))
  return name
}
