// C1 and C4: what a removal must have done before others may notice it; and what those who hold or read a value
// meanwhile must see.

import { describe, it } from 'vitest'
import { race, WAYS } from './race.ts'

describe.each(WAYS)('lookups and updates against delete, $how', ({ sanitize }) => {
  it('C1: never leaves a removed element in the cache, however lookups cache it meanwhile', async () => {
    await race('cache-delete', { rounds: 1300, sanitize, maps: [{}, {}], sockets: 1 })
  })

  it('C4: takes an element off its bucket before it is off its socket, in delete, update and destruction', async () => {
    await race('unlink-order', { rounds: 1000, sanitize, maps: [{}, {}] })
  })

  it('keeps a removed value as it was until the read section that holds it ends', async () => {
    await race('hold', { rounds: 1000, sanitize, maps: [{ valueSize: 16 }], sockets: 4 })
  })
})

describe.each(WAYS)('values of several words, $how', ({ sanitize }) => {
  const run = (rounds: number, roles: string[], lockAt: number, cpus = 3) => {
    const map = { valueSize: 64, lockOffset: lockAt * 4 }
    if (lockAt < 0) map.lockOffset = -1
    return race('torn', { rounds, sanitize, cpus, maps: [map], sockets: 1, args: () => ({ roles, lockAt, size: 16 }) })
  }

  it('are never torn for readers under the lock while BPF_F_LOCK updates them in place', async () => {
    await run(1000, ['inPlace', 'read', 'readInPlace', 'writeInPlace'], 15, 4)
  })

  it('are never torn when updates in place meet deletes', async () => {
    await run(1000, ['inPlaceIfThere', 'delete', 'readInPlace', 'read'], 0, 4)
    await run(1000, ['inPlace', 'helperDelete', 'readInPlace'], 7)
  })

  it('are never torn without a lock either, since a replacement is another element', async () => {
    await run(1000, ['replace', 'read', 'readInPlace', 'delete'], -1, 4)
  })
})
