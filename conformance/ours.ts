/**
 * Our side: a machine that understands the oracle's commands and answers in its words.
 *
 * It uses the syscall face on one CPU, so that what is compared is what users call.
 */

import { checkInvariants } from '../src/shared/invariants.ts'
import { BPF_MAP_TYPE_PERCPU_ARRAY } from '../src/shared/map-options.ts'
import { HEADER, SOCK } from '../src/shared/records.ts'
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
import { BpfError } from '../src/workers/bpf-error.ts'
import type { BatchOperation } from '../src/workers/element-syscalls.ts'
import { bytesOf, hexOf, hexOfWords, wordsOf } from './hex.ts'
import { createHandles, flagsOf, type Handles } from './our-handles.ts'
import { looksAt } from './our-looks.ts'
import { programsOf } from './our-programs.ts'
import { OUR_SIZES, withLimit } from './sizes.ts'

const KINDS: Readonly<Record<string, SockOptions>> = {
  udp: { type: SOCK_DGRAM, state: TCP_CLOSE },
  listener: { type: SOCK_STREAM, state: TCP_LISTEN },
  connected: { type: SOCK_STREAM, state: TCP_ESTABLISHED },
  tcp: { type: SOCK_STREAM, state: TCP_CLOSE },
  unix: { type: SOCK_STREAM, state: TCP_CLOSE },
}

const BATCHES: Readonly<Record<string, BatchOperation>> = {
  lookup: 'LOOKUP',
  lookdel: 'LOOKUP_AND_DELETE',
  update: 'UPDATE',
  delete: 'DELETE',
}

type Commands = Readonly<Record<string, (...rest: string[]) => string>>

/** The commands that this machine answers by itself, with those that run programs. */
const commandsOf = (handles: Handles, looks: ReturnType<typeof looksAt>): Commands => ({
  ...mapCommands(handles),
  ...elementCommands(handles, looks),
  ...socketCommands(handles),
  ...(programsOf(handles) as Commands),
})

/** Commands that make types and maps, and tell of them. */
function mapCommands({ sys, fds, ids, fdOf, mapFd }: Handles): Commands {
  return {
    btf(name, hex) {
      const fd = sys().btfLoad(bytesOf(hex))
      fds.set(name, fd)
      ids.set(name, sys().btfInfo(fd).id)
      return 'ok'
    },
    btfinfo: (btf) => `ok ${hexOf(sys().btfInfo(fdOf(btf)).bytes)}`,
    map(name, btf, type, keySize, size, maxEntries, flags, keyType, valueType, text) {
      const options = {
        type: Number(type),
        keySize: Number(keySize),
        valueSize: Number(size),
        maxEntries: Number(maxEntries),
        flags: Number(flags),
        btfFd: mapFd(btf),
        btfKeyTypeId: Number(keyType),
        btfValueTypeId: Number(valueType),
        name: text ?? '',
      }
      const fd = sys().mapCreate(options)
      fds.set(name, fd)
      ids.set(name, sys().mapInfo(fd).id)
      return 'ok'
    },
    byid(name, from) {
      const id = from.startsWith('#') ? Number(from.slice(1)) : (ids.get(from) ?? 0)
      fds.set(name, sys().mapGetFdById(id))
      ids.set(name, id)
      return 'ok'
    },
    info(map) {
      const { type, keySize, valueSize, maxEntries, flags, btfId, btfKeyTypeId, btfValueTypeId, id, name } =
        sys().mapInfo(mapFd(map))
      const btf = [...ids].find(([handle, of]) => handle[0] === 'b' && of === btfId)?.[0] ?? '-'
      const types = [btf, btfKeyTypeId, btfValueTypeId, id === 0 ? 0 : 1]
      return `ok ${[type, keySize, valueSize, maxEntries, flags, ...types].join(' ')} ${name || '-'}`
    },
  }
}

