/**
 * What the verifier refuses, and in which words; and programs beside them that it must let pass.
 */

import { afterAll, describe, expect, it } from 'vitest'
import { kernelVerdicts } from '../../../conformance/bytecode.ts'
import { type Kernel, startKernel } from '../../../conformance/kernel.ts'
import type { BpfProgram } from '../../../src/bpf/object.ts'
import type { ProgramRefused } from '../../../src/bpf/verifier/refused.ts'
import { verify } from '../../../src/bpf/verifier/verify.ts'
import { DONE, FULL_SOCKET, get, judged, kernelMaps, lookup, MAPS, programOf } from './programs.ts'

let kernel: Kernel | undefined
try {
  kernel = await startKernel()
} catch (error) {
  console.warn(`SKIPPED, the kernel can't be asked: ${(error as Error).message}`)
}

const ERRNO_NAMES: Readonly<Record<number, string>> = {
  7: 'E2BIG',
  13: 'EACCES',
  14: 'EFAULT',
  22: 'EINVAL',
  524: 'ENOTSUPP',
}

/** What we say, and what the kernel says instead. */
const OWN_REASONS: readonly (readonly [ours: RegExp, theirs: RegExp])[] = [
  [/misaligned value access/, /^accepted$/],
  [/invalid read from stack (R2 )?off/, /^accepted$/],
  [/pointer (comparison|arithmetic) prohibited$/, /^accepted$/],
  [/leaks addr |corrupt spilled pointer|(copy|part) of pointer$/, /^accepted$/],
  [/misaligned memory for a helper/, /^accepted$/],
  [/variable stack access prohibited|same insn cannot be used with different pointers/, /^accepted$/],
  [/^ENOTSUPP: .* is not supported here$/, /program of this type cannot use helper/],
]

/** What was asked of us, for the kernel to be asked as well. */
const asked: { readonly text: string; readonly type?: string; readonly attach?: string; readonly said?: string }[] = []

/** Programs whose bytes were changed. */
const misled: BpfProgram[] = []

const passes = (text: string, type?: string, attach?: string): void => {
  asked.push({ text, ...(type && { type }), ...(attach && { attach }) })
  const verdict = judged(programOf(text, type, attach))
  if (typeof verdict === 'string') expect.fail(`${verdict}\n${text}`)
}
const refuses = (text: string, said: string, type?: string, attach?: string): void => {
  asked.push({ text, said, ...(type && { type }), ...(attach && { attach }) })
  expect(judged(programOf(text, type, attach))).toBe(said)
}

