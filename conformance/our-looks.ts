/**
 * Looks at our side from outside, without touching what commands would touch: for the table of known differences.
 */

import { btfTypes } from '../src/shared/btf/object.ts'
import { parseBtf } from '../src/shared/btf/parse.ts'
import type { BtfObject } from '../src/shared/pointer.ts'
import { MAP, SDATA, SELEM, SK_STORAGE, SOCK } from '../src/shared/records.ts'
import { skStorageLookup } from '../src/shared/sk-storage-lookup.ts'
import { BPF_F_CLONE } from '../src/shared/sk-storage-map.ts'
import { copyValueOut, valueWords } from '../src/shared/value.ts'
import { hexOfWords } from './hex.ts'
import { badLocks, nestedLock } from './newer-locks.ts'
import type { Handles } from './our-handles.ts'

export function looksAt(handles: Handles) {
  const { cpu, sys, words, withMap, withSocket } = handles
  return {
    /** The value of a map at a socket, found without filling a cache; undefined if there is none. */
    peek(map: string, sock: string): string | undefined {
      try {
        return withMap(map, (smap) =>
          withSocket(sock, (sk) =>
            sys().readSection(() => {
              const sdata = skStorageLookup(cpu, smap, sk, false)
              if (sdata === 0) return undefined
              const out = new Int32Array(valueWords(words, smap))
              copyValueOut(cpu, smap, sdata + SDATA.value, out)
              return hexOfWords(out, words[smap + MAP.valueSize])
            }),
          ),
        )
      } catch {
        return undefined
      }
    },

    /** The value size of an open map, or undefined. */
    valueSize(map: string): number | undefined {
      try {
        return handles.valueSize(map)
      } catch {
        return undefined
      }
    },

    /** Byte offset of the lock in an open map's values, or -1. */
    lockOffset(map: string): number {
      try {
        return withMap(map, (smap) => words[smap + MAP.lockOffset])
      } catch {
        return -1
      }
    },

    /** Byte offset of the lock that newer kernels find in an open map's values and we don't, or -1. */
    nestedLock(map: string): number {
      try {
        return withMap(map, (smap) => {
          const btf = words[smap + MAP.btf] as BtfObject
          return btf === 0 ? -1 : nestedLock(btfTypes(cpu, btf), words[smap + MAP.btfValueTypeId])
        })
      } catch {
        return -1
      }
    },

    /** The errno with which newer kernels refuse this BTF because of its locks, or 0. */
    badLocks(btf: string): number {
      try {
        return badLocks(parseBtf(sys().btfInfo(handles.fdOf(btf)).bytes))
      } catch {
        return 0
      }
    },

    /** The value sizes of a socket's elements, or only of those that a child of it would inherit. */
    valueSizes(sock: string, inherited = false): number[] {
      try {
        return withSocket(sock, (sk) => {
          const storage = words[sk + SOCK.storage]
          const sizes: number[] = []
          for (let node = storage === 0 ? 0 : words[storage + SK_STORAGE.list]; node !== 0; node = words[node]) {
            const map = words[node - SELEM.snode + SELEM.sdata]
            if (!inherited || (words[map + MAP.flags] & BPF_F_CLONE) !== 0) sizes.push(words[map + MAP.valueSize])
          }
          return sizes
        })
      } catch {
        return []
      }
    },
  }
}
