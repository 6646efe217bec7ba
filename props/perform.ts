/**
 * What each operation does to the model and to the storage, and which of their answers must be equal.
 */

import { mapCreate, mapGet, mapGetFdById, mapInfo } from '../src/shared/map.ts'
import { mapPut } from '../src/shared/map-ref.ts'
import type { BpfMap, Sk, Value } from '../src/shared/pointer.ts'
import { HEADER } from '../src/shared/records.ts'
import { sockAccept } from '../src/shared/sk-clone.ts'
import { fdDeleteElem, fdLookupElem, fdUpdateElem, skStorageDelete, skStorageGet } from '../src/shared/sk-storage.ts'
import { bpfIterSkStorageMap } from '../src/shared/sk-storage-iter.ts'
import { SOCK_DGRAM, SOCK_STREAM, sockPut, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN } from '../src/shared/sock.ts'
import { socketCreate } from '../src/shared/socket.ts'
import { rcuQuiescentState } from '../src/sync/quiescent-state.ts'
import {
  agree,
  answers,
  barrier,
  checkAtRest,
  close,
  deferredWork,
  fdOf,
  finds,
  type Lockstep,
  program,
  putMap,
  putSocket,
  skHold,
  takeMap,
  takeSocket,
  withMap,
  withSocket,
} from './lockstep.ts'
import * as model from './model.ts'
import { type Element, wordsOf } from './model-state.ts'
import * as storages from './model-storage.ts'
import type { Operation } from './operations.ts'

type Performers = { [Op in Operation['op']]: (both: Lockstep, operation: Extract<Operation, { op: Op }>) => void }

