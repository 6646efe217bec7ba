/**
 * Our side: a machine that understands the oracle's commands and answers in its words.
 *
 * It uses the syscall face on one CPU, so that what is compared is what users call. Where the kernel has kinds of descriptors
 * that we have not (BTF objects, files), one of the other kind stands in: a map where a socket is wanted, a socket where a map is.
 */

import { parseBtf } from '../src/shared/btf-parse.ts'
import type { Btf } from '../src/shared/btf-record.ts'
import { cpuOf } from '../src/shared/cpu-of.ts'
import { fileObject, fput, sockfdLookup } from '../src/shared/fd-table.ts'
import { checkInvariants } from '../src/shared/invariants.ts'
import { mapGet } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import { createMemory } from '../src/shared/memory.ts'
import type { BpfMap, File, Sk } from '../src/shared/pointer.ts'
import { HEADER, MAP, SDATA, SELEM, SK_STORAGE, SOCK } from '../src/shared/records.ts'
import { bpfSkStorageDelete, bpfSkStorageGet } from '../src/shared/sk-storage.ts'
import { SK_DIAG_BPF_STORAGE_REQ_MAP_FD } from '../src/shared/sk-storage-diag.ts'
import { skStorageLookup } from '../src/shared/sk-storage-lookup.ts'
import { BPF_F_CLONE } from '../src/shared/sk-storage-map.ts'
import { liveObjects } from '../src/shared/slab.ts'
import {
  AF_INET,
  AF_INET6,
  SOCK_DGRAM,
  SOCK_STREAM,
  type SockOptions,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '../src/shared/sock.ts'
import { sockDiagDump } from '../src/shared/sock-diag.ts'
import { copyValueOut, valueWords } from '../src/shared/value.ts'
import { runDeferredWork } from '../src/sync/deferred-work.ts'
import { rcuOnline } from '../src/sync/quiescent-state.ts'
import { rcuBarrier } from '../src/sync/synchronize-rcu.ts'
import { BpfError } from '../src/workers/bpf-error.ts'
import { syscallsOf } from '../src/workers/syscalls.ts'
import { bytesOf, hexOfWords, wordsOf } from './hex.ts'
import { OUR_SIZES, withLimit } from './sizes.ts'

const KINDS: Readonly<Record<string, SockOptions>> = {
  udp: { type: SOCK_DGRAM, state: TCP_CLOSE },
  listener: { type: SOCK_STREAM, state: TCP_LISTEN },
  connected: { type: SOCK_STREAM, state: TCP_ESTABLISHED },
  tcp: { type: SOCK_STREAM, state: TCP_CLOSE },
  unix: { type: SOCK_STREAM, state: TCP_CLOSE },
}

/** What an iterator shows of a value, at most, as the oracle's does. */
const SHOWN = 1024
/** A u64 of flags as a number: all ones is -1, so that each bit a caller can set is still set. */
const flagsOf = (text = '0') => Number(BigInt.asIntN(64, BigInt(text)))

/** Beyond any table. */
const CLOSED_FD = 1_000_000

export type Ours = ReturnType<typeof createOurs>

/** A machine in which nothing is open. */
export function createOurs() {
  const memory = createMemory({ cpus: 1, bytes: 8 << 20, maxFds: 512, sanitize: true, unshared: true })
  const cpu = cpuOf(memory, 0)
  rcuOnline(cpu)
  const sys = syscallsOf(cpu)
  const { words } = cpu
  const fds = new Map<string, number>()
  const ids = new Map<string, number>()
  const btfs = new Map<string, Btf>()
  const aMap = sys.mapCreate({ type: 1, keySize: 4, valueSize: 4, maxEntries: 1, flags: 0 })
  const aSocket = sys.socket()

  const fdOf = (handle: string): number => {
    if (handle === 'closed') return CLOSED_FD
    if (/^[ms]\d/.test(handle)) return fds.get(handle) ?? CLOSED_FD
    return Number(handle)
  }
  const mapFd = (handle: string) => (handle === 'file' || /^b\d/.test(handle) ? aSocket : fdOf(handle))
  const key = (handle: string) => (handle === 'file' || /^b\d/.test(handle) ? aMap : fdOf(handle))

  function withMap<T>(handle: string, act: (map: BpfMap) => T): T {
    const map = mapGet(cpu, mapFd(handle))
    if (map < 0) throw new BpfError('map', map, handle)
    try {
      return act(map as BpfMap)
    } finally {
      mapPut(cpu, map as BpfMap)
    }
  }

  function withSocket<T>(handle: string, act: (sk: Sk) => T): T {
    const file = sockfdLookup(cpu, key(handle))
    if (file < 0) throw new BpfError('socket', file, handle)
    try {
      return act(fileObject(cpu, file as File) as Sk)
    } finally {
      fput(cpu, file as File)
    }
  }

  const valueSize = (handle: string) => withMap(handle, (map) => words[map + MAP.valueSize]!)
  const sizeOf = (fd: number) => {
    try {
      return sys.mapInfo(fd).valueSize
    } catch {
      return undefined
    }
  }
  const nameOf = (sk: Sk) => [...fds].find(([name, fd]) => name[0] === 's' && sockOf(fd) === sk)?.[0]
  const sockOf = (fd: number) => {
    const file = sockfdLookup(cpu, fd)
    if (file < 0) return 0
    const sk = fileObject(cpu, file as File)
    fput(cpu, file as File)
    return sk
  }

  function settle(): void {
    runDeferredWork(cpu)
    rcuBarrier(cpu)
    rcuBarrier(cpu)
  }

  function progGet(
    map: string,
    sock: string,
    flags: string,
    init: string,
    writeOffset: string,
    write?: string,
  ): string {
    const size = valueSize(map)
    const given = init === '-' ? null : wordsOf(bytesOf(init).slice(0, size))
    return withMap(map, (smap) =>
      withSocket(sock, (sk) =>
        sys.readSection(() => {
          const value = bpfSkStorageGet(cpu, smap, sk, given, flagsOf(flags))
          if (value === 0) return 'ok null'
          const found = words.slice(value, value + Math.ceil(size / 4))
          const lock = words[smap + MAP.lockOffset]! >> 2
          if (lock >= 0) found[lock] = 0
          if (write !== undefined && Number(writeOffset) >= 0) words[value + Number(writeOffset) / 4] = Number(write)
          return `ok ${hexOfWords(found, size)}`
        }),
      ),
    )
  }

  function testRun(map: string, steps: string[]): string {
    const fd = sys.socket({ state: TCP_CLOSE })
    try {
      fds.set('dummy', fd)
      return withMap(map, (smap) =>
        sys.readSection(() => {
          const sk = sockOf(fd) as Sk
          const digits = steps.map((step) => {
            if (step[0] === 'g') return bpfSkStorageGet(cpu, smap, sk, null, Number(step.slice(1))) === 0 ? 0 : 1
            const err = bpfSkStorageDelete(cpu, smap, sk)
            return err === 0 ? 0 : err === -2 ? 2 : 3
          })
          return `ok ${digits.join('')}`
        }),
      )
    } finally {
      fds.delete('dummy')
      sys.close(fd)
    }
  }

  function iterate(map: string, deletes: boolean): string {
    const size = Math.min(SHOWN, valueSize(map))
    const shown: string[] = []
    withMap(map, (smap) => {
      const lock = words[smap + MAP.lockOffset]! >> 2
      sys.mapIterate(mapFd(map), (sk, value) => {
        const copy = words.slice(value, value + Math.ceil(size / 4))
        if (lock >= 0 && lock < copy.length) copy[lock] = 0
        shown.push(`${nameOf(sk)}=${hexOfWords(copy, size)}`)
        if (deletes) bpfSkStorageDelete(cpu, smap, sk)
        return true
      })
    })
    return ['ok', ...shown].join(' ')
  }

  /** As the oracle asks: "none", "all", or maps, with "short:" in front for an attribute of two bytes and "odd:" for one of an unknown kind. */
  function dump(protocol: string, specs: string[]): string {
    const attributes = specs.map((spec) => {
      const [how, handle] = spec.includes(':') ? (spec.split(':') as [string, string]) : ['', spec]
      return {
        type: how === 'odd' ? 9 : SK_DIAG_BPF_STORAGE_REQ_MAP_FD,
        length: how === 'short' ? 2 : 4,
        fd: mapFd(handle),
      }
    })
    const storages = specs[0] === 'none' ? null : specs[0] === 'all' || specs.length === 0 ? [] : attributes
    const shown: string[] = []
    const type = protocol === 'udp' ? SOCK_DGRAM : SOCK_STREAM
    // Room for nothing at first, so that the size is learnt each time there is one to learn.
    const err = sockDiagDump(cpu, { type, storages, room: 0 }, ({ sk, state, storages }) => {
      const name = nameOf(sk)
      const values = storages.map(({ mapId, value, size }) => `m${handleById(mapId)}=${hexOfWords(value, size)}`)
      if (name !== undefined) shown.push([`${name}:${state}`, ...values].join(','))
    })
    return ['dump', ...shown, 'end', -err].join(' ')
  }

  /** The first open handle of a map, or -1. */
  function handleById(id: number): number {
    const numbers = [...fds.keys()]
      .filter((name) => name[0] === 'm' && ids.get(name) === id)
      .map((name) => Number(name.slice(1)))
    return numbers.length === 0 ? -1 : Math.min(...numbers)
  }

  const commands: Readonly<Record<string, (...rest: string[]) => string>> = {
    btf(name, hex) {
      btfs.set(name!, parseBtf(bytesOf(hex!)))
      return 'ok'
    },
    map(name, btf, type, keySize, size, maxEntries, flags, keyType, valueType, text) {
      const options = {
        type: Number(type),
        keySize: Number(keySize),
        valueSize: Number(size),
        maxEntries: Number(maxEntries),
        flags: Number(flags),
        btf: btfs.get(btf!),
        btfKeyTypeId: Number(keyType),
        btfValueTypeId: Number(valueType),
        name: text ?? '',
      }
      const fd = sys.mapCreate(options)
      fds.set(name!, fd)
      ids.set(name!, sys.mapInfo(fd).id)
      return 'ok'
    },
    byid(name, from) {
      const id = from!.startsWith('#') ? Number(from!.slice(1)) : (ids.get(from!) ?? 0)
      fds.set(name!, sys.mapGetFdById(id))
      ids.set(name!, id)
      return 'ok'
    },
    info(map) {
      const { type, keySize, valueSize, maxEntries, flags, btfKeyTypeId, btfValueTypeId, id, name } = sys.mapInfo(
        mapFd(map!),
      )
      const ids = [btfKeyTypeId, btfValueTypeId, id === 0 ? 0 : 1, btfValueTypeId === 0 ? 0 : 1]
      return `ok ${[type, keySize, valueSize, maxEntries, flags, ...ids].join(' ')} ${name || '-'}`
    },
    sock(name, kind, family) {
      fds.set(name!, sys.socket({ ...KINDS[kind!], family: family === '6' ? AF_INET6 : AF_INET }))
      return 'ok'
    },
    accept(name, sock) {
      fds.set(name!, sys.accept(key(sock!)))
      return 'ok'
    },
    update(map, sock, value, flags) {
      const fd = mapFd(map!)
      // The kernel is given an address and reads as much as it wants; we are given a value, so what is too long is cut here.
      const whole = bytesOf(value!)
      const bytes = whole.subarray(0, sizeOf(fd) ?? whole.length)
      sys.mapUpdate(fd, key(sock!), wordsOf(bytes), flagsOf(flags))
      return 'ok'
    },
    lookup(map, sock, flags) {
      const value = sys.mapLookup(mapFd(map!), key(sock!), flagsOf(flags))
      return `ok ${hexOfWords(value, valueSize(map!))}`
    },
    delete(map, sock) {
      sys.mapDelete(mapFd(map!), key(sock!))
      return 'ok'
    },
    next(map, sock) {
      sys.mapGetNextKey(mapFd(map!), sock === 'null' ? null : Int32Array.of(key(sock!)))
      return 'ok'
    },
    lookdel(map, sock, flags) {
      sys.mapLookupAndDelete(mapFd(map!), key(sock!), flagsOf(flags))
      return 'ok'
    },
    batch(_kind, map) {
      return withMap(map!, () => 'err 524')
    },
    prog(what, map, sock, flags, init, writeOffset, write) {
      // The oracle's program walks its descriptors, and a closed one it does not meet.
      if (what === 'get' && sockOf(key(sock!)) === 0) return withMap(map!, () => 'ok null')
      if (what === 'get') return progGet(map!, sock!, flags!, init!, writeOffset!, write)
      const err = withMap(map!, (smap) =>
        withSocket(sock!, (sk) => sys.readSection(() => bpfSkStorageDelete(cpu, smap, sk))),
      )
      return err < 0 ? `err ${-err}` : 'ok'
    },
    testrun: (map, ...steps) => testRun(map!, steps),
    egress(map, sock) {
      return withMap(map!, (smap) =>
        withSocket(sock!, (sk) => {
          const value = bpfSkStorageGet(cpu, smap, sk, null, 1)
          if (value !== 0) words[value]!++
          return 'ok'
        }),
      )
    },
    iter: (map, deletes) => iterate(map!, deletes !== undefined),
    dump: (protocol, ...specs) => dump(protocol!, specs),
    omem: (sock) => `ok ${withSocket(sock!, (sk) => words[sk + SOCK.omemAlloc])}`,
    optmem(bytes) {
      words[HEADER.optmemMax] = Number(bytes)
      return 'ok'
    },
    close(handle) {
      sys.close(fdOf(handle!))
      fds.delete(handle!)
      return 'ok'
    },
    settle() {
      settle()
      return 'ok'
    },
  }

  return {
    /** Runs one command: the answer in the oracle's words. */
    run(line: string): string {
      const [command, ...rest] = withLimit(line, OUR_SIZES).split(' ') as [string, ...string[]]
      const act = commands[command]
      if (act === undefined) throw new Error(`unknown command ${command}`)
      try {
        return act(...rest)
      } catch (error) {
        if (error instanceof BpfError) return `err ${error.errno}`
        throw error
      }
    },

    /** What `act` does under another limit. */
    unlimited<T>(act: () => T): T {
      const limit = words[HEADER.optmemMax]!
      words[HEADER.optmemMax] = 1 << 30
      try {
        return act()
      } finally {
        words[HEADER.optmemMax] = limit
      }
    },

    limit: () => words[HEADER.optmemMax]!,

    /** The value of a map at a socket, found without filling a cache; undefined if there is none. */
    peek(map: string, sock: string): string | undefined {
      try {
        return withMap(map, (smap) =>
          withSocket(sock, (sk) =>
            sys.readSection(() => {
              const sdata = skStorageLookup(cpu, smap, sk, false)
              if (sdata === 0) return undefined
              const out = new Int32Array(valueWords(words, smap))
              copyValueOut(cpu, smap, sdata + SDATA.value, out)
              return hexOfWords(out, words[smap + MAP.valueSize]!)
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
        return valueSize(map)
      } catch {
        return undefined
      }
    },

    /** Byte offset of the lock in an open map's values, or -1. */
    lockOffset(map: string): number {
      try {
        return withMap(map, (smap) => words[smap + MAP.lockOffset]!)
      } catch {
        return -1
      }
    },

    /** The value sizes of a socket's elements, or only of those that a child of it would inherit. */
    valueSizes(sock: string, inherited = false): number[] {
      try {
        return withSocket(sock, (sk) => {
          const storage = words[sk + SOCK.storage]!
          const sizes: number[] = []
          for (let node = storage === 0 ? 0 : words[storage + SK_STORAGE.list]!; node !== 0; node = words[node]!) {
            const map = words[node - SELEM.snode + SELEM.sdata]!
            if (!inherited || (words[map + MAP.flags]! & BPF_F_CLONE) !== 0) sizes.push(words[map + MAP.valueSize]!)
          }
          return sizes
        })
      } catch {
        return []
      }
    },

    /** Closes everything and returns what is wrong then: broken invariants, leaks. */
    finish(): string[] {
      settle()
      const wrong = checkInvariants(cpu)
      for (const fd of [...fds.values(), aMap, aSocket]) sys.close(fd)
      settle()
      const left = Object.entries(liveObjects(memory)).filter(([, count]) => count !== 0)
      return [...wrong, ...left.map(([kind, count]) => `${count} ${kind} left`)]
    },
  }
}
