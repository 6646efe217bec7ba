/**
 * C2, C10 to C13: a socket is destroyed while a map of it is freed. Both remove the same element; one of them frees it.
 */

import { setting } from './setting.ts'
import { freeMap, lastPut } from './steps.ts'

const threads = [lastPut(0), freeMap(1)]

/** A socket that is destroyed at once. */
export const socketDeathAgainstMapFree = { setup: () => setting({ elements: 1 }), threads }

/** A SOCK_RCU_FREE socket. */
export const rcuSocketDeathAgainstMapFree = { setup: () => setting({ elements: 1, rcuFree: true }), threads }

/** With an element of another map beside it. */
export const socketDeathOfTwoMaps = { setup: () => setting({ maps: 2, elements: 2 }), threads }

/** C12: two sockets have elements of the map, and one of them dies: the sweep goes on where its first element went. */
export const oneOfTwoSocketsDies = { setup: () => setting({ sockets: 2, elements: 1 }), threads }
