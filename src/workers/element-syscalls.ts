/**
 * The syscalls on the elements of a map. Keys and values are Int32Array of ceil(size / 4) words, as a value type's
 * encode makes them; a key of sk storage is a socket's descriptor.
 */

import { EINVAL, ENOTSUPP } from '../shared/errno.ts'
import { hashMapDeleteElem, hashMapGetNextKey, hashMapLookupCopy, hashMapUpdateElem } from '../shared/hash-map.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import type { BpfMap, Sk, Value } from '../shared/pointer.ts'
import { MAP } from '../shared/records.ts'
import { fdDeleteElem, fdGetNextKey, fdLookupElem, fdUpdateElem } from '../shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../shared/sk-storage-iter.ts'
import { BPF_ANY, BPF_F_LOCK } from '../shared/update-flags.ts'
import { mapValueHasSpinLock, valueWords } from '../shared/value.ts'
import type { Cpu } from '../sync/cpu.ts'
import { BpfError, unwrap } from './bpf-error.ts'
import type { SyscallEntry } from './syscall-entry.ts'

/** Which of the four batch commands. */
export type BatchOperation = 'LOOKUP' | 'LOOKUP_AND_DELETE' | 'UPDATE' | 'DELETE'

/** Those that find, set, remove and walk, one by one; and those that no type of map here has. */
export function elementSyscalls({ cpu, withMap }: SyscallEntry) {
  const isStorage = (map: BpfMap) => cpu.words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE
  return {
    /** A copy of the value. ENOENT, EBADF, ENOTSOCK, EINVAL, also for a key of the wrong size. */
    mapLookup(fd: number, key: number | Int32Array, flags = 0): Int32Array {
      checkLookupFlags('BPF_MAP_LOOKUP_ELEM', flags)
      return withMap('BPF_MAP_LOOKUP_ELEM', fd, (map) => {
        const out = new Int32Array(valueWords(cpu.words, map))
        const err = isStorage(map)
          ? fdLookupElem(cpu, map, descriptor(cpu, 'BPF_MAP_LOOKUP_ELEM', map, key), out, flags)
          : hashMapLookupCopy(cpu, map, keyWords(cpu, 'BPF_MAP_LOOKUP_ELEM', map, key), out, flags)
        unwrap('BPF_MAP_LOOKUP_ELEM', err, `map ${fd}, ${show(key)}`)
        return out
      })
    },

    /**
     * Sets a value. EINVAL for a key or value of the wrong length too; else as skStorageUpdate and hashMapUpdateElem.
     */
    mapUpdate(fd: number, key: number | Int32Array, value: Int32Array, flags = BPF_ANY): void {
      withMap('BPF_MAP_UPDATE_ELEM', fd, (map) => {
        let err = -EINVAL
        if (value.length === valueWords(cpu.words, map)) {
          err = isStorage(map)
            ? fdUpdateElem(cpu, map, descriptor(cpu, 'BPF_MAP_UPDATE_ELEM', map, key), value, flags)
            : hashMapUpdateElem(cpu, map, keyWords(cpu, 'BPF_MAP_UPDATE_ELEM', map, key), 0, value, flags)
        }
        unwrap('BPF_MAP_UPDATE_ELEM', err, `map ${fd}, ${show(key)}, ${value.length} words, flags ${flags}`)
      })
    },

    /** Removes a value. ENOENT, EBADF, ENOTSOCK, EINVAL for a key of the wrong size. */
    mapDelete(fd: number, key: number | Int32Array): void {
      withMap('BPF_MAP_DELETE_ELEM', fd, (map) => {
        const err = isStorage(map)
          ? fdDeleteElem(cpu, map, descriptor(cpu, 'BPF_MAP_DELETE_ELEM', map, key))
          : hashMapDeleteElem(cpu, map, keyWords(cpu, 'BPF_MAP_DELETE_ELEM', map, key), 0)
        unwrap('BPF_MAP_DELETE_ELEM', err, `map ${fd}, ${show(key)}`)
      })
    },

    /**
     * Lookup and delete in one: for queues and stacks in Linux 5.2, and we have none. EINVAL for flags as mapLookup,
     * EBADF, else ENOTSUPP.
     */
    mapLookupAndDelete(fd: number, _key: number | Int32Array, flags = 0): Int32Array {
      checkLookupFlags('BPF_MAP_LOOKUP_AND_DELETE_ELEM', flags)
      return withMap('BPF_MAP_LOOKUP_AND_DELETE_ELEM', fd, (map) => {
        const noLock = (flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(cpu.words, map)
        throw new BpfError('BPF_MAP_LOOKUP_AND_DELETE_ELEM', noLock ? EINVAL : ENOTSUPP, `map ${fd}`)
      })
    },

    /**
     * Batch operations (BPF_MAP_LOOKUP_BATCH and its three kin, Linux 5.6): for types that have them, and sk storage
     * has none: EBADF, else ENOTSUPP, whatever else is asked. Our hash map, of Linux 5.2, has none either.
     */
    mapBatch(operation: BatchOperation, fd: number): never {
      const name = `BPF_MAP_${operation}_BATCH`
      return withMap(name, fd, () => {
        throw new BpfError(name, ENOTSUPP, `map ${fd}`)
      })
    },

    /**
     * The key behind `key` in a hash map, or the first for null. ENOENT behind the last; ENOTSUPP for sk storage,
     * always.
     */
    mapGetNextKey(fd: number, key: Int32Array | null): Int32Array {
      return withMap('BPF_MAP_GET_NEXT_KEY', fd, (map) => {
        const out = new Int32Array((cpu.words[map + MAP.keySize] + 3) >> 2)
        unwrap(
          'BPF_MAP_GET_NEXT_KEY',
          isStorage(map)
            ? fdGetNextKey()
            : hashMapGetNextKey(cpu, map, key && keyWords(cpu, 'BPF_MAP_GET_NEXT_KEY', map, key), out),
          `map ${fd}`,
        )
        return out
      })
    },

    /**
     * Shows every element of a map of sk storage, inside a read section; returns how many. `show` may return false to
     * stop. EBADF, EINVAL.
     */
    mapIterate(fd: number, show: (sk: Sk, value: Value) => boolean | undefined): number {
      return withMap('BPF_ITER_CREATE', fd, (map) => {
        unwrap('BPF_ITER_CREATE', isStorage(map) ? 0 : -EINVAL, `map ${fd}`)
        return bpfIterSkStorageMap(cpu, map, (_cpu, sk, value) => show(sk, value))
      })
    },
  }
}

/** As in the kernel flags that no lookup knows are refused before the descriptor is looked at. */
function checkLookupFlags(name: string, flags: number): void {
  if (flags !== 0 && flags !== BPF_F_LOCK) throw new BpfError(name, EINVAL, `flags ${flags}`)
}

/** The descriptor that a key of sk storage is. EINVAL for a key of another size. */
function descriptor(cpu: Cpu, name: string, map: BpfMap, key: number | Int32Array): number {
  if (typeof key === 'number') return key
  if (key instanceof Int32Array && key.length === 1) return key[0]
  throw otherKey(cpu, name, map, key, 'a descriptor')
}

/** The words that a key of a hash map is. EINVAL for a key of another size: we are given values, not addresses. */
function keyWords(cpu: Cpu, name: string, map: BpfMap, key: number | Int32Array): Int32Array {
  const count = (cpu.words[map + MAP.keySize] + 3) >> 2
  if (key instanceof Int32Array && key.length === count) return key
  throw otherKey(cpu, name, map, key, `${count} words`)
}

function otherKey(cpu: Cpu, name: string, map: BpfMap, key: number | Int32Array, expected: string): BpfError {
  const type = cpu.words[map + MAP.type]
  return new BpfError(name, EINVAL, `${show(key)} for a map of type ${type}, expected ${expected}`)
}

const show = (key: number | Int32Array) => (key instanceof Int32Array ? `key [${key.join(' ')}]` : `fd ${key}`)