describe('maps and their values', () => {
  it('passes a counter behind a NULL check', () => {
    passes(`${FULL_SOCKET}${get('storage')}\njeq r0, 0, done\nldxdw r1, [r0+0]\nadd r1, 1\nstxdw [r0+0], r1${DONE}`)
    passes(`${lookup('hash')}\njeq r0, 0, done\nmov r1, 1\nlock_add [r0+0], r1${DONE}`)
  })

  it('refuses an update of sk storage by a key', () => {
    const update = 'stdw [r10-8], 0\nmov r2, r10\nadd r2, -8\nmov r3, r2\nmov r4, 0\nlddw r1, map storage\n'
    refuses(
      `${update}call bpf_map_update_elem${DONE}`,
      'EINVAL: cannot pass map_type 24 into func bpf_map_update_elem#2',
    )
    refuses(`${FULL_SOCKET}${get('hash')}${DONE}`, 'EINVAL: cannot pass map_type 1 into func bpf_sk_storage_get#107')
  })

  it('knows of one result only what was asked of it, and of its copies', () => {
    const two = `${lookup('array')}\nmov r6, r0${lookup('hash')}\nmov r7, r0\nmov r8, r0\n`
    passes(`${two}jeq r6, 0, done\nldxw r1, [r6+0]\njeq r7, 0, done\nldxw r1, [r8+0]${DONE}`)
    refuses(`${two}jeq r6, 0, done\nldxw r1, [r7+0]${DONE}`, "EACCES: R7 invalid mem access 'map_value_or_null'")
  })

  it('refuses a result that may be NULL', () => {
    refuses(
      `${FULL_SOCKET}${get('storage')}\nldxdw r1, [r0+0]${DONE}`,
      "EACCES: R0 invalid mem access 'map_value_or_null'",
    )
    refuses(
      `${lookup('hash')}\nadd r0, 4\njeq r0, 0, done${DONE}`,
      'EACCES: R0 pointer arithmetic on map_value_or_null prohibited, null-check it first',
    )
    refuses(`${lookup('hash')}\njne r0, 0, done\nldxdw r1, [r0+0]${DONE}`, "EACCES: R0 invalid mem access 'scalar'")
  })

  it('refuses bytes beside the value', () => {
    const outside = 'EACCES: R0 min value is outside of the allowed memory range'
    refuses(`${lookup('hash')}\njeq r0, 0, done\nldxdw r1, [r0+8]${DONE}`, outside)
    refuses(`${lookup('hash')}\njeq r0, 0, done\nldxw r1, [r0+6]${DONE}`, outside)
    refuses(`${lookup('hash')}\njeq r0, 0, done\nldxw r1, [r0-4]${DONE}`, outside)
    refuses(
      `mov r7, r1\n${lookup('hash')}\njeq r0, 0, done\nldxw r1, [r7+0]\nand r1, 4\nsub r0, r1\nldxw r1, [r0+0]${DONE}`,
      'EACCES: R0 min value is negative, either use unsigned index or do a if (index >=0) check.',
    )
  })

  it('follows an index through its bounds', () => {
    const index = (check: string): string =>
      `mov r7, r1\n${lookup('array')}\njeq r0, 0, done\nldxw r1, [r7+0]\n${check}\nlsh r1, 2\nadd r0, r1\nldxw r1, [r0+0]${DONE}`
    passes(index('jgt r1, 3, done'))
    passes(index('and r1, 3'))
    refuses(index('jgt r1, 4, done'), 'EACCES: R0 max value is outside of the allowed memory range')
    refuses(index('and r1, 7'), 'EACCES: R0 max value is outside of the allowed memory range')
    refuses(index('lsh r1, 3'), 'EACCES: R0 unbounded memory access, make sure to bounds check any such access')
    refuses(
      index('neg r1\njsgt r1, 3, done'),
      'EINVAL: math between map_value pointer and register with unbounded min value is not allowed',
    )
    // A copy made before the check is bounded as well.
    passes(index('mov r2, r1\njgt r2, 3, done'))
  })

  it('compares values where they begin, or inside of one', () => {
    const two = `${lookup('array')}\njeq r0, 0, done\nmov r7, r0\n${lookup('array')}\njeq r0, 0, done`
    passes(`${two}\njeq r0, r7, done${DONE}`)
    passes(`${two}\nmov r1, r0\nadd r1, 8\njeq r0, r1, done${DONE}`)
    passes(`lddw r1, map bss 4\nlddw r2, map bss 8\njeq r1, r2, done${DONE}`)
    refuses(`${two}\nadd r7, 16\njeq r0, r7, done${DONE}`, 'EACCES: R0 pointer comparison prohibited')
  })

  it('refuses accesses that no element begins at', () => {
    refuses(
      `${lookup('array')}\njeq r0, 0, done\nldxw r1, [r0+2]${DONE}`,
      'EACCES: misaligned value access off 0+0+2 size 4',
    )
  })

  it('refuses stores to .rodata and lets .bss be', () => {
    refuses(
      `lddw r1, map rodata 4\nstw [r1+0], 1${DONE}`,
      'EACCES: write into map forbidden, value_size=16 off=4 size=4',
    )
    passes(`lddw r1, map bss 4\nstw [r1+0], 1${DONE}`)
    passes(`lddw r1, map rodata 4\nldxw r1, [r1+0]${DONE}`)
    refuses(
      `lddw r1, map bss 16\nstw [r1+0], 1${DONE}`,
      'EINVAL: invalid access to map value pointer, value_size=16 off=16',
    )
  })
})

