/**
 * Operations as data: what one CPU can ask of sockets, maps and storages, and arbitraries for it.
 *
 * Sockets and maps are named by how many-th open one is meant (modulo how many there are), so that a shrunk list of
 * operations still hits something; now and then by a bare fd, which may be anything. Most requests are valid, some odd,
 * some hostile.
 */

import type { Arbitrary } from 'fast-check'
import fc from './fast-check.ts'
import type { MapRequest, SocketRequest } from './model.ts'
import { BPF_F_CLONE, BPF_F_NO_PREALLOC, BPF_MAP_TYPE_SK_STORAGE, ELEM_CHARGE, STORAGE_CHARGE } from './model-state.ts'

/** The `nth` open fd of the wanted kind, or an `fd` as it is. */
export type FdRef = { nth: number } | { fd: number }

/** A map by fd, as in FdRef, or by a reference that a program `held` since before; closing the fd doesn't end it. */
export type MapRef = FdRef | { held: number }
/** A socket likewise. */
export type SockRef = FdRef | { held: number }

/** One operation. `words` and `init` are values, 32 bits at a time; `flags` are those of the helper or the syscall. */
export type Operation =
  | { op: 'mapCreate'; request: MapRequest }
  | { op: 'openById'; id: number }
  | { op: 'socketCreate'; request: SocketRequest }
  | { op: 'accept'; sock: FdRef }
  | { op: 'closeSocket'; sock: FdRef }
  | { op: 'closeMap'; map: FdRef }
  | { op: 'lookup'; map: MapRef; sock: FdRef; flags: number }
  | { op: 'update'; map: MapRef; sock: FdRef; words: number[]; flags: number }
  | { op: 'delete'; map: MapRef; sock: FdRef }
  /** A program that gets the value and, with `write`, stores that into its first word that is no lock. */
  | { op: 'get'; map: MapRef; sock: SockRef; init: number[] | null; flags: number; write: number | null }
  | { op: 'deleteByProgram'; map: MapRef; sock: SockRef }
  /** A program that holds the value while it is updated by fd, then deleted, and looks at it after each. */
  | { op: 'getAndWatch'; map: MapRef; sock: FdRef; words: number[]; flags: number }
  /** A program that holds a socket's address, in a read section, over its last close. */
  | { op: 'useAfterClose'; map: MapRef; sock: FdRef; words: number[] }
  /** An iterator over the map, which may delete what it is shown. */
  | { op: 'iterate'; map: MapRef; deleting: boolean }
  | { op: 'holdMap'; map: FdRef }
  | { op: 'putMap'; held: number }
  | { op: 'holdSocket'; sock: FdRef }
  | { op: 'putSocket'; held: number }
  /** Somebody writes net.core.optmem_max. */
  | { op: 'sysctl'; optmemMax: number }
  | { op: 'deferredWork' }
  | { op: 'quiescentState' }
  | { op: 'barrier' }

/** What a socket is charged for its first element, of `valueSize` bytes. */
const alone = (valueSize: number) => STORAGE_CHARGE + ELEM_CHARGE + valueSize
/** And for each further one. */
const alsoOf = (valueSize: number) => ELEM_CHARGE + valueSize

/** Limits that a few elements reach, some of them to the byte, and the kernel's defaults. */
export const optmemMax: Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(20480, 131072) },
  { weight: 2, arbitrary: fc.constantFrom(alone(8), alone(8) + 1, alone(16) + alsoOf(8), alone(16) + alsoOf(8) + 1) },
  { weight: 2, arbitrary: fc.integer({ min: 300, max: 1500 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, STORAGE_CHARGE, 65000) },
)

const nth = fc.record({ nth: fc.nat({ max: 3 }) })
const anyFd = fc.record({ fd: fc.oneof(fc.integer({ min: -1, max: 14 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)) })
const held = fc.record({ held: fc.nat({ max: 3 }) })
const fd: Arbitrary<FdRef> = fc.oneof({ weight: 12, arbitrary: nth }, { weight: 1, arbitrary: anyFd })
const fdOrHeld: Arbitrary<MapRef> = fc.oneof({ weight: 4, arbitrary: fd }, { weight: 1, arbitrary: held })

const word = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(-1, 0x7fffffff, -(2 ** 31)))
/** Long enough for all small values; a longer value continues with zeros. */
const words = fc.array(word, { minLength: 4, maxLength: 4 })

const updateFlags = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 0, 0, 1, 2, 4, 5, 6) },
  { weight: 1, arbitrary: fc.constantFrom(3, 7, 8, 12, 2 ** 30, -(2 ** 31), -1) },
)
const lookupFlags = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 4) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 3, 8, -(2 ** 31), -1) },
)
const getFlags = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 1, 1) },
  { weight: 1, arbitrary: fc.constantFrom(2, 3, 4, -1) },
)

