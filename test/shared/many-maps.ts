/** A socket with elements of many maps, more than the cache has slots if need be, and the lookup that finds them. */

import { expect } from 'vitest'
import type { BpfMap, Sdata, Sk } from '../../src/shared/pointer.ts'
import { fdUpdateElem } from '../../src/shared/sk-storage.ts'
import { skStorageLookup } from '../../src/shared/sk-storage-lookup.ts'
import { type House, house, reading, socket, storageMap } from './setting.ts'

/** A socket with an element of each of `count` maps, the value of map i being i. */
export function socketWithMaps(count: number, options = {}) {
  const here = house(options)
  const { cpu } = here
  const maps = Array.from({ length: count }, () => storageMap(cpu))
  const { fd, sk } = socket(cpu)
  for (const [i, { map }] of maps.entries()) expect(fdUpdateElem(cpu, map, fd, Int32Array.of(i), 0)).toBe(0)
  return { ...here, fd, sk, mapFds: maps.map((each) => each.fd), maps: maps.map((each) => each.map) }
}

/** The element that CPU 0 finds, in a read section. */
export function lookup({ cpu }: House, map: BpfMap, sk: Sk, cacheit = true): Sdata {
  return reading(cpu, () => skStorageLookup(cpu, map, sk, cacheit))
}
