/**
 * A loaded object file: what its programs are and what they need, before anything judges or runs them.
 *
 * The loader makes it from ELF and BTF, the assembler from text; the verifier and the code generator take it.
 */

/** One object: its programs, and the maps that they name. */
export interface BpfObject {
  /** File name without folder and ending, as in `counter` of counter.bpf.o. */
  readonly name: string
  /** What the section `license` says; some helpers are for GPL programs alone. */
  readonly license: string
  readonly programs: readonly BpfProgram[]
  readonly maps: readonly BpfMapDefinition[]
}

/** One program, complete: the functions that it calls stand behind it. */
export interface BpfProgram {
  /** Name of the C function. */
  readonly name: string
  /** Section as the file has it, as in `cgroup_skb/egress`. */
  readonly section: string
  /** Type, in small letters without the prefix BPF_PROG_TYPE_: 'cgroup_skb', 'sock_ops', 'xdp', ... */
  readonly type: string
  /** Attach type, in small letters without the prefix BPF_: 'cgroup_inet_egress', ... */
  readonly attach?: string
  /** 8 bytes an instruction; calls of its own functions are relative to the instruction, as the kernel gets them. */
  readonly code: Uint8Array
  /** The lddw instructions that name a map, ascending. With `offset`: the address of that byte of its first value. */
  readonly maps: readonly BpfMapUse[]
  /** Which C line an instruction comes from, ascending; each holds until the next. */
  readonly lines: readonly BpfLine[]
  /** Where each function begins, ascending; the first is the program itself, at 0. */
  readonly functions: readonly { readonly at: number; readonly name: string }[]
}

/** The lddw at instruction `at` (the first of its two slots of 8 bytes) names the map `map`. */
export interface BpfMapUse {
  readonly at: number
  readonly map: string
  readonly offset?: number
}

/** From instruction `at` on the C line is this one. */
export interface BpfLine {
  readonly at: number
  readonly file: string
  readonly line: number
  readonly column: number
  /** The text of the line, as the compiler read it. */
  readonly source: string
}

/** A map as the object declares it. */
export interface BpfMapDefinition {
  readonly name: string
  /** The kernel's number: 1 HASH, 2 ARRAY, 6 PERCPU_ARRAY, 24 SK_STORAGE, ... */
  readonly type: number
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** Byte offset of the bpf_spin_lock in the value, where BTF says that there is one. */
  readonly spinLock?: number
  /** First contents of the only value: .data, .rodata, .bss. */
  readonly initial?: Uint8Array
  /** Programs may not store to it: .rodata. */
  readonly readonlyToPrograms?: boolean
  /** Its types, where the file has them. */
  readonly btf?: BpfMapTypes
}

/** BTF of a map, as the kernel takes it. Ids are 0 for what is not described. */
export interface BpfMapTypes {
  /** The types of the whole file. */
  readonly bytes: Uint8Array
  readonly keyTypeId: number
  readonly valueTypeId: number
}