/** Value sizes in bytes with the offset of the lock: none, at either end, in the middle; odd ones, large ones. */
const shapes: Pick<MapRequest, 'valueSize' | 'lockOffset'>[] = [
  { valueSize: 8, lockOffset: 4 },
  { valueSize: 8, lockOffset: -1 },
  { valueSize: 12, lockOffset: 0 },
  { valueSize: 16, lockOffset: 4 },
  { valueSize: 4, lockOffset: -1 },
  { valueSize: 4, lockOffset: 0 },
  { valueSize: 1, lockOffset: -1 },
  { valueSize: 13, lockOffset: 8 },
  { valueSize: 600, lockOffset: -1 },
  { valueSize: 20000, lockOffset: 16 },
]

/** What a map may be asked to be. */
export const validMap: Arbitrary<MapRequest> = fc
  .record({
    shape: fc.constantFrom(...shapes),
    flags: fc.constantFrom(BPF_F_NO_PREALLOC, BPF_F_NO_PREALLOC | BPF_F_CLONE),
  })
  .map(({ shape, flags }) => ({
    type: BPF_MAP_TYPE_SK_STORAGE,
    keySize: 4,
    maxEntries: 0,
    btfKeyTypeId: 1,
    btfValueTypeId: 3,
    flags,
    ...shape,
  }))

/** Beyond the edge of one field each, and on the last value before it. */
const edges: Arbitrary<Partial<MapRequest>> = fc.constantFrom(
  ...[0, 3, 8].map((keySize) => ({ keySize })),
  ...[0, 65407, 65408, 2 ** 31 - 1].map((valueSize) => ({ valueSize })),
  ...[-2, 2, 16, 2 ** 31 - 4].map((lockOffset) => ({ lockOffset })),
  ...[1, -1].map((maxEntries) => ({ maxEntries })),
  ...[0, 2, 3, 512, 1025, -1].map((flags) => ({ flags })),
  { type: 99 },
  { btfKeyTypeId: 0 },
  { btfValueTypeId: 0 },
)

/** Valid but for one or two fields. */
const hostileMap: Arbitrary<MapRequest> = fc
  .tuple(validMap, edges, edges)
  .map(([request, one, two]) => ({ ...request, ...one, ...two }))

/** A listener, a connected socket, a datagram socket; mostly dying as their kind does, now and then as the other. */
export const socket: Arbitrary<SocketRequest> = fc
  .record({ kind: fc.constantFrom('listener', 'connected', 'datagram'), odd: fc.nat({ max: 3 }).map((n) => n === 3) })
  .map(({ kind, odd }) => ({
    stream: kind !== 'datagram',
    listening: kind === 'listener',
    rcuFree: (kind !== 'connected') !== odd,
  }))

const op = <Name extends Operation['op']>(name: Name) => fc.constant(name)

/** One operation. Opening is as frequent as closing, and using is more frequent than both. */
export const operation: Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: op('mapCreate'), request: validMap }) },
  { weight: 1, arbitrary: fc.record({ op: op('mapCreate'), request: hostileMap }) },
  { weight: 1, arbitrary: fc.record({ op: op('openById'), id: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ op: op('socketCreate'), request: socket }) },
  { weight: 3, arbitrary: fc.record({ op: op('accept'), sock: fd }) },
  { weight: 2, arbitrary: fc.record({ op: op('closeSocket'), sock: fd }) },
  { weight: 1, arbitrary: fc.record({ op: op('closeMap'), map: fd }) },
  { weight: 8, arbitrary: fc.record({ op: op('lookup'), map: fdOrHeld, sock: fd, flags: lookupFlags }) },
  { weight: 16, arbitrary: fc.record({ op: op('update'), map: fdOrHeld, sock: fd, words, flags: updateFlags }) },
  { weight: 3, arbitrary: fc.record({ op: op('delete'), map: fdOrHeld, sock: fd }) },
  {
    weight: 8,
    arbitrary: fc.record({
      op: op('get'),
      map: fdOrHeld,
      sock: fdOrHeld,
      init: fc.option(words),
      flags: getFlags,
      write: fc.option(word),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: op('deleteByProgram'), map: fdOrHeld, sock: fdOrHeld }) },
  { weight: 2, arbitrary: fc.record({ op: op('getAndWatch'), map: fdOrHeld, sock: fd, words, flags: updateFlags }) },
  { weight: 2, arbitrary: fc.record({ op: op('useAfterClose'), map: fdOrHeld, sock: fd, words }) },
  { weight: 2, arbitrary: fc.record({ op: op('iterate'), map: fdOrHeld, deleting: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: op('holdMap'), map: fd }) },
  { weight: 1, arbitrary: fc.record({ op: op('putMap'), held: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ op: op('holdSocket'), sock: fd }) },
  { weight: 1, arbitrary: fc.record({ op: op('putSocket'), held: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ op: op('sysctl'), optmemMax }) },
  { weight: 1, arbitrary: fc.record({ op: op('deferredWork') }) },
  { weight: 1, arbitrary: fc.record({ op: op('quiescentState') }) },
  { weight: 1, arbitrary: fc.record({ op: op('barrier') }) },
)