describe('locks', () => {
  const held = `${FULL_SOCKET}${get('locked')}\njeq r0, 0, done\nmov r7, r0\nmov r1, r0\ncall bpf_spin_lock`
  const unlock = 'mov r1, r7\ncall bpf_spin_unlock'
  it('passes a section that ends', () => {
    passes(`${held}\nldxdw r1, [r7+8]\nadd r1, 1\nstxdw [r7+8], r1\n${unlock}${DONE}`)
  })

  it.each([
    ['EINVAL: function calls are not allowed while holding a lock', `${held}\ncall bpf_ktime_get_ns\n${unlock}${DONE}`],
    [
      'EINVAL: function calls are not allowed while holding a lock',
      `${held}\nmov r1, r7\ncall bpf_spin_lock\n${unlock}${DONE}`,
    ],
    ['EINVAL: BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region', `${held}${DONE}`],
    [
      'EINVAL: bpf_spin_unlock without taking a lock',
      `${FULL_SOCKET}${get('locked')}\njeq r0, 0, done\nmov r7, r0\n${unlock}${DONE}`,
    ],
    [
      "EINVAL: map 'storage' has no valid bpf_spin_lock",
      `${FULL_SOCKET}${get('storage')}\njeq r0, 0, done\nmov r1, r0\ncall bpf_spin_lock${DONE}`,
    ],
    [
      "EINVAL: off 8 doesn't point to 'struct bpf_spin_lock' that is at 0",
      `${FULL_SOCKET}${get('locked')}\njeq r0, 0, done\nmov r1, r0\nadd r1, 8\ncall bpf_spin_lock${DONE}`,
    ],
    [
      'EACCES: bpf_spin_lock cannot be accessed directly by load/store',
      `${FULL_SOCKET}${get('locked')}\njeq r0, 0, done\nstw [r0+0], 0${DONE}`,
    ],
    [
      'EINVAL: bpf_spin_unlock of different lock',
      `${FULL_SOCKET}${get('locked')}\njeq r0, 0, done\nmov r8, r0${get('locked')}\njeq r0, 0, done\nmov r7, r0\nmov r1, r8\ncall bpf_spin_lock\n${unlock}${DONE}`,
    ],
  ])('refuses: %s', (said, text) => {
    refuses(text, said)
  })

  it('refuses a map with a lock in programs that may not have one', () => {
    refuses('lddw r1, map locked\nmov r0, 0\nexit', 'EINVAL: tracing progs cannot use bpf_spin_lock yet', 'kprobe')
  })
})