const performers: Performers = {
  mapCreate(both, { request }) {
    const fd = mapCreate(both.cpu, { ...request, name: 'm' })
    answers(both, 'mapCreate', '', fd, model.mapCreate(both.model, request))
    if (fd < 0) return
    const map = mapGet(both.cpu, fd) as BpfMap
    const { id } = both.model.fds.get(fd)!
    both.maps.set(id, map)
    agree('the id of a new map', mapInfo(both.cpu, map).id, id)
    mapPut(both.cpu, map)
  },

  openById(both, { id }) {
    answers(both, 'mapGetFdById', `${id}`, mapGetFdById(both.cpu, id), model.mapGetFdById(both.model, id))
  },

  socketCreate(both, { request }) {
    const { stream, listening, rcuFree } = request
    const state = listening ? TCP_LISTEN : stream ? TCP_ESTABLISHED : TCP_CLOSE
    const fd = socketCreate(both.cpu, { type: stream ? SOCK_STREAM : SOCK_DGRAM, state, rcuFree })
    answers(both, 'socketCreate', '', fd, model.socketCreate(both.model, request))
    noteSocket(both, fd)
  },

  accept(both, { sock }) {
    const listener = fdOf(both, sock, 'socket')
    const fd = sockAccept(both.cpu, listener)
    answers(both, 'sockAccept', `on fd ${listener}`, fd, model.sockAccept(both.model, listener))
    noteSocket(both, fd)
  },

  closeSocket(both, { sock }) {
    close(both, fdOf(both, sock, 'socket'))
  },

  closeMap(both, { map }) {
    close(both, fdOf(both, map, 'map'))
  },

  lookup(both, { map, sock, flags }) {
    withMap(both, map, (id, smap) => {
      const fd = fdOf(both, sock, 'socket')
      const { valueSize } = both.model.maps.get(id)!
      const out = new Int32Array(wordsOf(valueSize)).fill(0x5a5a5a5a)
      const err = fdLookupElem(both.cpu, smap, fd, out, flags)
      const got = err === 0 ? valueWords(out, 0, valueSize) : err
      answers(both, 'fdLookupElem', `at fd ${fd}`, got, model.fdLookupElem(both.model, id, fd, flags))
    })
  },

  update(both, { map, sock, words, flags }) {
    withMap(both, map, (id, smap) => update(both, id, smap, fdOf(both, sock, 'socket'), words, flags))
  },

  delete(both, { map, sock }) {
    withMap(both, map, (id, smap) => {
      const fd = fdOf(both, sock, 'socket')
      answers(
        both,
        'fdDeleteElem',
        `at fd ${fd}`,
        fdDeleteElem(both.cpu, smap, fd),
        model.fdDeleteElem(both.model, id, fd),
      )
    })
  },

  get(both, { map, sock, init, flags, write }) {
    withMap(both, map, (mapId, smap) =>
      withSocket(both, sock, (sockId, sk) =>
        program(both, () => {
          const { value, element } = get(both, mapId, smap, sockId, sk, init, flags)
          if (element !== null && write !== null) writeWord(both, mapId, value, element, write)
        }),
      ),
    )
  },

  deleteByProgram(both, { map, sock }) {
    withMap(both, map, (mapId, smap) =>
      withSocket(both, sock, (sockId, sk) => program(both, () => deleteByProgram(both, mapId, smap, sockId, sk))),
    )
  },

  getAndWatch(both, { map, sock, words, flags }) {
    withMap(both, map, (mapId, smap) =>
      withSocket(both, sock, (sockId, sk) =>
        program(both, () => {
          const { value, element } = get(both, mapId, smap, sockId, sk, null, 1)
          if (element === null) return
          const { valueSize } = both.model.maps.get(mapId)!
          update(both, mapId, smap, fdOf(both, sock, 'socket'), words, flags)
          agree('the value held over an update', valueWords(both.cpu.words, value, valueSize), element.words)
          deleteByProgram(both, mapId, smap, sockId, sk)
          agree('the value held over a delete', valueWords(both.cpu.words, value, valueSize), element.words)
        }),
      ),
    )
  },

  useAfterClose(both, { map, sock, words }) {
    withMap(both, map, (mapId, smap) =>
      program(both, () => {
        const fd = fdOf(both, sock, 'socket')
        const file = both.model.fds.get(fd)
        close(both, fd)
        // Only SOCK_RCU_FREE lets a program that holds no reference look at the socket still.
        if (file?.kind !== 'socket' || !both.model.sockets.has(file.id)) return
        const sk = both.socks.get(file.id)!
        get(both, mapId, smap, file.id, sk, words, 0)
        get(both, mapId, smap, file.id, sk, words, 1)
        deleteByProgram(both, mapId, smap, file.id, sk)
        get(both, mapId, smap, file.id, sk, null, 0)
      }),
    )
  },

  iterate(both, { map, deleting }) {
    withMap(both, map, (id, smap) => {
      const { valueSize } = both.model.maps.get(id)!
      const expected = storages.elementsOf(both.model, id)
      const idOf = new Map([...both.socks].map(([sockId, sk]) => [sk, sockId]))
      const got = new Map<number, number[]>()
      const shown = bpfIterSkStorageMap(both.cpu, smap, (cpu, sk, value) => {
        const sockId = idOf.get(sk) ?? -1
        got.set(sockId, valueWords(cpu.words, value, valueSize))
        if (deleting && sockId > 0) deleteByProgram(both, id, smap, sockId, sk)
        return true
      })
      agree('the elements of the map', got, expected)
      agree('how many the iterator says it showed', shown, expected.size)
    })
  },

  holdMap(both, { map }) {
    const id = takeMap(both, fdOf(both, map, 'map'))
    if (id >= 0) both.heldMaps.push(id)
  },

  putMap(both, { held }) {
    const [id] = both.heldMaps.splice(held % both.heldMaps.length, 1)
    putMap(both, id)
  },

  holdSocket(both, { sock }) {
    const id = takeSocket(both, fdOf(both, sock, 'socket'))
    if (id >= 0) both.heldSocks.push(id)
  },

  putSocket(both, { held }) {
    const [id] = both.heldSocks.splice(held % both.heldSocks.length, 1)
    putSocket(both, id)
  },

  sysctl(both, { optmemMax }) {
    both.model.optmemMax = optmemMax
    both.cpu.words[HEADER.optmemMax] = optmemMax
  },

  deferredWork,

  quiescentState(both) {
    rcuQuiescentState(both.cpu)
  },

  barrier,
}

