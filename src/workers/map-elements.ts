/**
 * The elements of a map by its type, as the syscalls reach them: whose function is called, and what a key is.
 */

import {
  arrayMapDeleteElem,
  arrayMapGetNextKey,
  arrayMapLookupCopy,
  arrayMapSyscallWords,
  arrayMapUpdateCopy,
  isArrayMap,
} from '../shared/array-map.ts'
import { EINVAL } from '../shared/errno.ts'
import { hashMapDeleteElem, hashMapGetNextKey, hashMapLookupCopy, hashMapUpdateElem } from '../shared/hash-map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import type { BpfMap } from '../shared/pointer.ts'
import { MAP } from '../shared/records.ts'
import { fdDeleteElem, fdGetNextKey, fdLookupElem, fdUpdateElem } from '../shared/sk-storage.ts'
import { valueWords } from '../shared/value.ts'
import type { Cpu } from '../sync/cpu.ts'
import { BpfError } from './bpf-error.ts'

/** A key as syscalls take it: a descriptor or an index may be a number, everything else is words. */
export type Key = number | Int32Array

/** A syscall under way. */
export interface ElementCall {
  readonly cpu: Cpu
  /** Its name, for errors. */
  readonly name: string
  readonly map: BpfMap
}

/** What a type of map does for the syscalls. Each returns 0 or an error, and throws EINVAL for what is no key of it. */
export interface MapElements {
  /** Words of a value. */
  words(call: ElementCall): number
  lookup(call: ElementCall, key: Key, out: Int32Array, flags: number): number
  update(call: ElementCall, key: Key, value: Int32Array, flags: number): number
  remove(call: ElementCall, key: Key): number
  next(call: ElementCall, key: Int32Array | null, out: Int32Array): number
}

const STORAGE: MapElements = {
  words: ({ cpu, map }) => valueWords(cpu.words, map),
  lookup: (call, key, out, flags) => fdLookupElem(call.cpu, call.map, descriptor(call, key), out, flags),
  update: (call, key, value, flags) => fdUpdateElem(call.cpu, call.map, descriptor(call, key), value, flags),
  remove: (call, key) => fdDeleteElem(call.cpu, call.map, descriptor(call, key)),
  next: () => fdGetNextKey(),
}

const HASH: MapElements = {
  words: ({ cpu, map }) => valueWords(cpu.words, map),
  lookup: (call, key, out, flags) => hashMapLookupCopy(call.cpu, call.map, keyWords(call, key), out, flags),
  update: (call, key, value, flags) => hashMapUpdateElem(call.cpu, call.map, keyWords(call, key), 0, value, flags),
  remove: (call, key) => hashMapDeleteElem(call.cpu, call.map, keyWords(call, key), 0),
  next: (call, key, out) => hashMapGetNextKey(call.cpu, call.map, key && keyWords(call, key), out),
}

const ARRAY: MapElements = {
  words: ({ cpu, map }) => arrayMapSyscallWords(cpu.words, map),
  lookup: (call, key, out, flags) => arrayMapLookupCopy(call.cpu, call.map, indexWords(call, key)[0], out, flags),
  update: (call, key, value, flags) => arrayMapUpdateCopy(call.cpu, call.map, indexWords(call, key), value, flags),
  remove: (call, key) => {
    indexWords(call, key)
    return arrayMapDeleteElem()
  },
  next: (call, key, out) => arrayMapGetNextKey(call.cpu, call.map, key && indexWords(call, key), out),
}

/** Those of a map. */
export function elementsOf({ cpu, map }: ElementCall): MapElements {
  if (cpu.words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE) return STORAGE
  return isArrayMap(cpu.words, map) ? ARRAY : HASH
}

/** The descriptor that a key of sk storage is. */
function descriptor(call: ElementCall, key: Key): number {
  if (typeof key === 'number') return key
  if (key instanceof Int32Array && key.length === 1) return key[0]
  throw otherKey(call, key, 'a descriptor')
}

/** The words that a key of a hash map is: we are given values, not addresses. */
function keyWords(call: ElementCall, key: Key): Int32Array {
  const count = (call.cpu.words[call.map + MAP.keySize] + 3) >> 2
  if (key instanceof Int32Array && key.length === count) return key
  throw otherKey(call, key, `${count} words`)
}

/** The word that an index is. */
function indexWords(call: ElementCall, key: Key): Int32Array {
  if (typeof key === 'number') return Int32Array.of(key)
  if (key instanceof Int32Array && key.length === 1) return key
  throw otherKey(call, key, 'an index')
}

function otherKey({ cpu, name, map }: ElementCall, key: Key, expected: string): BpfError {
  const type = cpu.words[map + MAP.type]
  return new BpfError(name, EINVAL, `${showKey(key)} for a map of type ${type}, expected ${expected}`)
}

/** A key in an error. */
export function showKey(key: Key): string {
  return key instanceof Int32Array ? `key [${key.join(' ')}]` : `fd ${key}`
}
