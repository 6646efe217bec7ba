/**
 * C11: a map is freed while a program that found it just before adds an element of it.
 */

import { createInFlightAgainstMapFree } from '../../props/scenarios/map-free.ts'
import type { Setting } from '../../props/scenarios/setting.ts'
import { SOCK } from '../../src/shared/records.ts'

/** Whatever was added in time is swept away. */
export const createAgainstMapFree = {
  ...createInFlightAgainstMapFree,
  outcome: (_: Setting, [got]: readonly unknown[]) => `the program got: ${got}`,
  after({ cpus, sockets }: Setting) {
    if (cpus[2].words[sockets[0] + SOCK.storage] !== 0) {
      throw new Error('the map is freed, and an element of it is still on the socket')
    }
  },
}
