/**
 * C5: a BPF program, compiled from packets.bpf.c, on two CPUs: each counts a packet of one socket, which has no storage
 * yet. To one of two that create its first element at once BPF_SK_STORAGE_GET_F_CREATE gives NULL, as in Linux.
 */

import { atRest, type Setting, setting } from '../../props/scenarios/setting.ts'
import { type Environment, viewsOf } from '../../src/bpf/code/compile.ts'
import { createHelpers } from '../../src/bpf/run/helpers.ts'
import { virtualInputs } from '../../src/bpf/run/inputs.ts'
import { SDATA } from '../../src/shared/records.ts'
import { skStorageLookup } from '../../src/shared/sk-storage-lookup.ts'
import { rcuReadLock, rcuReadUnlock } from '../../src/sync/rcu.ts'
import { factories } from './packets.bpf.ts'

/** What each CPU runs. */
const PROGRAM = 'count'

interface Packets extends Setting {
  readonly views: Pick<Environment, 'words' | 'bytes' | 'shorts' | 'longs'>
}

/** A packet that a CPU sends: the program, in a read section. */
const packetOn =
  (id: number) =>
  ({ cpus, maps, sockets, views }: Packets): unknown => {
    const cpu = cpus[id]
    const helpers = createHelpers(virtualInputs(1, id))
    const program = factories[PROGRAM]({ cpu, ...views, maps: { egress: maps[0] }, values: {}, helpers, fields: {} })
    rcuReadLock(cpu)
    const verdict = program({ sk: sockets[0], len: 100 })
    rcuReadUnlock(cpu)
    return verdict
  }

/** What the socket's element says; the value of a setting's map begins with a number. */
function counted({ cpus, maps, sockets, views }: Packets): number {
  const main = cpus[cpus.length - 1]
  rcuReadLock(main)
  const sdata = skStorageLookup(main, maps[0], sockets[0], false)
  rcuReadUnlock(main)
  return sdata === 0 ? 0 : views.words[sdata + SDATA.value]
}

/** Two packets of one socket. */
export const twoPackets = {
  setup: (): Packets => {
    const made = setting({ open: true })
    return { ...made, views: viewsOf(made.memory.words) }
  },
  threads: [packetOn(0), packetOn(1)],
  outcome: (packets: Packets) => `packets ${counted(packets)}`,
  after(packets: Packets) {
    atRest(packets)
    if (counted(packets) !== 2) throw new Error(`two packets were sent, and ${counted(packets)} is counted`)
  },
}
