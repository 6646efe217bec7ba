/**
 * Runs a race module on a machine of its own: thousands of rounds behind a barrier, then everything must be at rest and
 * nothing left.
 */

import { expect } from 'vitest'
import type { Machine, MapOptions } from '../../src/index.ts'
import { moduleUrl, onMachine } from './on-machine.ts'

/** A map of sk storage with values of 8 bytes. */
export const MAP: MapOptions = {
  type: 24,
  keySize: 4,
  valueSize: 8,
  maxEntries: 0,
  flags: 1,
  lockOffset: -1,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
  name: 'race',
}

export interface Race {
  readonly rounds: number
  /** 3, of the four cores that a common machine has at the most. */
  readonly cpus?: number
  readonly sanitize?: boolean
  /** Maps that the module gets as `args.maps`: how each differs from MAP. None. */
  readonly maps?: readonly Partial<MapOptions>[]
  /** How many sockets it gets as `args.sockets`. None. */
  readonly sockets?: number
  /** Whatever else it needs. */
  readonly args?: (machine: Machine) => object
}

/** Words of the board: rounds.js has the first, a module the rest. */
const BOARD_WORDS = 2048
const MET = 1

/** Runs the race. Returns how often its CPUs met in the way it is after. */
export async function race(name: string, options: Race): Promise<number> {
  const { rounds, cpus = 3, sanitize = false, maps = [], sockets = 0 } = options
  const board = new Int32Array(new SharedArrayBuffer(4 * BOARD_WORDS))
  await onMachine({ cpus, sanitize }, async (machine) => {
    await machine.call(moduleUrl(name), {
      board,
      // Checked accesses are slow, and the windows between them wide.
      rounds: sanitize ? Math.ceil(rounds / 3) : rounds,
      maps: maps.map((map) => machine.sys.mapCreate({ ...MAP, ...map })),
      sockets: machine.sockets(sockets),
      ...options.args?.(machine),
    })
  })
  // A race that never happened proves nothing.
  expect(board[MET]).toBeGreaterThan(0)
  return board[MET]
}

/** Both ways of running a race: at full speed, and with each access checked. */
export const WAYS = [
  { how: 'at full speed', sanitize: false },
  { how: 'with the sanitizer', sanitize: true },
]