describe('registers, stack and context', () => {
  it.each([
    ['EACCES: R2 !read_ok', 'mov r1, r2\nmov r0, 0\nexit'],
    ['EACCES: R0 !read_ok', 'exit'],
    ['EACCES: R1 !read_ok', 'call bpf_ktime_get_ns\nmov r0, r1\nexit'],
    ['EACCES: frame pointer is read only', 'mov r10, 0\nmov r0, 0\nexit'],
    ['EACCES: invalid read from stack off -8+0 size 8', 'ldxdw r0, [r10-8]\nmov r0, 0\nexit'],
    ['EACCES: invalid read from stack off -8+4 size 8', 'stw [r10-8], 1\nldxdw r0, [r10-8]\nmov r0, 0\nexit'],
    ['EACCES: invalid write to stack R10 off=0 size=8', 'stdw [r10+0], 1\nmov r0, 0\nexit'],
    ['EACCES: invalid write to stack R10 off=-520 size=8', 'stdw [r10-520], 1\nmov r0, 0\nexit'],
    ['EACCES: misaligned stack access off 0+0+-7 size 4', 'stw [r10-7], 1\nmov r0, 0\nexit'],
    ['EACCES: invalid bpf_context access off=168 size=4', 'ldxw r0, [r1+168]\nmov r0, 0\nexit'],
    ['EACCES: invalid bpf_context access off=0 size=4', 'stw [r1+0], 1\nmov r0, 0\nexit'],
    ['EACCES: dereference of modified ctx ptr R1 off=4 disallowed', 'add r1, 4\nldxw r0, [r1+0]\nmov r0, 0\nexit'],
    ['EACCES: negative offset ctx ptr R1 off=-4 disallowed', 'sub r1, 4\nldxw r0, [r1+4]\nmov r0, 0\nexit'],
    [
      'EACCES: variable ctx access var_off=(0x0; 0xffffffff) disallowed',
      'ldxw r2, [r1+0]\nadd r1, r2\nldxw r0, [r1+0]\nmov r0, 0\nexit',
    ],
    ['EACCES: R10 leaks addr into ctx', 'stxw [r1+8], r10\nmov r0, 0\nexit'],
    ['EACCES: R1 leaks addr into ctx', 'stxdw [r1+152], r1\nmov r0, 0\nexit'],
    ["EACCES: R1 invalid mem access 'scalar'", 'mov r1, 8\nldxw r0, [r1+0]\nmov r0, 0\nexit'],
    ["EACCES: R1 invalid mem access 'sock_common_or_null'", 'ldxdw r1, [r1+168]\nldxw r0, [r1+4]\nmov r0, 0\nexit'],
    ['EACCES: R1 pointer += pointer prohibited', 'add r1, r10\nmov r0, 0\nexit'],
    ['EACCES: R1 32-bit pointer arithmetic prohibited', 'add32 r1, 1\nmov r0, 0\nexit'],
    ['EACCES: frame pointer is read only', 'mul r10, 2\nmov r0, 0\nexit'],
    ['EACCES: R2 pointer arithmetic with *= operator prohibited', 'mov r2, r10\nmul r2, 2\nmov r0, 0\nexit'],
    ['EACCES: R2 subtraction from stack pointer prohibited', 'mov r2, r10\nsub r2, 8\nmov r0, 0\nexit'],
    ['EACCES: R10 leaks addr into mem', 'stxdw [r10-8], r10\nmov r2, 1\nlock_add [r10-8], r2\nmov r0, 0\nexit'],
    ['EINVAL: At program exit the register R0 has smin=4 smax=4 should have been in [0, 3]', 'mov r0, 4\nexit'],
    [
      'EINVAL: At program exit the register R0 has unknown scalar value should have been in [0, 3]',
      'call bpf_ktime_get_ns\nexit',
    ],
    ['EACCES: BPF_ATOMIC stores into R1 ctx is not allowed', 'mov r2, 1\nlock_add32 [r1+8], r2\nmov r0, 0\nexit'],
  ])('refuses: %s', (said, text) => {
    refuses(text, said)
  })

  const inValue = `${lookup('array')}\njeq r0, 0, done`
  const printed = 'stdw [r10-8], 0\nmov r1, r10\nadd r1, -8\nmov r2, 8'
  it.each([
    ['R10 leaks addr into mem', `${inValue}\nstxdw [r0+0], r10${DONE}`],
    ['R10 leaks addr into mem', `${inValue}\nlock_add [r0+0], r10${DONE}`],
    ['R0 leaks addr into mem', 'stdw [r10-8], 0\nmov r0, r10\nmov r2, 1\nlock_cmpxchg [r10-8], r2\nmov r0, 0\nexit'],
    ['R2 leaks addr into mem', `stxdw [r10-8], r10\nmov r2, r10\nadd r2, -8\nlddw r1, map hash\ncall 1${DONE}`],
    [
      'R4 leaks addr into helper function',
      `${FULL_SOCKET}${get('storage').replace('mov r4, 1', 'mov r4, r10')}${DONE}`,
    ],
    ['R3 leaks addr to the log', `${printed}\nmov r3, r10\ncall bpf_trace_printk\nmov r0, 0\nexit`],
    ['R10 partial copy of pointer', 'mov32 r2, r10\nmov r0, 0\nexit'],
    ['R10 sign-extension part of pointer', 'movsx864 r2, r10\nmov r0, 0\nexit'],
    ['R2 pointer arithmetic prohibited', 'mov r2, r10\nneg r2\nmov r0, 0\nexit'],
    ['R2 bitwise operator &= on pointer prohibited', 'mov r2, r10\nand r2, 255\nmov r0, 0\nexit'],
    ['R10 pointer comparison prohibited', 'mov r0, 0\njgt r10, 5, out\nout: exit'],
    ['R10 pointer comparison prohibited', 'mov r0, 0\njeq r10, 5, out\nout: exit'],
    ['R10 pointer comparison prohibited', 'mov r0, 0\njeq32 r10, 0, out\nout: exit'],
  ])('makes no number of a pointer: %s', (said, text) => {
    refuses(text, `EACCES: ${said}`)
  })

  it('returns no pointer', () => {
    refuses('mov r0, r10\nexit', 'EINVAL: At program exit the register R0 is not a known value (fp)')
    refuses('mov r0, r10\nexit', 'EACCES: R0 leaks addr as return value', 'sched_cls')
  })

  it("knows a socket's fields, and stores to none", () => {
    passes(`${FULL_SOCKET}\nldxw r1, [r6+8]${DONE}`)
    refuses(`${FULL_SOCKET}\nstw [r6+16], 1${DONE}`, 'EACCES: R6 cannot write into sock')
    refuses(
      `ldxdw r1, [r1+168]\njeq r1, 0, done\nldxw r1, [r1+8]${DONE}`,
      'EACCES: R1 invalid sock_common access off=8 size=4',
    )
    refuses('ldxdw r1, [r1+168]\nmov r0, 0\nexit', 'EACCES: invalid bpf_context access off=168 size=8', 'xdp')
  })

  it('refuses a place of the stack that only the run knows', () => {
    const place =
      'stdw [r10-8], 1\nstdw [r10-16], 1\nldxw r3, [r1+0]\nand r3, 8\nmov r2, r10\nadd r2, -16\nadd r2, r3\n'
    const said = 'EACCES: R2 variable stack access prohibited, off=-16 size=8'
    refuses(`${place}ldxdw r0, [r2+0]\nmov r0, 0\nexit`, said)
    refuses(`${place}stdw [r2+0], 1\nmov r0, 0\nexit`, said)
  })

  it('refuses one instruction on memory of two kinds', () => {
    const either = (text: string) =>
      `mov r7, r1${lookup('array')}\njeq r0, 0, done\nmov r6, r0\nldxw r3, [r7+0]\nstdw [r10-16], 1\njgt r3, 9, met
      mov r6, r10\nadd r6, -16\nmet: ${text}${DONE}`
    const said = 'EINVAL: same insn cannot be used with different pointers'
    refuses(either('ldxdw r1, [r6+0]'), said)
    refuses(either('stdw [r6+0], 1'), said)
  })

  it('keeps what was stored whole, and a 0 in parts', () => {
    passes('stxdw [r10-8], r1\nldxdw r2, [r10-8]\nldxw r0, [r2+0]\nmov r0, 0\nexit')
    passes('stdw [r10-8], 0\nldxw r0, [r10-8]\nexit')
    refuses('stxdw [r10-8], r1\nldxw r2, [r10-8]\nmov r0, 0\nexit', 'EACCES: invalid size of register fill')
    refuses('stxdw [r10-8], r1\nstw [r10-8], 0\nmov r0, 0\nexit', 'EACCES: attempt to corrupt spilled pointer on stack')
  })
})

