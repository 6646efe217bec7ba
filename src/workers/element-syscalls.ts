/**
 * The syscalls on the elements of a map. Keys and values are Int32Array of ceil(size / 4) words, as a value type's
 * encode makes them; a key of sk storage is a socket's descriptor.
 */

import { EINVAL, ENOTSUPP, EPERM } from '../shared/errno.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import type { BpfMap, Sk, Value } from '../shared/pointer.ts'
import { MAP } from '../shared/records.ts'
import { bpfIterSkStorageMap } from '../shared/sk-storage-iter.ts'
import { BPF_ANY, BPF_F_LOCK } from '../shared/update-flags.ts'
import { mapValueHasSpinLock } from '../shared/value.ts'
import type { Cpu } from '../sync/cpu.ts'
import { BpfError, unwrap } from './bpf-error.ts'
import { elementsOf, type Key, showKey } from './map-elements.ts'
import type { SyscallEntry } from './syscall-entry.ts'

/** Which of the four batch commands. */
export type BatchOperation = 'LOOKUP' | 'LOOKUP_AND_DELETE' | 'UPDATE' | 'DELETE'

/** Those that find, set, remove and walk, one by one. */
export function elementSyscalls({ cpu, withMap }: SyscallEntry) {
  return {
    /** A copy of the value: for a per-CPU array those of all CPUs. ENOENT, EBADF, ENOTSOCK, EINVAL, also for a key of
     * the wrong size. */
    mapLookup(fd: number, key: Key, flags = 0): Int32Array {
      const name = 'BPF_MAP_LOOKUP_ELEM'
      checkLookupFlags(name, flags)
      return withMap(name, fd, (map) => {
        const call = { cpu, name, map }
        const elements = elementsOf(call)
        const out = new Int32Array(elements.words(call))
        unwrap(name, elements.lookup(call, key, out, flags), `map ${fd}, ${showKey(key)}`)
        return out
      })
    },

    /**
     * Sets a value: for a per-CPU array those of all CPUs. EPERM for a frozen map, EINVAL for a key or value of the
     * wrong length too; else as skStorageUpdate, hashMapUpdateElem and arrayMapUpdateCopy.
     */
    mapUpdate(fd: number, key: Key, value: Int32Array, flags = BPF_ANY): void {
      const name = 'BPF_MAP_UPDATE_ELEM'
      withMap(name, fd, (map) => {
        checkWritable(cpu, name, fd, map)
        const call = { cpu, name, map }
        const elements = elementsOf(call)
        const err = value.length === elements.words(call) ? elements.update(call, key, value, flags) : -EINVAL
        unwrap(name, err, `map ${fd}, ${showKey(key)}, ${value.length} words, flags ${flags}`)
      })
    },

    /** Removes a value. EPERM for a frozen map, ENOENT, EBADF, ENOTSOCK, EINVAL for an array and a key of the wrong
     * size. */
    mapDelete(fd: number, key: Key): void {
      const name = 'BPF_MAP_DELETE_ELEM'
      withMap(name, fd, (map) => {
        checkWritable(cpu, name, fd, map)
        const call = { cpu, name, map }
        unwrap(name, elementsOf(call).remove(call, key), `map ${fd}, ${showKey(key)}`)
      })
    },

    /**
     * The key behind `key` in a hash map or array, or the first for null. ENOENT behind the last; ENOTSUPP for sk
     * storage, always.
     */
    mapGetNextKey(fd: number, key: Int32Array | null): Int32Array {
      const name = 'BPF_MAP_GET_NEXT_KEY'
      return withMap(name, fd, (map) => {
        const out = new Int32Array((cpu.words[map + MAP.keySize] + 3) >> 2)
        const call = { cpu, name, map }
        unwrap(name, elementsOf(call).next(call, key, out), `map ${fd}`)
        return out
      })
    },

    /**
     * Shows every element of a map of sk storage, inside a read section; returns how many. `show` may return false to
     * stop. EBADF, EINVAL.
     */
    mapIterate(fd: number, show: (sk: Sk, value: Value) => boolean | undefined): number {
      return withMap('BPF_ITER_CREATE', fd, (map) => {
        const isStorage = cpu.words[map + MAP.type] === BPF_MAP_TYPE_SK_STORAGE
        unwrap('BPF_ITER_CREATE', isStorage ? 0 : -EINVAL, `map ${fd}`)
        return bpfIterSkStorageMap(cpu, map, (_cpu, sk, value) => show(sk, value))
      })
    },
  }
}

/** Those that no type of map here has. */
export function absentElementSyscalls({ cpu, withMap }: SyscallEntry) {
  return {
    /**
     * Lookup and delete in one: for queues and stacks in Linux 5.2, and we have none. EINVAL for flags as mapLookup,
     * EBADF, EPERM for a frozen map, else ENOTSUPP.
     */
    mapLookupAndDelete(fd: number, _key: Key, flags = 0): Int32Array {
      checkLookupFlags('BPF_MAP_LOOKUP_AND_DELETE_ELEM', flags)
      return withMap('BPF_MAP_LOOKUP_AND_DELETE_ELEM', fd, (map) => {
        checkWritable(cpu, 'BPF_MAP_LOOKUP_AND_DELETE_ELEM', fd, map)
        const noLock = (flags & BPF_F_LOCK) !== 0 && !mapValueHasSpinLock(cpu.words, map)
        throw new BpfError('BPF_MAP_LOOKUP_AND_DELETE_ELEM', noLock ? EINVAL : ENOTSUPP, `map ${fd}`)
      })
    },

    /**
     * Batch operations (BPF_MAP_LOOKUP_BATCH and its three kin, Linux 5.6): for types that have them, and sk storage
     * has none: EBADF, EPERM for a frozen map, else ENOTSUPP, whatever else is asked. Our hash map and arrays, of Linux
     * 5.2, have none either.
     */
    mapBatch(operation: BatchOperation, fd: number): never {
      const name = `BPF_MAP_${operation}_BATCH`
      return withMap(name, fd, (map) => {
        if (operation !== 'LOOKUP') checkWritable(cpu, name, fd, map)
        throw new BpfError(name, ENOTSUPP, `map ${fd}`)
      })
    },
  }
}

/** As in the kernel a frozen map is refused before anything else is looked at. */
function checkWritable({ words }: Cpu, name: string, fd: number, map: BpfMap): void {
  if (Atomics.load(words, map + MAP.frozen) !== 0) throw new BpfError(name, EPERM, `map ${fd}, which is frozen`)
}

/** As in the kernel flags that no lookup knows are refused before the descriptor is looked at. */
function checkLookupFlags(name: string, flags: number): void {
  if (flags !== 0 && flags !== BPF_F_LOCK) throw new BpfError(name, EINVAL, `flags ${flags}`)
}
