/**
 * What a random program of tc leaves behind by the interpreter: in the terms that the kernel's answers and ours have.
 */

import { CONTEXT, type Effects, FIRST_KEYS, firstByte, KEYS, PACKET } from '../../conformance/effects.ts'
import { hexOf } from '../../conformance/hex.ts'
import { CONTEXT_FIELDS, EFFECT_MAPS } from '../../conformance/random-effects.ts'
import type { BpfProgram } from '../../src/bpf/object.ts'
import { interpret, type PlainMap } from './interpreter.ts'

const CONTEXT_BYTES = 192
const HASH = 1

/** Runs the program on maps of plain bytes. */
export function interpretedEffects({ code, maps: uses }: BpfProgram): Effects {
  const maps: Record<string, PlainMap> = {}
  for (const { name, type, valueSize, maxEntries } of EFFECT_MAPS) {
    const kind = type === HASH ? 'hash' : 'array'
    const keys = kind === 'hash' ? FIRST_KEYS : Array.from({ length: maxEntries }, (_, k) => k)
    const value = (k: number) => Uint8Array.from({ length: valueSize }, (_, b) => firstByte(type, k, b))
    maps[name] = { kind, valueSize, most: maxEntries, values: new Map(keys.map((k) => [k, value(k)])) }
  }
  const context = new Uint8Array(CONTEXT_BYTES)
  const view = new DataView(context.buffer)
  view.setUint32(0, PACKET.length, true)
  for (const [i, [, offset, width]] of CONTEXT_FIELDS.entries())
    if (width === 'dw') view.setBigUint64(offset, CONTEXT[i], true)
    else view.setUint32(offset, Number(CONTEXT[i]), true)
  const r0 = interpret({ code, context, maps, uses })
  return {
    returns: Number(BigInt.asUintN(32, r0)),
    context: CONTEXT_FIELDS.map(([, offset, width]) =>
      width === 'dw' ? view.getBigUint64(offset, true) : BigInt(view.getUint32(offset, true)),
    ),
    packet: hexOf(PACKET),
    maps: EFFECT_MAPS.map(({ name }) =>
      Array.from({ length: KEYS }, (_, k) => {
        const value = maps[name].values.get(k)
        return value === undefined ? '' : hexOf(value)
      }),
    ),
  }
}
