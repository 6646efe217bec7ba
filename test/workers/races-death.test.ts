// C2, C8, C10 to C14: how sockets and maps end while others are at work on them.
//
// Two things real threads can't tell apart. C10: destruction without its own read section, because a CPU that has not
// reported a quiescent state is in one as far as our RCU goes. C12: a sweep that follows `next` where it should begin
// anew, because a removed element leads on to the rest.

import { describe, it } from 'vitest'
import { MAP, race, WAYS } from './race.ts'

describe.each(WAYS)('the last put of sockets against map free, $how', ({ sanitize }) => {
  /** With `both`, a third of the sockets has elements of a map that stays, too. */
  const run = (rounds: number, count: number, both: boolean, cpus = 3) =>
    race('death', {
      rounds,
      sanitize,
      cpus,
      args: (machine) => ({ count, keep: both ? machine.sys.mapCreate(MAP) : 0, mapOptions: MAP }),
    })

  it('C2, C10, C12: removes each element once, from whichever side comes first', async () => {
    await run(1000, 16, false)
  })

  it('C2, C10, C12: does so next to elements of a map that stays', async () => {
    await run(1000, 12, true, 4)
  })

  it('C12: starts anew after each pause of a long sweep', async () => {
    await run(12, 900, false)
  })

  it('C13: frees the map only when whoever took the last element off its bucket is done with it', async () => {
    await run(1000, 4, false)
    await race('late-uncharge', { rounds: 1000, sanitize, cpus: 2, sockets: 16, args: () => ({ mapOptions: MAP }) })
  })
})

describe.each(WAYS)('the last put of a map against programs, $how', ({ sanitize }) => {
  it('C11: sweeps what a read section added that had begun before', async () => {
    await race('late-adder', { rounds: 1000, sanitize, sockets: 24, args: () => ({ mapOptions: MAP }) })
  })
})

describe.each(WAYS)('a dying socket, $how', ({ sanitize }) => {
  it('C8, C14: takes no element once its last reference is gone', async () => {
    await race('dying-socket', { rounds: 1300, sanitize, maps: [{}] })
  })
})
