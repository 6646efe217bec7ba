/**
 * What the programs of the egress benchmarks run over: one memory, one CPU, 4096 sockets, and a ring of packets that
 * come from them.
 */

import { below, createRandom, type Random } from '../src/random/random.ts'
import { fileObject, fput, sockfdLookup } from '../src/shared/fd-table.ts'
import type { File, Sk } from '../src/shared/pointer.ts'
import { SOCK } from '../src/shared/records.ts'
import { socketCreate } from '../src/shared/socket.ts'
import type { Cpu } from '../src/sync/cpu.ts'
import { type Packets, type Run, TUPLE } from './egress.ts'
import { makeCpu, succeed } from './make.ts'
import { shuffled } from './shuffled.ts'

export const SOCKETS = 4096
/** Orders in which the sockets come, one after the other in a batch, so that no branch predictor learns them. */
export const ORDERS = 8
/** Packets in the ring. */
export const PACKETS = ORDERS * SOCKETS
const SEED = 20190427

/**
 * How many sockets are live while the first packets come, and how often each sends then. Connections come little by
 * little and stay for many packets. V8 compiles a program by what it has seen so far: were all sockets new at once, it
 * would take creation for the common case, inline that, and have no room left for the lookup in the program's own code.
 */
const RAMP = [64, 128, 256, 512, 1024, 2048, SOCKETS]
/** How often the ring is worked off for each of them. */
const RAMP_RUNS = 4
export const RAMP_PACKETS = RAMP_RUNS * ORDERS * RAMP.reduce((sum, live) => sum + live)

/** How many of those are the socket's with this number. */
export function rampPackets(number: number): number {
  return RAMP_RUNS * ORDERS * RAMP.filter((live) => number < live).length
}

/** A connected socket of which a packet knows the 4-tuple. The file keeps it alive. */
function makeSocket(cpu: Cpu, random: Random, number: number): Sk {
  const fd = socketCreate(cpu, {
    saddr: [0x0a00_0001],
    daddr: [(0x0a01_0000 + below(random, 0x10000)) | 0],
    sport: 443,
    dport: 1024 + number,
  })
  const file = sockfdLookup(cpu, succeed('socketCreate', fd)) as File
  const sk = fileObject(cpu, file) as Sk
  fput(cpu, file)
  return sk
}

/** Puts packets of the sockets that `order` names by number into the ring. */
function arrive({ words }: Cpu, sockets: readonly Sk[], order: readonly number[], ring: Packets): void {
  // One string object for each key, as for a program that keeps it beside the connection.
  const interned = new Map<string, string>()
  order.forEach((number, i) => {
    const sk = sockets[number]
    const tuple = ring.tuples.subarray(i * TUPLE.SIZE, (i + 1) * TUPLE.SIZE)
    tuple[TUPLE.saddr] = words[sk + SOCK.saddr]
    tuple[TUPLE.daddr] = words[sk + SOCK.daddr]
    tuple[TUPLE.ports] = words[sk + SOCK.ports]
    const string = Array.from(tuple, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
    if (!interned.has(string)) interned.set(string, string)
    ring.sks[i] = sk
    ring.strings[i] = interned.get(string)!
  })
}

/** What the cases share: one memory, one CPU, the ring, and what arrives in it. */
export interface Setting {
  readonly cpu: Cpu
  readonly packets: Packets
  /** By number. */
  readonly sockets: readonly Sk[]
  /** Lets the sockets come, little by little, and leaves in the ring what the timed batches consist of. */
  readonly rampUp: (run: Run) => void
}

export function makeSetting(): Setting {
  const cpu = makeCpu({ bytes: 32 << 20 })
  const random = createRandom(SEED)
  const sockets = Array.from({ length: SOCKETS }, (_, number) => makeSocket(cpu, random, number))
  const orders = RAMP.map((live) => Array.from({ length: ORDERS }, () => shuffled(live, random)).flat())
  const packets = { sks: new Int32Array(PACKETS), tuples: new Int32Array(PACKETS * TUPLE.SIZE), strings: [] }
  const rampUp = (run: Run) => {
    for (const order of orders) {
      arrive(cpu, sockets, order, packets)
      for (let i = 0; i < RAMP_RUNS; i++) run(order.length)
    }
  }
  // A case that has no program of ours finds the ring filled too, also when it is measured alone.
  rampUp(() => {})
  return { cpu, packets, sockets, rampUp }
}
