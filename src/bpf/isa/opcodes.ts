/**
 * The numbers of RFC 9669, BPF Instruction Set Architecture, under its own names.
 */

/** The three low bits of an opcode. */
export const LD = 0
export const LDX = 1
export const ST = 2
export const STX = 3
export const ALU = 4
export const JMP = 5
export const JMP32 = 6
export const ALU64 = 7

/** Set where an operand comes from the source register, and not from the immediate. */
export const X = 0x08

/** Width of a load or store. */
export const W = 0x00
export const H = 0x08
export const B = 0x10
export const DW = 0x18

/** Mode of a load or store. */
export const IMM = 0x00
export const ABS = 0x20
export const IND = 0x40
export const MEM = 0x60
export const MEMSX = 0x80
export const ATOMIC = 0xc0

/** Arithmetic, by the four high bits. */
export const ADD = 0x00
export const SUB = 0x10
export const MUL = 0x20
export const DIV = 0x30
export const OR = 0x40
export const AND = 0x50
export const LSH = 0x60
export const RSH = 0x70
export const NEG = 0x80
export const MOD = 0x90
export const XOR = 0xa0
export const MOV = 0xb0
export const ARSH = 0xc0
export const END = 0xd0

/** Jumps, by the four high bits. */
export const JA = 0x00
export const JEQ = 0x10
export const JGT = 0x20
export const JGE = 0x30
export const JSET = 0x40
export const JNE = 0x50
export const JSGT = 0x60
export const JSGE = 0x70
export const CALL = 0x80
export const EXIT = 0x90
export const JLT = 0xa0
export const JLE = 0xb0
export const JSLT = 0xc0
export const JSLE = 0xd0

/** Immediates of atomic operations. */
export const FETCH = 0x01
export const XCHG = 0xe1
export const CMPXCHG = 0xf1
export const LOAD_ACQUIRE = 0x100
export const STORE_RELEASE = 0x110

/** What the source register of a wide load says the immediate is. */
export const PSEUDO_MAP_FD = 1
export const PSEUDO_MAP_VALUE = 2
/** What the source register of a call says the immediate is. */
export const PSEUDO_CALL = 1
export const PSEUDO_KFUNC_CALL = 2

/** The wide load: two slots of eight bytes. */
export const LDDW = LD | IMM | DW

/** Arithmetic by name; `sdiv`, `smod` and `movsx` are div, mod and mov with an offset. */
export const ALU_NAMES: ReadonlyMap<string, number> = new Map([
  ['add', ADD],
  ['sub', SUB],
  ['mul', MUL],
  ['div', DIV],
  ['or', OR],
  ['and', AND],
  ['lsh', LSH],
  ['rsh', RSH],
  ['mod', MOD],
  ['xor', XOR],
  ['mov', MOV],
  ['arsh', ARSH],
])

/** Conditional jumps by name. */
export const JUMP_NAMES: ReadonlyMap<string, number> = new Map([
  ['jeq', JEQ],
  ['jgt', JGT],
  ['jge', JGE],
  ['jset', JSET],
  ['jne', JNE],
  ['jsgt', JSGT],
  ['jsge', JSGE],
  ['jlt', JLT],
  ['jle', JLE],
  ['jslt', JSLT],
  ['jsle', JSLE],
])

/** Atomic operations by name. */
export const ATOMIC_NAMES: ReadonlyMap<string, number> = new Map([
  ['lock_add', ADD],
  ['lock_or', OR],
  ['lock_and', AND],
  ['lock_xor', XOR],
  ['lock_fetch_add', ADD | FETCH],
  ['lock_fetch_or', OR | FETCH],
  ['lock_fetch_and', AND | FETCH],
  ['lock_fetch_xor', XOR | FETCH],
  ['lock_xchg', XCHG],
  ['lock_cmpxchg', CMPXCHG],
])

/** Letters of a width, as in ldxw. */
export const WIDTH_NAMES: ReadonlyMap<string, number> = new Map([
  ['b', B],
  ['h', H],
  ['w', W],
  ['dw', DW],
])

/** Bytes that a load or store of this opcode touches. */
export function widthOf(code: number): number {
  const size = code & 0x18
  return size === W ? 4 : size === H ? 2 : size === B ? 1 : 8
}
