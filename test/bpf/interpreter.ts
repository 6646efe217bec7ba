/**
 * An interpreter of BPF, straight from RFC 9669: numbers without a size, memory as bytes at addresses. It judges what
 * the verifier and the code generator make of a program, and shares nothing with them: not the decoder, not the
 * opcodes, not the maps.
 */

/** A map: elements by key. A value of an array stays where it is. */
export interface PlainMap {
  readonly kind: 'array' | 'hash'
  readonly valueSize: number
  readonly most: number
  readonly values: Map<number, Uint8Array>
}

/** What is to run. */
export interface Plain {
  readonly code: Uint8Array
  /** The context's bytes, changed as the program runs. */
  readonly context: Uint8Array
  readonly maps: Readonly<Record<string, PlainMap>>
  /** Which map a wide load names, by slot; with `offset`, a byte of its first value. */
  readonly uses: readonly { readonly at: number; readonly map: string; readonly offset?: number }[]
}

const MOST_STEPS = 1_000_000
const STACK = 0x1000n
const FRAME = 512n
const REGIONS = 0x10_0000n
const U64 = (a: bigint): bigint => BigInt.asUintN(64, a)
const cut = (a: bigint, bits: number): bigint => BigInt.asUintN(bits, a)
const signed = (a: bigint, bits: number): bigint => BigInt.asIntN(bits, a)

/** Runs a program; r0 as it is at the exit. Throws for what no accepted program does. */
export function interpret(plain: Plain): bigint {
  return new Interpreter(plain).run()
}

class Interpreter {
  readonly #plain: Plain
  readonly #view: DataView
  readonly #stack = new Uint8Array(8 * Number(FRAME))
  /** Bytes that can be reached, each at an address of its own. */
  readonly #regions: { readonly at: bigint; readonly bytes: Uint8Array }[] = []
  readonly #handles: string[]
  readonly #calls: { readonly back: number; readonly kept: readonly bigint[] }[] = []
  #registers: bigint[] = Array(11).fill(0n)

  constructor(plain: Plain) {
    this.#plain = plain
    const { code } = plain
    this.#view = new DataView(code.buffer, code.byteOffset, code.length)
    this.#handles = Object.keys(plain.maps)
    this.#regions.push({ at: STACK, bytes: this.#stack })
  }