/** Whether what the operation speaks of is there. */
export function possible(both: Lockstep, operation: Operation): boolean {
  if (operation.op === 'putMap') return both.heldMaps.length > 0
  if (operation.op === 'putSocket') return both.heldSocks.length > 0
  return (
    (!('map' in operation) || finds(both, operation.map, 'map')) &&
    (!('sock' in operation) || finds(both, operation.sock, 'socket'))
  )
}

/** Does an operation to both, then checks them at rest. Throws at the first difference. */
export function perform(both: Lockstep, operation: Operation): void {
  const performer = performers[operation.op] as (both: Lockstep, operation: Operation) => void
  performer(both, operation)
  checkAtRest(both)
}

/** Remembers where the socket lies that an fd now means. */
function noteSocket(both: Lockstep, fd: number): void {
  if (fd < 0) return
  const sk = skHold(both.cpu, fd) as Sk
  both.socks.set(both.model.fds.get(fd)!.id, sk)
  sockPut(both.cpu, sk)
}

function update(both: Lockstep, mapId: number, smap: BpfMap, fd: number, words: number[], flags: number): void {
  const given = new Int32Array(wordsOf(both.model.maps.get(mapId)!.valueSize))
  given.set(words.slice(0, given.length))
  const expected = model.fdUpdateElem(both.model, mapId, fd, words, flags)
  answers(both, 'fdUpdateElem', `at fd ${fd}`, fdUpdateElem(both.cpu, smap, fd, given, flags), expected)
}

function get(
  both: Lockstep,
  mapId: number,
  smap: BpfMap,
  sockId: number,
  sk: Sk,
  init: number[] | null,
  flags: number,
): { value: Value; element: Element | null } {
  const { valueSize } = both.model.maps.get(mapId)!
  const given = init === null ? null : new Int32Array(wordsOf(valueSize))
  given?.set(init!.slice(0, given.length))
  const value = skStorageGet(both.cpu, smap, sk, given, flags)
  const element = storages.bpfSkStorageGet(both.model, mapId, sockId, init, flags)
  const got = value === 0 ? null : valueWords(both.cpu.words, value, valueSize)
  answers(both, 'bpfSkStorageGet', `at socket ${sockId}`, got, element?.words ?? null)
  return { value, element }
}

function deleteByProgram(both: Lockstep, mapId: number, smap: BpfMap, sockId: number, sk: Sk): void {
  const expected = storages.bpfSkStorageDelete(both.model, mapId, sockId)
  answers(both, 'bpfSkStorageDelete', `at socket ${sockId}`, skStorageDelete(both.cpu, smap, sk), expected)
}

/** What a program does with the value it holds: stores into the first word that is no lock. */
function writeWord(both: Lockstep, mapId: number, value: Value, element: Element, write: number): void {
  const { lockOffset, valueSize } = both.model.maps.get(mapId)!
  const word = lockOffset === 0 ? 1 : 0
  if (4 * (word + 1) > valueSize) return
  both.cpu.words[value + word] = write
  element.words[word] = write
}

/** A value's own bytes as words; what lies behind them in the last word is nobody's business. */
function valueWords(from: Int32Array, at: number, valueSize: number): number[] {
  const words = Array.from(from.subarray(at, at + wordsOf(valueSize)))
  const bytesInLast = valueSize % 4
  if (bytesInLast > 0) words[words.length - 1] &= (1 << (8 * bytesInLast)) - 1
  return words
}