describe('paths that meet', () => {
  /** One of two ways, the first of which is followed first, to an instruction that only the first may come to. */
  const meet = (before: string, one: string, other: string, then: string): string =>
    `mov r9, r1\n${before}\nldxw r3, [r9+0]\njgt r3, 9, other\n${one}\n${'mov r2, 0\n'.repeat(10)}ja met
    other: ${other}\n${'mov r2, 0\n'.repeat(10)}met: ${then}${DONE}`
  const value = `${lookup('array')}\njeq r0, 0, done\nmov r6, r0`
  const small = 'ldxw r7, [r9+0]\nand r7, 7'
  const large = 'ldxw r7, [r9+0]\nand r7, 63'
  const locked = `${FULL_SOCKET}${get('locked')}\njeq r0, 0, done\nmov r7, r0`
  const lock = 'mov r1, r7\ncall bpf_spin_lock'

  it.each<[what: string, said: string, text: readonly [string, string, string, string]]>([
    [
      'bounds of a number',
      'EACCES: R6 max value is outside of the allowed memory range',
      [value, small, large, 'add r6, r7\nldxb r1, [r6+0]'],
    ],
    [
      'how far a pointer is moved',
      'EACCES: R6 min value is outside of the allowed memory range',
      [value, 'mov r1, 0', 'add r6, 16', 'ldxb r1, [r6+0]'],
    ],
    [
      'and moved by what is not known',
      'EACCES: R6 max value is outside of the allowed memory range',
      [value, `${small}\nadd r6, r7\nmov r7, 0`, `${large}\nadd r6, r7\nmov r7, 0`, 'ldxb r1, [r6+0]'],
    ],
    [
      'whether it may be NULL',
      "EACCES: R6 invalid mem access 'map_value_or_null'",
      [`${lookup('array')}\nmov r6, r0`, 'jeq r6, 0, done', 'mov r1, 0', 'ldxb r1, [r6+0]'],
    ],
    [
      'whose copy it is',
      "EACCES: R7 invalid mem access 'map_value_or_null'",
      [
        `${lookup('array')}\nmov r6, r0${lookup('array')}\nmov r8, r0`,
        'mov r7, r6',
        'mov r7, r8',
        'jeq r6, 0, done\nldxb r1, [r7+0]',
      ],
    ],
    [
      'what lies on the stack',
      'EACCES: R1 min value is outside of the allowed memory range',
      [
        `${value}\nmov r7, r6\nadd r7, 16`,
        'stxdw [r10-16], r6',
        'stxdw [r10-16], r7',
        'ldxdw r1, [r10-16]\nldxb r2, [r1+0]',
      ],
    ],
    [
      'whether bytes of the stack are written',
      'EACCES: invalid read from stack off -24+0 size 8',
      ['mov r6, 0', 'stdw [r10-24], 1', 'mov r1, 0', 'ldxdw r1, [r10-24]'],
    ],
    ['whether a register is written', 'EACCES: R6 !read_ok', ['mov r7, 0', 'mov r6, 1', 'mov r1, 0', 'mov r1, r6']],
    [
      'whether a lock is held',
      'EINVAL: bpf_spin_unlock without taking a lock',
      [locked, lock, 'mov r1, 0', 'mov r1, r7\ncall bpf_spin_unlock'],
    ],
    [
      'which value’s lock is held',
      'EINVAL: bpf_spin_unlock of different lock',
      [
        `${locked}${get('locked')}\njeq r0, 0, done\nmov r8, r0`,
        lock,
        'mov r1, r8\ncall bpf_spin_lock',
        'mov r1, r7\ncall bpf_spin_unlock',
      ],
    ],
  ])('know no more than both: %s', (_, said, [before, one, other, then]) => {
    refuses(meet(before, one, other, then), said)
    // Of the first alone nothing is wrong.
    passes(meet(before, one, one, then))
  })
})