/** Commands about the elements of a map. */
function elementCommands({ sys, mapFd, key, valueSize }: Handles, looks: ReturnType<typeof looksAt>): Commands {
  /** Bytes that an update takes: of a per-CPU array, whose value for our one CPU, rounded up. */
  const syscallSize = (map: string) => {
    const size = looks.valueSize(map)
    if (size === undefined || sys().mapInfo(mapFd(map)).type !== BPF_MAP_TYPE_PERCPU_ARRAY) return size
    return 8 * Math.ceil(size / 8)
  }
  return {
    update(map, sock, value, flags) {
      const fd = mapFd(map)
      // The kernel is given an address and reads as much as it wants; we are given a value, so what is too long is cut
      // here.
      const whole = bytesOf(value)
      const bytes = whole.subarray(0, syscallSize(map) ?? whole.length)
      sys().mapUpdate(fd, key(sock), wordsOf(bytes), flagsOf(flags))
      return 'ok'
    },
    lookup(map, sock, flags) {
      const value = sys().mapLookup(mapFd(map), key(sock), flagsOf(flags))
      return `ok ${hexOfWords(value, valueSize(map))}`
    },
    delete(map, sock) {
      sys().mapDelete(mapFd(map), key(sock))
      return 'ok'
    },
    next(map, sock) {
      sys().mapGetNextKey(mapFd(map), sock === 'null' ? null : Int32Array.of(key(sock)))
      return 'ok'
    },
    freeze(map) {
      sys().mapFreeze(mapFd(map))
      return 'ok'
    },
    lookdel(map, sock, flags) {
      sys().mapLookupAndDelete(mapFd(map), key(sock), flagsOf(flags))
      return 'ok'
    },
    batch: (kind, map) => sys().mapBatch(BATCHES[kind], mapFd(map)),
  }
}

/** Commands that make sockets and end them, and those about the machine as a whole. */
function socketCommands({ sys, words, fds, fdOf, key, withSocket, settle, setCaps }: Handles): Commands {
  return {
    sock(name, kind, family) {
      fds.set(name, sys().socket({ ...KINDS[kind], family: family === '6' ? AF_INET6 : AF_INET }))
      return 'ok'
    },
    accept(name, sock, client) {
      fds.set(name, sys().accept(key(sock)))
      if (client !== undefined) fds.set(client, sys().socket(KINDS.connected))
      return 'ok'
    },
    /** Gives up all capabilities, or takes them back. */
    caps(which) {
      setCaps(which as 'all' | 'none')
      return 'ok'
    },
    omem: (sock) => `ok ${withSocket(sock, (sk) => words[sk + SOCK.omemAlloc])}`,
    optmem(bytes) {
      words[HEADER.optmemMax] = Number(bytes)
      return 'ok'
    },
    close(handle) {
      sys().close(fdOf(handle))
      fds.delete(handle)
      return 'ok'
    },
    settle() {
      settle()
      return 'ok'
    },
  }
}

export type Ours = ReturnType<typeof createOurs>

/** A machine in which nothing is open. */
export function createOurs() {
  const handles = createHandles()
  const { memory, cpu, sys, words, fds, standIns, settle } = handles
  const looks = looksAt(handles)
  const commands = commandsOf(handles, looks)

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
      const limit = words[HEADER.optmemMax]
      words[HEADER.optmemMax] = 1 << 30
      try {
        return act()
      } finally {
        words[HEADER.optmemMax] = limit
      }
    },

    limit: () => words[HEADER.optmemMax],

    isCapable: handles.isCapable,

    ...looks,

    /** Closes everything and returns what is wrong then: broken invariants, leaks. */
    finish(): string[] {
      settle()
      const wrong = checkInvariants(cpu)
      for (const fd of [...fds.values(), ...Object.values(standIns)]) sys().close(fd)
      settle()
      const left = Object.entries(liveObjects(memory)).filter(([, count]) => count !== 0)
      return [...wrong, ...left.map(([kind, count]) => `${count} ${kind} left`)]
    },
  }
}
