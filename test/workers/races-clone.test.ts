// C15, and the iterator, which meets everything else.

import { describe, it } from 'vitest'
import { MAP, race, WAYS } from './race.ts'

const TCP_LISTEN = 10
const CLONE = { ...MAP, flags: 1 | 512 }

describe.each(WAYS)('accept and iterate, $how', ({ sanitize }) => {
  it('C15: clones an element of a map that is being freed in time for the sweep, or not at all', async () => {
    await race('clone', {
      rounds: 1000,
      sanitize,
      args: (machine) => ({
        sockets: machine.sockets(1, { state: TCP_LISTEN }),
        keep: machine.sys.mapCreate(CLONE),
        fillers: machine.sockets(64),
        perCpu: 6,
        mapOptions: CLONE,
      }),
    })
  })

  it('walks a map while everything else happens to it, and sees each quiet socket exactly once', async () => {
    await race('iterate-all', {
      rounds: 1000,
      sanitize,
      cpus: 4,
      args: (machine) => {
        const map = machine.sys.mapCreate(CLONE)
        const sockets = machine.sockets(8)
        for (const fd of sockets) machine.sys.mapUpdate(map, fd, Int32Array.of(7, 7))
        return { sockets, maps: [map, machine.sys.mapCreate(MAP)] }
      },
    })
  })
})