describe('calls', () => {
  it.each([
    ['EINVAL: invalid func unknown#5000', 'call 5000\nmov r0, 0\nexit'],
    ['ENOTSUPP: helper bpf_redirect#23 is not supported here', 'call bpf_redirect\nmov r0, 0\nexit'],
    [
      'EACCES: R2 type=scalar expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_',
      `mov r6, 0${get('storage')}\nmov r0, 0\nexit`,
    ],
    ['EACCES: R1 type=ctx expected=map_ptr', 'mov r2, r10\ncall bpf_map_lookup_elem\nmov r0, 0\nexit'],
    [
      'EACCES: R2 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_',
      'mov r2, 0\nlddw r1, map hash\ncall bpf_map_lookup_elem\nmov r0, 0\nexit',
    ],
    [
      'EACCES: misaligned memory for a helper off -6 size 4, expected a multiple of 4',
      'stdw [r10-8], 0\nmov r2, r10\nadd r2, -6\nlddw r1, map hash\ncall bpf_map_lookup_elem\nmov r0, 0\nexit',
    ],
    [
      "EACCES: R2 unbounded memory access, use 'var &= const' or 'if (var < const)'",
      'stdw [r10-8], 0\nldxw r2, [r1+0]\nor r2, 1\nmov r1, r10\nadd r1, -8\ncall bpf_trace_printk\nmov r0, 0\nexit',
    ],
    [
      'EACCES: R1 type=sock_common_or_null expected=sock_common, sock, tcp_sock, xdp_sock',
      'ldxdw r1, [r1+168]\ncall bpf_sk_fullsock\nmov r0, 0\nexit',
    ],
    [
      'EACCES: R2 type=sock_or_null expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_',
      `ldxdw r1, [r1+168]\njeq r1, 0, done\ncall bpf_sk_fullsock\nmov r6, r0${get('storage')}${DONE}`,
    ],
    [
      'EACCES: invalid read from stack R2 off=0 size=4',
      'mov r2, r10\nlddw r1, map hash\ncall bpf_map_lookup_elem\nmov r0, 0\nexit',
    ],
    [
      'EACCES: invalid read from stack R2 off=-516 size=4',
      'mov r2, r10\nadd r2, -516\nlddw r1, map hash\ncall bpf_map_lookup_elem\nmov r0, 0\nexit',
    ],
    [
      'EACCES: R2 type=map_value_or_null expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_',
      `${lookup('array')}\nmov r2, r0\nlddw r1, map hash\ncall bpf_map_lookup_elem\nmov r0, 0\nexit`,
    ],
    [
      'EACCES: invalid read from stack R2 off -4+0 size 4',
      'mov r2, r10\nadd r2, -4\nlddw r1, map hash\ncall bpf_map_lookup_elem\nmov r0, 0\nexit',
    ],
    [
      'EINVAL: invalid read from stack R2 off=-1 size=4',
      'mov r2, r10\nadd r2, -1\nstb [r10-1], 0\nlddw r1, map hash\ncall bpf_map_lookup_elem\nmov r0, 0\nexit',
    ],
    [
      'EACCES: R2 type=ctx expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_',
      'mov r2, r1\nlddw r1, map storage\ncall bpf_map_lookup_elem\nmov r0, 0\nexit',
    ],
  ])('refuses: %s', (said, text) => {
    refuses(text, said)
  })

  it.each([
    ['cgroup_inet4_connect', 4, 8],
    ['cgroup_inet6_connect', 8, 4],
    ['cgroup_udp4_sendmsg', 4, 20],
    ['cgroup_udp6_sendmsg', 20, 4],
  ])('lets a program of %s read and store addresses of its own version alone', (attach, own, other) => {
    const type = 'cgroup_sock_addr'
    const moves = (at: number) => `ldxw r2, [r1+${at}]\nldxb r3, [r1+${at}]\nstxw [r1+${at}], r2\nmov r0, 1\nexit`
    passes(`ldxw r2, [r1+24]\nstxw [r1+24], r2\n${moves(own)}`, type, attach)
    refuses(moves(other), `EACCES: invalid bpf_context access off=${other} size=4`, type, attach)
    refuses(`stb [r1+${own}], 1\nmov r0, 1\nexit`, `EACCES: invalid bpf_context access off=${own} size=1`, type, attach)
    if (attach.endsWith('connect'))
      refuses('ldxw r2, [r1+40]\nmov r0, 1\nexit', 'EACCES: invalid bpf_context access off=40 size=4', type, attach)
  })

  it('refuses a context that a helper is given from its middle on', () => {
    const cookie = 'call bpf_get_socket_cookie\nmov r0, 0\nexit'
    passes(cookie)
    refuses(`add r1, 8\n${cookie}`, 'EACCES: dereference of modified ctx ptr R1 off=8 disallowed')
    refuses(
      `ldxw r2, [r1+0]\nadd r1, r2\n${cookie}`,
      'EACCES: variable ctx access var_off=(0x0; 0xffffffff) disallowed',
    )
  })

  it('refuses helpers by type and license', () => {
    refuses(
      'call bpf_sk_fullsock\nmov r0, 0\nexit',
      'EINVAL: program of this type cannot use helper bpf_sk_fullsock#95',
      'xdp',
    )
    const print = 'stdw [r10-8], 0\nmov r1, r10\nadd r1, -8\nmov r2, 8\ncall bpf_trace_printk\nmov r0, 0\nexit'
    passes(print)
    expect(judged(programOf(print), 'MIT')).toBe(
      'EINVAL: cannot call GPL-restricted function from non-GPL compatible program',
    )
  })

  it('follows functions of the program, and refuses too many and too deep ones', () => {
    passes('call_local f\nmov r0, 0\nexit\nf: mov r0, 7\nexit')
    refuses(
      'call_local f\nmov r0, 0\nexit\nf: call_local f\nmov r0, 0\nexit',
      'E2BIG: the call stack of 9 frames is too deep',
    )
    refuses(
      'stdw [r10-512], 0\ncall_local f\nmov r0, 0\nexit\nf: stdw [r10-8], 0\nmov r0, 0\nexit',
      'EACCES: combined stack size of 2 calls is 528. Too large',
    )
    refuses(
      'call_local f\nldxdw r0, [r0+0]\nmov r0, 0\nexit\nf: mov r0, r10\nexit',
      'EINVAL: cannot return stack pointer to the caller',
    )
  })
})