  run(): bigint {
    this.#registers[1] = this.#addressOf(this.#plain.context)
    this.#registers[10] = STACK + FRAME
    let pc = 0
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const next = this.#step(pc)
      if (next === undefined) return this.#registers[0]
      pc = next
    }
    throw new Error('does not end')
  }

  /** The address of the first of these bytes: the same each time. */
  #addressOf(bytes: Uint8Array): bigint {
    const known = this.#regions.find((region) => region.bytes === bytes)
    if (known !== undefined) return known.at
    const at = REGIONS + BigInt(this.#regions.length) * 0x1000n
    this.#regions.push({ at, bytes })
    return at
  }

  #memory(address: bigint, size: number): DataView {
    for (const { at, bytes } of this.#regions) {
      const off = address - at
      if (off >= 0n && off + BigInt(size) <= BigInt(bytes.length))
        return new DataView(bytes.buffer, bytes.byteOffset + Number(off), size)
    }
    throw new Error(`no memory at ${address.toString(16)}`)
  }

  #load(address: bigint, size: number): bigint {
    const view = this.#memory(address, size)
    let value = 0n
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(i))
    return value
  }

  #store(address: bigint, size: number, value: bigint): void {
    const view = this.#memory(address, size)
    for (let i = 0; i < size; i++) view.setUint8(i, Number((value >> BigInt(8 * i)) & 0xffn))
  }

  #step(pc: number): number | undefined {
    const r = this.#registers
    const opcode = this.#view.getUint8(8 * pc)
    const dst = this.#view.getUint8(8 * pc + 1) & 15
    const src = this.#view.getUint8(8 * pc + 1) >> 4
    const off = this.#view.getInt16(8 * pc + 2, true)
    const imm = this.#view.getInt32(8 * pc + 4, true)
    const size = [4, 2, 1, 8][(opcode >> 3) & 3]
    switch (opcode & 7) {
      case 0: {
        if (opcode !== 0x18) throw new Error(`opcode ${opcode}`)
        const use = this.#plain.uses.find(({ at }) => at === pc)
        const high = this.#view.getInt32(8 * pc + 12, true)
        if (use === undefined) r[dst] = U64((BigInt(high) << 32n) | cut(BigInt(imm), 32))
        else if (use.offset === undefined) r[dst] = BigInt(this.#handles.indexOf(use.map))
        else r[dst] = this.#addressOf(this.#plain.maps[use.map].values.get(0)!) + BigInt(use.offset)
        return pc + 2
      }
      case 1: {
        const value = this.#load(r[src] + BigInt(off), size)
        r[dst] = opcode >> 5 === 4 ? U64(signed(value, 8 * size)) : value
        return pc + 1
      }
      case 2:
        this.#store(r[dst] + BigInt(off), size, U64(BigInt(imm)))
        return pc + 1
      case 3:
        if (opcode >> 5 === 6) this.#atomic(dst, src, off, imm, size)
        else this.#store(r[dst] + BigInt(off), size, r[src])
        return pc + 1
      case 4:
      case 7:
        r[dst] = arithmetic(opcode, off, imm, r[dst], r[src])
        return pc + 1
      default:
        return this.#jump(pc, opcode, dst, src, off, imm)
    }
  }

  /** RFC 9669, section 5.3; loads with acquire and stores with release as Linux numbers them. */
  #atomic(dst: number, src: number, off: number, imm: number, size: number): void {
    const r = this.#registers
    if (imm === 0x100) {
      r[dst] = this.#load(r[src] + BigInt(off), size)
      return
    }
    const at = r[dst] + BigInt(off)
    if (imm === 0x110) {
      this.#store(at, size, r[src])
      return
    }
    const old = this.#load(at, size)
    const operand = r[src]
    switch (imm & 0xf0) {
      case 0x00:
        this.#store(at, size, old + operand)
        break
      case 0x40:
        this.#store(at, size, old | operand)
        break
      case 0x50:
        this.#store(at, size, old & operand)
        break
      case 0xa0:
        this.#store(at, size, old ^ operand)
        break
      case 0xe0:
        this.#store(at, size, operand)
        break
      default:
        if (old === cut(r[0], 8 * size)) this.#store(at, size, operand)
        r[0] = old
        return
    }
    if ((imm & 1) !== 0) r[src] = old
  }

  #jump(pc: number, opcode: number, dst: number, src: number, off: number, imm: number): number | undefined {
    const r = this.#registers
    const wide = (opcode & 7) === 5
    const kind = opcode >> 4
    if (kind === 0) return pc + 1 + (wide ? off : imm)
    if (kind === 8) return this.#call(pc, src, imm)
    if (kind === 9) {
      const caller = this.#calls.pop()
      if (caller === undefined) return undefined
      this.#registers = [r[0], ...Array(5).fill(0n), ...caller.kept]
      return caller.back
    }
    const bits = wide ? 64 : 32
    const right = (opcode & 8) === 0 ? U64(BigInt(imm)) : r[src]
    return pc + 1 + (holds(kind, cut(r[dst], bits), cut(right, bits), bits) ? off : 0)
  }

  #call(pc: number, src: number, imm: number): number {
    const r = this.#registers
    if (src === 1) {
      this.#calls.push({ back: pc + 1, kept: r.slice(6) })
      r[10] += FRAME
      return pc + 1 + imm
    }
    const map = this.#plain.maps[this.#handles[Number(r[1])]]
    const key = Number(this.#load(r[2], 4))
    const found = map.values.get(key)
    if (imm === 1) r[0] = found === undefined ? 0n : this.#addressOf(found)
    else if (imm === 2) r[0] = U64(BigInt(this.#update(map, key, r[3], Number(signed(r[4], 64)))))
    else if (imm === 3) r[0] = U64(map.kind === 'array' ? -22n : map.values.delete(key) ? 0n : -2n)
    else throw new Error(`helper ${imm}`)
    return pc + 1
  }

  #update({ kind, valueSize, most, values }: PlainMap, key: number, from: bigint, flags: number): number {
    const [EINVAL, E2BIG, EEXIST, ENOENT] = [-22, -7, -17, -2]
    // BPF_F_LOCK is for values with a lock; arrays look at the index before they ask for one.
    const LOCK = 4
    if (flags < 0 || (flags & ~LOCK) > 2) return EINVAL
    if (kind === 'array' && key >= most) return E2BIG
    const found = values.get(key)
    if (kind === 'array' && (flags & 1) !== 0) return EEXIST
    if ((flags & LOCK) !== 0) return EINVAL
    if (flags === 1 && found !== undefined) return EEXIST
    if (flags === 2 && found === undefined) return ENOENT
    if (found === undefined && values.size === most) return E2BIG
    const bytes = Uint8Array.from({ length: valueSize }, (_, i) => Number(this.#load(from + BigInt(i), 1)))
    if (kind === 'array') found!.set(bytes)
    else values.set(key, bytes)
    return 0
  }
}

/** RFC 9669, section 4.1 and 4.2. */
function arithmetic(opcode: number, off: number, imm: number, a: bigint, b: bigint): bigint {
  const wide = (opcode & 7) === 7
  const kind = opcode >> 4
  if (kind === 13) {
    // Bits 3 says in which order the bytes are wanted; of 64-bit arithmetic it is a swap in any case.
    const swaps = wide || (opcode & 8) !== 0
    if (!swaps) return cut(a, imm)
    let swapped = 0n
    for (let i = 0; i < imm; i += 8) swapped = (swapped << 8n) | ((a >> BigInt(i)) & 0xffn)
    return swapped
  }
  const bits = wide ? 64 : 32
  const x = cut(a, bits)
  const y = cut((opcode & 8) === 0 ? BigInt(imm) : b, bits)
  return cut(computed(kind, x, y, off, bits), bits)
}

function computed(kind: number, x: bigint, y: bigint, off: number, bits: number): bigint {
  const shift = y & BigInt(bits - 1)
  switch (kind) {
    case 0:
      return x + y
    case 1:
      return x - y
    case 2:
      return x * y
    case 3:
      if (y === 0n) return 0n
      return off === 1 ? signed(x, bits) / signed(y, bits) : x / y
    case 4:
      return x | y
    case 5:
      return x & y
    case 6:
      return x << shift
    case 7:
      return x >> shift
    case 8:
      return -x
    case 9:
      if (y === 0n) return x
      return off === 1 ? signed(x, bits) % signed(y, bits) : x % y
    case 10:
      return x ^ y
    case 11:
      return off === 0 ? y : signed(y, off)
    case 12:
      return signed(x, bits) >> shift
    default:
      throw new Error(`arithmetic ${kind}`)
  }
}

/** RFC 9669, section 4.3. */
function holds(kind: number, a: bigint, b: bigint, bits: number): boolean {
  const [x, y] = [signed(a, bits), signed(b, bits)]
  switch (kind) {
    case 1:
      return a === b
    case 2:
      return a > b
    case 3:
      return a >= b
    case 4:
      return (a & b) !== 0n
    case 5:
      return a !== b
    case 6:
      return x > y
    case 7:
      return x >= y
    case 10:
      return a < b
    case 11:
      return a <= b
    case 12:
      return x < y
    case 13:
      return x <= y
    default:
      throw new Error(`jump ${kind}`)
  }
}
