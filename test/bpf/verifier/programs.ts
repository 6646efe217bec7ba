/**
 * Programs in our assembler with the maps of a small object around them.
 */

import { hexOf } from '../../../conformance/hex.ts'
import { assemble, assemblyOf } from '../../../src/bpf/isa/assemble.ts'
import type { BpfMapDefinition, BpfProgram } from '../../../src/bpf/object.ts'
import { ProgramRefused } from '../../../src/bpf/verifier/refused.ts'
import { type Verified, verify } from '../../../src/bpf/verifier/verify.ts'
import { bpfSpinLock, struct, u32, u64 } from '../../../src/shared/btf/btf.ts'
import { mapBtf } from '../../../src/shared/btf/emit.ts'

function map(name: string, type: number, valueSize: number, more: Partial<BpfMapDefinition> = {}): BpfMapDefinition {
  return { name, type, keySize: 4, valueSize, maxEntries: type === 24 ? 0 : 4, flags: type === 24 ? 1 : 0, ...more }
}

/** BPF_F_RDONLY_PROG. */
const RDONLY_PROG = 0x80

export const MAPS: readonly BpfMapDefinition[] = [
  map('storage', 24, 8),
  map('locked', 24, 16, { spinLock: 0 }),
  map('hash', 1, 8),
  map('array', 2, 16),
  map('rodata', 2, 16, { maxEntries: 1, readonlyToPrograms: true }),
  map('bss', 2, 16, { maxEntries: 1 }),
]

/** The commands that make the same maps in the kernel, and their handles there. */
export function kernelMaps(): { readonly made: readonly string[]; readonly handles: Readonly<Record<string, string>> } {
  const values = [struct('plain', { a: u64 }), struct('locked', { lock: bpfSpinLock, cnt: u32, bytes: u64 })]
  const made: string[] = []
  const handles: Record<string, string> = {}
  values.forEach((value, i) => {
    made.push(`btf b${i} ${hexOf(mapBtf(value as never).bytes)}`)
  })
  MAPS.forEach(({ name, type, keySize, valueSize, maxEntries, flags, readonlyToPrograms }, i) => {
    const shape = name === 'locked' ? 1 : 0
    const { keyTypeId, valueTypeId } = mapBtf(values[shape] as never)
    const typed =
      type === 24
        ? [`b${shape}`, type, keySize, valueSize, maxEntries, flags, keyTypeId, valueTypeId]
        : [0, type, keySize, valueSize, maxEntries, readonlyToPrograms ? RDONLY_PROG : flags, 0, 0]
    handles[name] = `m${i}`
    made.push(`map m${i} ${typed.join(' ')} ${name}`)
  })
  return { made, handles }
}

/** A program of a type, by default one on a cgroup's outgoing packets. */
export function programOf(text: string, type = 'cgroup_skb', attach = 'cgroup_inet_egress'): BpfProgram {
  const { statements, labels } = assemblyOf(text)
  const { code, maps } = assemble(statements, labels)
  return { name: 'test', section: type, type, attach, code, maps, lines: [], functions: [] }
}

/** The verdict: verified, or the refusal as `ERRNO: message`. */
export function judged(program: BpfProgram, license = 'GPL'): Verified | string {
  try {
    return verify(program, { license, maps: MAPS })
  } catch (error) {
    if (error instanceof ProgramRefused) return `${error.errno}: ${error.said}`
    throw error
  }
}

/** r6 is a full socket, r0 free; ends the program where there is none. */
export const FULL_SOCKET = `
  ldxdw r1, [r1+168]
  jeq r1, 0, done
  call bpf_sk_fullsock
  jeq r0, 0, done
  mov r6, r0`
export const DONE = `
  done: mov r0, 1
  exit`

/** r0 is a value of the map, or NULL, of the socket in r6. */
export function get(name: string): string {
  return `
  mov r2, r6
  lddw r1, map ${name}
  mov r3, 0
  mov r4, 1
  call bpf_sk_storage_get`
}

/** r0 is a value of the map, or NULL, at key 1. */
export function lookup(name: string): string {
  return `
  stw [r10-4], 1
  mov r2, r10
  add r2, -4
  lddw r1, map ${name}
  call bpf_map_lookup_elem`
}