describe('the shape of a program', () => {
  it.each([
    ['EINVAL: unreachable insn 1', 'ja end\nmov r0, 1\nend: mov r0, 0\nexit'],
    ['EINVAL: last insn is not an exit or jmp', 'mov r0, 0'],
    ['EINVAL: div by zero', 'mov r0, 0\ndiv r0, 0\nexit'],
    ['EINVAL: invalid shift 32', 'mov r0, 0\nlsh32 r0, 32\nexit'],
    ['EINVAL: infinite loop detected at insn 1', 'mov r0, 0\nagain: ja again'],
  ])('refuses: %s', (said, text) => {
    refuses(text, said)
  })

  it('refuses jumps that lead nowhere', () => {
    const jump = (off: number) => ({ ...programOf('mov r0, 0\nja end\nend: exit'), off })
    const { off, ...program } = jump(9)
    new DataView(program.code.buffer).setInt16(8 + 2, off, true)
    expect(judged(program)).toBe('EINVAL: jump out of range from insn 1 to 11')
  })

  it.each([0, 1, 2, 3])('refuses a wide load with anything in byte %i of its second half', (byte) => {
    const program = programOf('lddw r1, 5\nmov r0, 0\nexit')
    program.code[8 + byte] = 1
    expect(judged(program)).toMatch(/^EINVAL: invalid bpf_ld_imm64 insn/)
    misled.push(program)
  })

  it.each([
    ['before the first instruction', -2, 'call to invalid destination'],
    ['far before it', -2_147_483_648, 'call to invalid destination'],
    ['behind the last', 7, 'call to invalid destination'],
    ['into the middle of a wide load', 3, 'jump into the middle of ldimm64 insn 4'],
  ])('refuses calls that lead %s', (_, imm, said) => {
    const program = programOf('call_local end\nmov r0, 0\nexit\nend: lddw r1, 5\nmov r0, 0\nexit')
    new DataView(program.code.buffer).setInt32(4, imm, true)
    expect(judged(program)).toBe(`EINVAL: ${said}`)
    misled.push(program)
  })

  it.runIf(process.env.LONG === '1')('follows a million instructions and no more', () => {
    const loop = 'mov r1, 0\nagain: add r1, 1\njne r1, 2000000, again\nmov r0, 0\nexit'
    refuses(loop, 'E2BIG: BPF program is too large. Processed 1000001 insn')
  })

  it('passes a bounded loop, and one without a bound only for so long', () => {
    passes('mov r0, 0\nmov r1, 0\nagain: add r1, 1\njlt r1, 1000, again\nexit')
    refuses(
      'mov r6, 0\nagain: call bpf_get_prandom_u32\nadd r6, 1\nmov r1, r6\njeq r0, 7, out\nja again\nout: mov r0, 0\nexit',
      'EFAULT: The sequence of 8193 jumps is too complex.',
    )
  })

  it('does not follow paths that know the same', () => {
    const branches = Array.from({ length: 200 }, (_, i) => `jeq r6, ${i}, l${i}\nmov r1, ${i}\nl${i}: mov r1, 0`)
    const verdict = judged(
      programOf(`mov r7, r1\ncall bpf_ktime_get_ns\nmov r6, r0\n${branches.join('\n')}\nmov r0, 0\nexit`),
    )
    expect(verdict).not.toBeTypeOf('string')
    expect((verdict as { processed: number }).processed).toBeLessThan(100_000)
  })

  it('goes on behind a test for NULL of what never is, but for sockets and values', () => {
    const both = (n: number) => `jne r${n}, 0, out\nmov r2, r9\nout: mov r0, 0\nexit`
    refuses(both(10), 'EACCES: R9 !read_ok')
    refuses(both(1), 'EACCES: R9 !read_ok')
    passes(`${lookup('hash')}\njeq r0, 0, done\n${both(0).replace('exit', '')}${DONE}`)
  })

  it('says the instruction and the C line', () => {
    const program = {
      ...programOf('mov r0, 0\nldxw r2, [r1+2]\nexit'),
      name: 'count',
      lines: [
        { at: 0, file: 'counter.bpf.c', line: 20, column: 1, source: 'int count(struct __sk_buff *skb)' },
        { at: 1, file: 'counter.bpf.c', line: 23, column: 2, source: '  return skb->odd;' },
      ],
    }
    try {
      verify(program, { license: 'GPL', maps: MAPS })
      expect.fail('it passed')
    } catch (error) {
      const { errno, at, line, message } = error as ProgramRefused
      expect([errno, at, line?.line]).toEqual(['EACCES', 1, 23])
      expect(message).toBe(
        "EACCES: invalid bpf_context access off=2 size=4 (program count, instruction 1 'r2 = *(u32 *)(r1 +2)', counter.bpf.c:23  return skb->odd;)",
      )
    }
  })
})

