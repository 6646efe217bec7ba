import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandOf, commands, runCommands, setting } from '../../props/commands.ts'
import type { Operation } from '../../props/operations.ts'

const roomy = { optmemMax: 20480, sanitize: true, cacheSlots: 16, maps: [], sockets: [] }

/** A map of 8 bytes whose elements accepted sockets inherit. */
const cloned = {
  type: 24,
  keySize: 4,
  valueSize: 8,
  maxEntries: 0,
  flags: 1 | 512,
  lockOffset: -1,
  btfKeyTypeId: 1,
  btfValueTypeId: 3,
}

/**
 * What the runs below must have met, each at least a few times; a call that only ever succeeds has hardly been tested.
 */
const ANSWERS = [
  ...['ok', -7, -22, -24].map((answer) => `mapCreate ${answer}`),
  ...['ok', -24].map((answer) => `socketCreate ${answer}`),
  ...['ok', -9, -22, -24, -88, -95].map((answer) => `sockAccept ${answer}`),
  ...['ok', -2, -24].map((answer) => `mapGetFdById ${answer}`),
  ...['ok', -9].map((answer) => `fdClose ${answer}`),
  ...['ok', -9, -22].map((answer) => `mapGet ${answer}`),
  ...['ok', -9, -88].map((answer) => `sockfdLookup ${answer}`),
  ...['ok', -2, -9, -22, -88].map((answer) => `fdLookupElem ${answer}`),
  ...['ok', -2, -9, -12, -17, -22, -88].map((answer) => `fdUpdateElem ${answer}`),
  ...['ok', -2, -9, -88].map((answer) => `fdDeleteElem ${answer}`),
  ...['ok', 'NULL'].map((answer) => `bpfSkStorageGet ${answer}`),
  ...['ok', -2].map((answer) => `bpfSkStorageDelete ${answer}`),
]

describe('the storage on one CPU', () => {
  it('answers like the sequential model, whatever is asked of it, and leaves nothing behind', () => {
    const met = new Map<string, number>()
    const property = fc.property(commands(40), setting, (commands, setting) => {
      for (const [answer, times] of runCommands(commands, setting)) met.set(answer, (met.get(answer) ?? 0) + times)
    })
    fc.assert(property, { numRuns: 3000 })
    expect(ANSWERS.filter((answer) => (met.get(answer) ?? 0) < 3)).toEqual([])
  })

  it('fails an accept whose child may not be charged for what its listener has', () => {
    const map = { nth: 0 }
    const sock = { nth: 0 }
    const operations: Operation[] = [
      { op: 'mapCreate', request: cloned },
      { op: 'mapCreate', request: cloned },
      { op: 'socketCreate', request: { stream: true, listening: true, rcuFree: true } },
      { op: 'update', map, sock, words: [1, 2], flags: 0 },
      { op: 'update', map: { nth: 1 }, sock, words: [3, 4], flags: 0 },
      { op: 'sysctl', optmemMax: 168 + 2 * 136 },
      { op: 'accept', sock },
      { op: 'barrier' },
      { op: 'sysctl', optmemMax: 168 + 2 * 136 + 1 },
      { op: 'accept', sock },
    ]
    const met = runCommands(operations.map(commandOf), roomy)
    expect([met.get('sockAccept -12'), met.get('sockAccept ok')]).toEqual([1, 1])
  })
})
