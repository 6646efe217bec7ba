// C2, C8, C10 to C14: how sockets and maps end while others are at work on them.

import { describe, it } from 'vitest'
import { MAP, race, WAYS } from './race.ts'

describe.each(WAYS)('the last put of sockets against map free, $how', ({ sanitize }) => {
  it('C2, C10, C12, C13: removes each element once from whichever side comes first', async () => {
    await race('death', { rounds: 200, sanitize, args: () => ({ count: 48, keep: 0, mapOptions: MAP }) })
  })

  it('C2, C10, C12, C13: does so with elements of a map that stays', async () => {
    const args = (machine: { sys: { mapCreate(options: typeof MAP): number } }) => ({
      count: 48,
      keep: machine.sys.mapCreate(MAP),
      mapOptions: MAP,
    })
    await race('death', { rounds: 150, sanitize, cpus: 4, args })
  })
})

describe.each(WAYS)('the last put of a map against programs, $how', ({ sanitize }) => {
  it('C11: sweeps what a read section added that had begun before', async () => {
    await race('late-adder', { rounds: 1500, sanitize, sockets: 24, args: () => ({ mapOptions: MAP }) })
  })
})

describe.each(WAYS)('a dying socket, $how', ({ sanitize }) => {
  it('C8, C14: takes no element once its last reference is gone', async () => {
    await race('dying-socket', { rounds: 4000, sanitize, maps: [{}] })
  })
})
