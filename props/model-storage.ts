/**
 * The sequential model's storages: elements found, put, removed, cloned and listed, given a map and a socket.
 *
 * A program's helpers stand here as they are called; the calls by fd are in model.ts and end here too.
 */

import {
  BPF_EXIST,
  BPF_F_LOCK,
  BPF_NOEXIST,
  BPF_SK_STORAGE_GET_F_CREATE,
  EEXIST,
  EINVAL,
  ELEM_CHARGE,
  type Element,
  ENOENT,
  ENOMEM,
  type Model,
  omemAlloc,
  type SkMap,
  type Socket,
  STORAGE_CHARGE,
  wordsOf,
} from './model-state.ts'

/** Flags as the kernel takes them, a u64: a bit that a 32-bit operator would drop or turn into a sign is still set. */
export function u64(flags: number): bigint {
  return BigInt.asUintN(64, BigInt(flags))
}

/** True if BPF_F_LOCK is asked for of values that have no lock. */
export function locksWithoutLock(map: SkMap, flags: number): boolean {
  return (u64(flags) & BigInt(BPF_F_LOCK)) !== 0n && map.lockOffset < 0
}

/** What a map keeps of a caller's words: the value's own bytes, without the lock. Missing words are 0. */
function kept(map: SkMap, from: readonly number[]): number[] {
  const words = Array.from({ length: wordsOf(map.valueSize) }, (_, i) => (from[i] ?? 0) | 0)
  const bytesInLast = map.valueSize % 4
  if (bytesInLast > 0) words[words.length - 1] &= (1 << (8 * bytesInLast)) - 1
  if (map.lockOffset >= 0) words[map.lockOffset / 4] = 0
  return words
}

/** The element of a map on a socket, or undefined. */
export function skStorageLookup(model: Model, mapId: number, sockId: number): Element | undefined {
  return model.sockets.get(sockId)!.elements.get(mapId)
}

/** Adds an element if the socket's option memory allows it: 0, or -ENOMEM with nothing changed. */
function add(model: Model, mapId: number, socket: Socket, from: readonly number[]): number {
  const map = model.maps.get(mapId)!
  // The kernel charges the element, then the storage, each below the limit; since a charge only grows, the sum decides.
  const charge = ELEM_CHARGE + map.valueSize + (socket.elements.size === 0 ? STORAGE_CHARGE : 0)
  if (omemAlloc(model, socket) + charge >= model.optmemMax) return -ENOMEM
  socket.elements.set(mapId, { words: kept(map, from) })
  return 0
}

/**
 * `sk_storage_update`. Returns 0, or
 * - -EINVAL for flags that are none of ANY, NOEXIST, EXIST with or without F_LOCK, or F_LOCK without a lock in the
 *   value;
 * - -ENOENT for EXIST on an absent element, -EEXIST for NOEXIST on a present one;
 * - -ENOMEM if the socket may not be charged for a new element. Replacing one charges nothing.
 */
export function skStorageUpdate(
  model: Model,
  mapId: number,
  sockId: number,
  from: readonly number[],
  flags: number,
): number {
  const map = model.maps.get(mapId)!
  const socket = model.sockets.get(sockId)!
  const presence = u64(flags) & ~BigInt(BPF_F_LOCK)
  if (presence > BPF_EXIST || locksWithoutLock(map, flags)) return -EINVAL
  const old = socket.elements.get(mapId)
  if (old === undefined) return presence === BigInt(BPF_EXIST) ? -ENOENT : add(model, mapId, socket, from)
  if (presence === BigInt(BPF_NOEXIST)) return -EEXIST
  // With F_LOCK a program that holds the old value sees it change; without, it keeps the old value and a new one comes.
  if ((flags & BPF_F_LOCK) !== 0) old.words = kept(map, from)
  else socket.elements.set(mapId, { words: kept(map, from) })
  return 0
}

/** Removes an element: 0, or -ENOENT. Whoever holds it keeps what it held. */
export function skStorageDelete(model: Model, mapId: number, sockId: number): number {
  return model.sockets.get(sockId)!.elements.delete(mapId) ? 0 : -ENOENT
}

/**
 * `bpf_sk_storage_get`: the element, or null for any reason: flags other than 0 and F_CREATE (even if the element is
 * there), absent without F_CREATE, absent on a dying socket, no memory to charge. A new value starts as `init`, or 0.
 */
export function bpfSkStorageGet(
  model: Model,
  mapId: number,
  sockId: number,
  init: readonly number[] | null,
  flags: number,
): Element | null {
  if (u64(flags) > BPF_SK_STORAGE_GET_F_CREATE) return null
  const found = skStorageLookup(model, mapId, sockId)
  if (found !== undefined) return found
  // C14: nothing is added to a socket that nobody holds any more.
  if (flags !== BPF_SK_STORAGE_GET_F_CREATE || model.sockets.get(sockId)!.refs === 0) return null
  if (skStorageUpdate(model, mapId, sockId, init ?? [], BPF_NOEXIST) < 0) return null
  return skStorageLookup(model, mapId, sockId)!
}

/** `bpf_sk_storage_delete`: 0, or -ENOENT for an absent element and for any element of a dying socket. */
export function bpfSkStorageDelete(model: Model, mapId: number, sockId: number): number {
  if (model.sockets.get(sockId)!.refs === 0) return -ENOENT
  return skStorageDelete(model, mapId, sockId)
}

/**
 * `bpf_sk_storage_clone`: gives a new socket a copy of each of its listener's elements whose map has BPF_F_CLONE and is
 * not dying (C15). Returns 0, or -ENOMEM when the child may not be charged for them; the caller frees the child then.
 * Sequentially that takes an `optmemMax` lowered since: a child is never charged more than its listener was.
 */
export function bpfSkStorageClone(model: Model, listenerId: number, childId: number): number {
  const child = model.sockets.get(childId)!
  for (const [mapId, element] of model.sockets.get(listenerId)!.elements) {
    const map = model.maps.get(mapId)!
    if (!map.clone || map.refs === 0) continue
    const err = add(model, mapId, child, element.words)
    if (err < 0) return err
  }
  return 0
}

/** What an iterator over a map meets: the ids of the living sockets that have an element of it, each with its value. */
export function elementsOf(model: Model, mapId: number): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const [sockId, socket] of model.sockets) {
    const element = socket.elements.get(mapId)
    if (element !== undefined && socket.refs > 0) found.set(sockId, element.words.slice())
  }
  return found
}