describe.skipIf(kernel === undefined)('the running kernel', () => {
  afterAll(() => kernel?.stop())

  it('refuses those whose bytes were changed, too', async () => {
    const theirs = await kernelVerdicts(kernel!, misled)
    expect(theirs.map((verdict) => 'errno' in verdict && verdict.errno)).toEqual(misled.map(() => 22))
    const said = theirs.map((verdict) => ('said' in verdict ? verdict.said : ''))
    expect(said.slice(0, 4)).toEqual(Array(4).fill('invalid bpf_ld_imm64 insn'))
    expect(said.slice(4, 7)).toEqual(Array(3).fill('call to invalid destination'))
  })

  it('says the same of all of them, but where the reason is our own', async () => {
    const { made, handles } = kernelMaps()
    expect((await kernel!.ask(made)).filter((answer) => answer !== 'ok')).toEqual([])
    const programs = asked.map(({ text, type, attach }) => programOf(text, type, attach))
    const theirs = await kernelVerdicts(kernel!, programs, handles)
    const differing = asked.flatMap(({ text, said }, i) => {
      const kernels = theirs[i]
      const kernelSaid =
        'returns' in kernels ? undefined : `${ERRNO_NAMES[kernels.errno] ?? kernels.errno}: ${kernels.said}`
      return kernelSaid === said ? [] : [{ said, kernelSaid, text }]
    })
    const unexpected = differing.filter(
      ({ said, kernelSaid }) =>
        !OWN_REASONS.some(([ours, theirs]) => ours.test(said ?? '') && theirs.test(kernelSaid ?? 'accepted')),
    )
    expect(unexpected).toEqual([])
    await kernel!.ask(['reset'])
  })
})
