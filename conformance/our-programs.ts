/**
 * Our side's programs, iterators and dumps.
 */

import type { Sk } from '../src/shared/pointer.ts'
import { skStorageDelete, skStorageGet } from '../src/shared/sk-storage.ts'
import { SK_DIAG_BPF_STORAGE_REQ_MAP_FD } from '../src/shared/sk-storage-diag.ts'
import { SOCK_DGRAM, SOCK_STREAM, TCP_CLOSE } from '../src/shared/sock.ts'
import { sockDiagDump } from '../src/shared/sock-diag.ts'
import { bytesOf, hexOfWords, wordsOf } from './hex.ts'
import { flagsOf, type Handles } from './our-handles.ts'

/** What an iterator shows of a value, at most, as the oracle's does. */
const SHOWN = 1024

/** The commands that run programs on this machine. */
export function programsOf(handles: Handles) {
  const { cpu, sys, words, key, withMap, withSocket, sockOf } = handles

  return {
    /** The oracle's program walks its descriptors, and one that is no socket it passes by. */
    prog(what: string, map: string, sock: string, flags = '0', init = '-', writeOffset = '-1', write?: string): string {
      if (what === 'get' && sockOf(key(sock)) === 0) return withMap(map, () => 'ok null')
      if (what === 'get') return progGet(handles, map, sock, flags, init, writeOffset, write)
      const err = withMap(map, (smap) =>
        withSocket(sock, (sk) => sys().readSection(() => skStorageDelete(cpu, smap, sk))),
      )
      return err < 0 ? `err ${-err}` : 'ok'
    },
    testrun: (map: string, ...steps: string[]) => testRun(handles, map, steps),
    egress(map: string, sock: string): string {
      return withMap(map, (smap) =>
        withSocket(sock, (sk) => {
          const value = skStorageGet(cpu, smap, sk, null, 1)
          if (value !== 0) words[value]++
          return 'ok'
        }),
      )
    },
    iter: (map: string, deletes?: string) => iterate(handles, map, deletes !== undefined),
    dump: (protocol: string, ...specs: string[]) => dump(handles, protocol, specs),
  }
}

function progGet(
  handles: Handles,
  map: string,
  sock: string,
  flags: string,
  init: string,
  writeOffset: string,
  write?: string,
): string {
  const { cpu, sys, words, valueSize, withMap, withSocket } = handles
  const size = valueSize(map)
  const given = init === '-' ? null : wordsOf(bytesOf(init).slice(0, size))
  return withMap(map, (smap) =>
    withSocket(sock, (sk) =>
      sys().readSection(() => {
        const value = skStorageGet(cpu, smap, sk, given, flagsOf(flags))
        if (value === 0) return 'ok null'
        const found = words.slice(value, value + Math.ceil(size / 4))
        if (write !== undefined && Number(writeOffset) >= 0) words[value + Number(writeOffset) / 4] = Number(write)
        return `ok ${hexOfWords(found, size)}`
      }),
    ),
  )
}

function testRun(handles: Handles, map: string, steps: string[]): string {
  const { cpu, sys, fds, sockOf, withMap } = handles
  const fd = sys().socket({ state: TCP_CLOSE })
  try {
    fds.set('dummy', fd)
    return withMap(map, (smap) =>
      sys().readSection(() => {
        const sk = sockOf(fd) as Sk
        const digits = steps.map((step) => {
          if (step[0] === 'g') return skStorageGet(cpu, smap, sk, null, Number(step.slice(1))) === 0 ? 0 : 1
          const err = skStorageDelete(cpu, smap, sk)
          return err === 0 ? 0 : err === -2 ? 2 : 3
        })
        return `ok ${digits.join('')}`
      }),
    )
  } finally {
    fds.delete('dummy')
    sys().close(fd)
  }
}

function iterate(handles: Handles, map: string, deletes: boolean): string {
  const { cpu, sys, words, mapFd, nameOf, valueSize, withMap } = handles
  const size = Math.min(SHOWN, valueSize(map))
  const shown: string[] = []
  withMap(map, (smap) => {
    sys().mapIterate(mapFd(map), (sk, value) => {
      const copy = words.slice(value, value + Math.ceil(size / 4))
      shown.push(`${nameOf(sk)}=${hexOfWords(copy, size)}`)
      if (deletes) skStorageDelete(cpu, smap, sk)
      return true
    })
  })
  return ['ok', ...shown].join(' ')
}

/**
 * As the oracle asks: "none", "all", or maps, with "short:" in front for an attribute of two bytes and "odd:" for one
 * of an unknown kind.
 */
function dump(handles: Handles, protocol: string, specs: string[]): string {
  const { cpu, mapFd, nameOf, isCapable } = handles
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
  const err = sockDiagDump(cpu, { type, storages, room: 0, capable: isCapable() }, ({ sk, state, storages }) => {
    const name = nameOf(sk)
    const values = storages.map(({ mapId, value, size }) => `m${handleById(handles, mapId)}=${hexOfWords(value, size)}`)
    if (name !== undefined) shown.push([`${name}:${state}`, ...values].join(','))
  })
  return ['dump', ...shown, 'end', -err].join(' ')
}

/** The first open handle of a map, or -1. */
function handleById(handles: Handles, id: number): number {
  const { fds, ids } = handles
  const numbers = [...fds.keys()]
    .filter((name) => name[0] === 'm' && ids.get(name) === id)
    .map((name) => Number(name.slice(1)))
  return numbers.length === 0 ? -1 : Math.min(...numbers)
}
