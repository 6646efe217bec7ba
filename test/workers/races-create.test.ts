// C3, C5, C6, C7, C9: the first element of a socket and the last one, made and removed by several CPUs.
//
// Of C6 real threads show only that publication needs the cmpxchg. That NULL is stored under the lock makes no
// difference to them, because nobody publishes a storage over one that is there.

import { describe, it } from 'vitest'
import { race, WAYS } from './race.ts'

describe.each(WAYS)('several CPUs at one socket without storage, $how', ({ sanitize }) => {
  it('C5: gives the losers of the first-storage race -EAGAIN or NULL, and leaves exactly one element', async () => {
    await race('first-storage', { rounds: 1300, sanitize, maps: [{}], args: () => ({ iterate: false }) })
  })

  it('C5: leaves one element a map when each CPU creates in a map of its own', async () => {
    await race('first-storage', { rounds: 1300, sanitize, maps: [{}, {}, {}], args: () => ({ iterate: false }) })
  })

  it("C5: frees the losers' elements only when no iterator can stand on them", async () => {
    await race('first-storage', { rounds: 1000, sanitize, cpus: 4, maps: [{}], args: () => ({ iterate: true }) })
    await race('slow-walk', { rounds: 1000, sanitize, cpus: 4, maps: [{}] })
  })
})

describe.each(WAYS)('one element made, replaced and removed by all, $how', ({ sanitize }) => {
  const LOCKED = { valueSize: 16, lockOffset: 0 }
  const run = (rounds: number, roles: string[], map: object, cpus = 3) =>
    race('update-delete', {
      rounds,
      sanitize,
      cpus,
      maps: [map],
      sockets: 1,
      args: () => ({ roles, locked: map === LOCKED }),
    })

  it('C6, C7: lets an update that loses against the last delete return -EAGAIN and add nothing', async () => {
    await run(1300, ['update', 'delete', 'helperDelete'], LOCKED)
  })

  it('C6, C7: lets get-with-create fail against the last delete and add nothing', async () => {
    await run(1300, ['get', 'delete', 'update'], LOCKED)
  })

  it('C3: lets several CPUs remove the last element, and frees storage and element once', async () => {
    await run(1300, ['delete', 'helperDelete', 'delete', 'replace'], LOCKED, 4)
  })

  it('C9: charges a replaced element once, whoever replaces it and whoever removes it', async () => {
    await run(1300, ['replace', 'delete', 'replace'], { valueSize: 16 })
  })
})
