/**
 * A thread's step in words: `run count 0`, `close 0`, `update egress_cnt 0 5`.
 */

import type { BpfMapDefinition, BpfObject } from '../bpf/object.ts'
import { type Call, SYSCALLS, type Syscall } from '../bpf/run/syscall.ts'
import { type ValueField, valueFields } from '../bpf/value-fields.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import { SOCKET_OPTIONS } from '../shared/sockopt.ts'
import { BpfScenarioError } from './scenario-error.ts'

/** Sockets are numbered from 0 up to, not including, this one. */
const MOST_SOCKETS = 16

/** `a, b or c`. */
export function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`
}

/** The number of a socket. Throws BpfScenarioError. */
export function socketNumber(text: string | undefined): number {
  if (text !== undefined && /^\d{1,2}$/.test(text) && Number(text) < MOST_SOCKETS) return Number(text)
  throw new BpfScenarioError(
    `got ${text === undefined ? 'no socket' : `the socket '${text}'`}, expected a number from 0 to ${MOST_SOCKETS - 1}`,
  )
}

/** A syscall from its words. Throws BpfScenarioError. */
export function readSyscall({ maps }: Pick<BpfObject, 'maps'>, words: readonly string[]): Syscall {
  const [name = '', ...given] = words
  if (!Object.hasOwn(SYSCALLS, name))
    throw new BpfScenarioError(
      `got the call '${name}', expected ${listOf(Object.entries(SYSCALLS).map(([call, takes]) => `${call} ${takes}`))}`,
    )
  const call = name as Call
  const takes = SYSCALLS[call].split(' ')
  if (given.length > takes.length)
    throw new BpfScenarioError(
      `got '${given[takes.length]}' behind ${words.slice(0, -1).join(' ')}, expected nothing more`,
    )
  const missing = takes[given.length]
  if (missing !== undefined && !missing.startsWith('['))
    throw new BpfScenarioError(`got '${words.join(' ')}', expected ${call} ${SYSCALLS[call]}`)
  if (takes[0] === 'SOCKET') {
    const [socket, option, value] = given
    return {
      call,
      key: socketNumber(socket),
      ...(option !== undefined && { option: optionNumber(option) }),
      ...(value !== undefined && { value: word(call, value, 'value') }),
    }
  }
  const [map, key, last] = given
  const definition = mapNamed(maps, call, map)
  const keyed = { call, map, ...(key !== undefined && { key: keyOf(definition, call, key) }) }
  if (call === 'lookup') return { ...keyed, fields: fieldNamed(definition, last) }
  if (call !== 'update') return keyed
  return { ...keyed, fields: valueFields(definition), ...(last !== undefined && { value: word(call, last, 'value') }) }
}

/** The number of a value that is read: the first unless one is named. */
function fieldNamed(definition: BpfMapDefinition, name: string | undefined): readonly ValueField[] {
  const fields = valueFields(definition)
  if (name === undefined) return fields.slice(0, 1)
  const found = fields.filter((field) => field.name === name)
  if (found.length > 0) return found
  throw new BpfScenarioError(
    `got the field '${name}' of ${definition.name}, expected ${listOf(fields.map((field) => field.name))}`,
  )
}

function mapNamed(maps: readonly BpfMapDefinition[], call: string, name: string): BpfMapDefinition {
  const found = maps.find((map) => map.name === name)
  if (found !== undefined) return found
  const known = maps.length === 0 ? 'an object that has maps' : listOf(maps.map((map) => map.name))
  throw new BpfScenarioError(`got the map '${name}' for ${call}, expected ${known}`)
}

function keyOf({ type }: BpfMapDefinition, call: string, text: string): number {
  return type === BPF_MAP_TYPE_SK_STORAGE ? socketNumber(text) : word(call, text, 'key')
}

/** A number of 32 bits, in decimal or with 0x. */
function word(call: string, text: string, what: string): number {
  const number = /^(-?\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : Number.NaN
  if (number >= -0x8000_0000 && number <= 0xffff_ffff) return number | 0
  throw new BpfScenarioError(`got the ${what} '${text}' for ${call}, expected a number of 32 bits`)
}

function optionNumber(text: string): number {
  if (Object.hasOwn(SOCKET_OPTIONS, text)) return SOCKET_OPTIONS[text]
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new BpfScenarioError(`got the option '${text}', expected ${listOf(Object.keys(SOCKET_OPTIONS))}, or a number`)
}
