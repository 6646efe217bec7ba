/**
 * What programs of tc leave behind, on the running kernel and here: what they return, fields of the packet's context,
 * the packet, and the values of maps that were filled before.
 */

import { compile, viewsOf } from '../src/bpf/code/compile.ts'
import { type Generated, generate } from '../src/bpf/code/generate.ts'
import type { BpfProgram } from '../src/bpf/object.ts'
import { createHelpers, type Helpers } from '../src/bpf/run/helpers.ts'
import { virtualInputs } from '../src/bpf/run/inputs.ts'
import { createObjectMaps, firstValue } from '../src/bpf/run/object-maps.ts'
import { verify } from '../src/bpf/verifier/verify.ts'
import { cpuOf } from '../src/shared/cpu-of.ts'
import { mapGet } from '../src/shared/map.ts'
import { createMemory } from '../src/shared/memory.ts'
import type { BpfMap } from '../src/shared/pointer.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { rcuOnline } from '../src/sync/quiescent-state.ts'
import { rcuReadLock, rcuReadUnlock } from '../src/sync/rcu.ts'
import { hexOf } from './hex.ts'
import type { Kernel } from './kernel.ts'
import { CONTEXT_FIELDS, EFFECT_MAPS } from './random-effects.ts'

/** What a program leaves. */
export interface Effects {
  /** Lower half of r0. */
  readonly returns: number
  /** The fields of CONTEXT_FIELDS. */
  readonly context: readonly bigint[]
  /** Bytes of the packet, in hexadecimal. */
  readonly packet: string
  /** Of each map of EFFECT_MAPS the values at KEYS keys, in hexadecimal; '' where there is none. */
  readonly maps: readonly (readonly string[])[]
}

/** Keys that are filled and shown. */
export const KEYS = 8
/** Keys that the hash begins with. */
export const FIRST_KEYS: readonly number[] = [0, 2]
/** Bytes of the packet, and its length. */
export const PACKET = Uint8Array.from({ length: 64 }, (_, i) => (i === 12 ? 8 : 0))
/** What the fields of CONTEXT_FIELDS begin with. */
export const CONTEXT: readonly bigint[] = [5n, 6n, 1n, 2n, 3n, 4n, 5n, 1000n]

/** Byte `b` of the value at key `k` before a program runs; values of each CPU are zero. */
export function firstByte(type: number, k: number, b: number): number {
  return type === PERCPU_ARRAY ? 0 : (16 * k + b + 1) & 0xff
}

const HASH = 1
const PERCPU_ARRAY = 6

/** The commands that make the maps in the kernel. */
export function kernelMaps(): string[] {
  return EFFECT_MAPS.map(
    ({ type, keySize, valueSize, maxEntries, flags }, m) =>
      `map m${m} 0 ${type} ${keySize} ${valueSize} ${maxEntries} ${flags} 0 0`,
  )
}

/** Asks the kernel; a string for a program that it refuses. */
export async function kernelEffects(kernel: Kernel, programs: readonly BpfProgram[]): Promise<(Effects | string)[]> {
  const all = EFFECT_MAPS.map((_, m) => `m${m}`).join(',')
  const handle = (name: string): string => `m${EFFECT_MAPS.findIndex((map) => map.name === name)}`
  const lines = programs.map(({ code, maps }) => {
    const uses = maps.map(({ at, map, offset }) => `${at}:${handle(map)}${offset === undefined ? '' : `:${offset}`}`)
    return ['effects', hexOf(code), all, ...uses].join(' ')
  })
  return (await kernel.ask(lines)).map(effectsIn)
}

function effectsIn(answer: string): Effects | string {
  if (!answer.startsWith('ok ')) return answer
  const [, returns, context, packet, ...maps] = answer.split(' ')
  const view = new DataView(Uint8Array.from(Buffer.from(context, 'hex')).buffer)
  return {
    returns: Number(returns),
    context: CONTEXT_FIELDS.map(([, offset, width]) =>
      width === 'dw' ? view.getBigUint64(offset, true) : BigInt(view.getUint32(offset, true)),
    ),
    packet,
    maps: maps.map((values) => values.split(',')),
  }
}

/** What is left here, with accesses of eight bytes at once and in halves. Throws ProgramRefused. */
export function ourEffects(program: BpfProgram): readonly [whole: Effects, halves: Effects] {
  const verified = verify(program, { license: 'GPL', maps: EFFECT_MAPS })
  return [effectsOf(generate(verified, { access64: 'whole' })), effectsOf(generate(verified, { access64: 'halves' }))]
}

function effectsOf(generated: Generated): Effects {
  const memory = createMemory({ cpus: 1, bytes: 128 << 10, maxFds: 64 })
  const cpu = cpuOf(memory, 0)
  rcuOnline(cpu)
  const pointers = createObjectMaps(cpu, 'random', EFFECT_MAPS).map((fd) => mapGet(cpu, fd) as BpfMap)
  const helpers = createHelpers(virtualInputs(1, 0))
  for (const [m, { type, valueSize }] of EFFECT_MAPS.entries())
    for (let k = 0; k < KEYS; k++)
      if (type !== HASH || FIRST_KEYS.includes(k)) {
        const value = Uint8Array.from({ length: valueSize }, (_, b) => firstByte(type, k, b))
        call(
          helpers,
          'bpf_map_update_elem',
          cpu,
          pointers[m],
          Int32Array.of(k),
          0,
          new Int32Array(value.buffer),
          0,
          0,
          0,
        )
      }
  const run = compile(generated, {
    cpu,
    ...viewsOf(memory.words),
    maps: Object.fromEntries(EFFECT_MAPS.map(({ name }, m) => [name, pointers[m]])),
    values: Object.fromEntries(
      EFFECT_MAPS.map(({ name, maxEntries }, m) => [name, maxEntries === 1 ? firstValue(cpu, pointers[m]) : 0]),
    ),
    helpers,
    fields: {},
  })
  const context: Record<string, number | bigint> = { len: PACKET.length, protocol: 8 }
  for (const [i, [name, , width]] of CONTEXT_FIELDS.entries())
    context[name] = width === 'dw' ? CONTEXT[i] : Number(CONTEXT[i])
  rcuReadLock(cpu)
  const returns = (run(context) as number) >>> 0
  const maps = EFFECT_MAPS.map(({ valueSize }, m) =>
    Array.from({ length: KEYS }, (_, k) => {
      const word = call(helpers, 'bpf_map_lookup_elem', cpu, pointers[m], Int32Array.of(k), 0)
      return word === 0 ? '' : hexOf(cpu.bytes.subarray(4 * word, 4 * word + valueSize))
    }),
  )
  rcuReadUnlock(cpu)
  const fields = CONTEXT_FIELDS.map(([name, , width]) =>
    BigInt.asUintN(width === 'dw' ? 64 : 32, BigInt(context[name])),
  )
  return { returns, context: fields, packet: hexOf(PACKET), maps }
}

function call(helpers: Helpers, name: string, cpu: Cpu, ...given: unknown[]): number {
  return (helpers[name] as (...given: unknown[]) => number)(cpu, ...given)
}
