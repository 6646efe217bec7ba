/**
 * Looks at a socket's storage from outside, while all CPUs are between two rounds.
 */

import { MAP, SELEM, SK_STORAGE, SOCK } from '../../../dist/src/shared/records.js'
import { STORAGE_CHARGE } from '../../../dist/src/shared/sk-storage-elem.js'

/** The elements on a socket's list, oldest last. */
export function elementsOf(words, sk) {
  const storage = words[sk + SOCK.storage]
  const found = []
  if (storage === 0) return found
  for (let node = words[storage + SK_STORAGE.list]; node !== 0; node = words[node]) found.push(node - SELEM.snode)
  return found
}

/**
 * What is wrong with a socket at rest, in one sentence, or undefined: a storage exists exactly while there are
 * elements, and the charge is their sum.
 */
export function wrongWith(words, sk) {
  const storage = words[sk + SOCK.storage]
  const elements = elementsOf(words, sk)
  const maps = new Set()
  let charge = storage === 0 ? 0 : STORAGE_CHARGE
  for (const selem of elements) {
    const map = words[selem + SELEM.sdata]
    if (maps.has(map)) return `two elements of the map at ${map}`
    maps.add(map)
    charge += words[map + MAP.elemSize]
    if (words[selem + SELEM.mapNode + 1] === 0) return `element ${selem} is on its socket's list and on no bucket`
    if (words[selem + SELEM.storage] !== storage) return `element ${selem} names another storage`
  }
  if (storage !== 0 && elements.length === 0) return 'a storage without elements'
  if (storage !== 0 && words[storage + SK_STORAGE.sk] !== sk) return 'the storage names another socket'
  if (storage !== 0 && words[storage + SK_STORAGE.lock] !== 0) return 'the lock of the storage is held'
  if (words[sk + SOCK.omemAlloc] !== charge) return `charged ${words[sk + SOCK.omemAlloc]} bytes, expected ${charge}`
  return undefined
}
