/**
 * Calls of helpers and reads of contexts and sockets, as JavaScript text.
 *
 * A helper is called with the CPU and then its arguments: a map or a socket by its pointer, a lock by its word, bytes
 * as an array of words and an index into it (`null, 0` for NULL), a number by its halves, a context as it is. What it
 * returns is a number of 32 bits, or the word index of a value or socket; of one of 64 bits it returns the lower half
 * and puts the upper one into the array that is its last argument.
 */

import { halvesOf } from '../halves.ts'
import { helperName } from '../isa/helper-names.ts'
import type { Instruction } from '../isa/instruction.ts'
import * as op from '../isa/opcodes.ts'
import type { CallFact, PlaceFact } from '../verifier/facts.ts'
import { structureBehind } from '../verifier/fields.ts'
import { type Argument, PROTOTYPES } from '../verifier/helper-prototypes.ts'
import { immediatePair, registerPair } from './pairs.ts'
import { extendText } from './places.ts'

/** What a text refers to besides its registers: maps, their first values, helpers and fields, by their names in it. */
export interface Names {
  readonly maps: Map<string, string>
  readonly values: Map<string, string>
  readonly helpers: Set<string>
  readonly fields: Set<string>
}

/** The call of a helper. `frame` is the end of the function's frame, in text. */
export function callText(fact: CallFact, names: Names, frame: string): string {
  const { takes, gives, more } = PROTOTYPES.get(fact.helper)!
  const name = `${helperName(fact.helper)}${variantOf(fact)}`
  names.helpers.add(name)
  const given = takes.map((argument, i) => argumentText(argument, i + 1, fact, frame))
  for (let n = takes.length + 1; more && n <= 5; n++) given.push(`r${n}l, r${n}h`)
  if (gives === 'wide-number') given.push('upper')
  const call = `${name}(${['cpu', ...given].join(', ')})`
  switch (gives) {
    case 'nothing':
      return call
    case 'number':
      return `r0l = ${call}; r0h = r0l >> 31`
    case 'unsigned':
      return `r0l = ${call} | 0; r0h = 0`
    case 'wide-number':
      return `r0l = ${call}; r0h = upper[0]`
    default:
      return `r0h = ${call}; r0l = 0`
  }
}

const HASH = 1
const GET = 107
const LOOKUP = 1
/** Bytes of keys that there is a lookup of their own for. */
const SHORT_KEYS = [4, 8, 12]

/**
 * Behind the name of a helper that is called for one kind of map or value alone, and so need not ask: `_in_hash`, also
 * with the bytes of a key, and `_in_array` of lookups, `_without_value` of bpf_sk_storage_get.
 */
function variantOf({ helper, places, numbers }: CallFact): string {
  if (helper === GET && numbers[2] === 0n) return '_without_value'
  const map = helper === LOOKUP ? places[0]?.map : undefined
  if (map === undefined) return ''
  if (map.type !== HASH) return '_in_array'
  if (SHORT_KEYS.includes(map.keySize)) return `_in_hash_${map.keySize}`
  // Keys that end inside a word are copied first.
  return map.keySize % 4 === 0 ? '_in_hash' : ''
}

function argumentText(argument: Argument, n: number, { places, numbers }: CallFact, frame: string): string {
  const { l, h } = registerPair(n)
  const place = places[n - 1]
  const known = numbers[n - 1]
  switch (argument) {
    case 'map':
    case 'socket':
    case 'owner':
      return h
    case 'context':
      return 'context'
    case 'size':
      return known === undefined ? l : `${known}`
    case 'lock':
      return `${h} + (${l} >> 2)`
    case 'anything':
      return known === undefined ? `${l}, ${h}` : halvesOf(known).join(', ')
    default:
      return bytesText(n, place, frame)
  }
}

/** An array of words and an index into it. */
function bytesText(n: number, place: PlaceFact | undefined, frame: string): string {
  const { l, h } = registerPair(n)
  if (place === undefined) return 'null, 0'
  if (place.region !== 'stack') return `${h} === 0 ? null : words, ${h} + (${l} >> 2)`
  if (place.own && place.off !== undefined && /^\d+$/.test(frame)) {
    const at = `stack, ${(Number(frame) + place.off) >> 2}`
    return place.orNull ? `${h} === 0 ? null : ${at}` : at
  }
  return place.orNull === undefined ? `stack, ${l} >> 2` : `${h} === 0 ? null : stack, ${l} >> 2`
}

/** A load from a context or a socket. */
export function fieldLoadText({ code, dst, src }: Instruction, place: PlaceFact, names: Names): string {
  const field = place.field!
  const to = registerPair(dst)
  const size = op.widthOf(code)
  const whole = wholeField(place, registerPair(src).h, names)
  if (field.points !== undefined) return `${to.h} = ${whole}; ${to.l} = 0`
  if (size === 8) return `${to.l} = halves(${whole}); ${to.h} = high`
  const shift = (place.off! - field.offset) * 8
  const mask = size === 4 ? '' : size === 2 ? ' & 0xffff' : ' & 0xff'
  const part = size === 4 ? `${whole} | 0` : `(${whole} >>> ${shift})${mask}`
  return extendText(part, to, size, (code & 0xe0) === op.MEMSX)
}

function wholeField(place: PlaceFact, base: string, names: Names): string {
  const { name } = place.field!
  if (place.region === 'context') return `context.${name}`
  const structure = structureBehind(place.region)!.name
  const reader = `${structure}_${name}`
  names.fields.add(reader)
  return `${reader}(cpu, ${base})`
}

/** A store to a context. */
export function fieldStoreText({ code, src, imm }: Instruction, place: PlaceFact): string {
  const value = (code & 7) === op.ST ? immediatePair(imm) : registerPair(src)
  const { name, size } = place.field!
  if (size === 8) return `context.${name} = BigInt.asUintN(64, wide(${value.l}, ${value.h}))`
  return `context.${name} = ${value.l} >>> 0`
}
