/**
 * Where `ss` and `prog show` get their answers: another process over its socket, or a small machine of our own to show.
 */

import { connect } from 'node:net'
import { UsageError } from '../command/usage-error.ts'
import { bpfSpinLock, struct, u32 } from '../shared/btf/btf.ts'
import { BPF_MAP_TYPE_HASH } from '../shared/map-options.ts'
import { AF_INET, AF_INET6, SOCK_DGRAM, TCP_LISTEN } from '../shared/sock.ts'
import { boot } from '../workers/machine.ts'
import type { EgressArgs } from '../workers/workloads/egress.ts'
import { type DumpedSocket, dumpSockets } from './dump.ts'
import { linesOf } from './lines.ts'
import { type ListedMap, type ListedProgram, listMaps, listPrograms } from './listing.ts'
import { socketPath } from './socket-path.ts'

export interface Dump {
  readonly sockets: readonly DumpedSocket[]
  readonly maps: ReadonlyMap<number, ListedMap>
}

export interface Source {
  maps(): Promise<ListedMap[]>
  programs(): Promise<ListedProgram[]>
  /**
   * Sockets with their storages in these maps; undefined for all maps, empty for none. And the maps that they have
   * values of.
   */
  dump(maps: readonly number[] | undefined): Promise<Dump>
  close(): Promise<void>
}

/** The machine that the flags name. Throws UsageError where they name none, or two. */
export function openSource({ connect, demo }: { connect: string | undefined; demo: boolean }): Promise<Source> {
  if (connect === undefined && demo) return demoSource()
  if (connect !== undefined && !demo) return connectSource(connect)
  const got = demo ? 'both --connect and --demo' : 'neither --connect nor --demo'
  throw new UsageError(`got ${got}, expected one of them`)
}

/** Parts what a dump tells of sockets from what it tells of maps. */
function parted(told: Iterable<DumpedSocket | ListedMap>): Dump {
  const sockets: DumpedSocket[] = []
  const maps = new Map<number, ListedMap>()
  for (const one of told) {
    if (one.event === 'socket') sockets.push(one)
    else maps.set(one.id, one)
  }
  return { sockets, maps }
}

/**
 * Milliseconds in which the other end must say something more. A machine that looks at all its records is silent
 * meanwhile.
 */
const PATIENCE = 10_000
/** What ends a socket that nobody answers on. */
class Silence extends Error {}

/**
 * Bytes of the longest answer, and so of a line: a socket with the largest values of a thousand maps, or all sockets
 * with smaller ones.
 */
const LONGEST_ANSWER = 1 << 27
/** What a line takes here at the least, however short it is. */
const LEAST_LINE = 256

/**
 * The process that listens at `path`. Throws UsageError where nobody does, or where nothing is said for ten seconds, or
 * no end of it.
 */
async function connectSource(path: string): Promise<Source> {
  const socket = connect(socketPath('connect', path))
  socket.setTimeout(PATIENCE, () => socket.destroy(new Silence()))
  const wrong = (what: string) => new UsageError(`--connect: got ${path}, ${what}`)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(wrong(`expected a socket on which run --listen answers (${error.code ?? error.message})`)),
    )
  })
  const lines = linesOf(socket, LONGEST_ANSWER)
  async function ask<T>(request: object): Promise<T[]> {
    socket.write(`${JSON.stringify(request)}\n`)
    const answers: T[] = []
    for (let left = LONGEST_ANSWER; ; ) {
      const { value, done } = await lines.next().catch((error: Error) => {
        if (error instanceof Silence)
          throw wrong(`where nothing is said for ${PATIENCE / 1000} s, expected run --listen`)
        throw wrong('where the process at the other end went away')
      })
      if (done) throw wrong('where the process at the other end went away')
      const answer = value === undefined ? undefined : answerOf(value)
      if (answer?.event === 'end') return answers
      left -= Math.max(value?.length ?? 0, LEAST_LINE)
      if (answer === undefined || answer.event === 'error' || left < 0)
        throw wrong('where something else answers, expected run --listen')
      answers.push(answer as T)
    }
  }
  return {
    maps: () => ask({ request: 'maps' }),
    programs: () => ask({ request: 'progs' }),
    dump: async (maps) => parted(await ask({ request: 'dump', types: true, ...(maps === undefined ? {} : { maps }) })),
    async close() {
      socket.destroy()
    },
  }
}

/** A line of an answer, or undefined for one that is none. */
function answerOf(line: string): { readonly event: string } | undefined {
  try {
    const answer = JSON.parse(line)
    return typeof answer?.event === 'string' ? answer : undefined
  } catch {
    return undefined
  }
}

const Counter = struct('counter', { cnt: u32 })
const Conn = struct('conn', { state: u32, lock: bpfSpinLock })
const loopback4 = [0x0100007f, 0, 0, 0]
const loopback6 = [0, 0, 0, 0x01000000]

/**
 * A machine with a listener, what it accepted, a client and datagram sockets, whose packets a program has counted; and
 * a hash map, which ss has no use for.
 */
async function demoSource(): Promise<Source> {
  const machine = await boot({ cpus: 1 })
  const { sys } = machine
  const counters = machine.createMap({ name: 'egress_cnt', value: Counter })
  const conns = machine.createMap({ name: 'conn_state', value: Conn, clone: true })
  sys.mapCreate({ type: BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 4, maxEntries: 16, flags: 0, name: 'flows' })
  const listener = sys.socket({ state: TCP_LISTEN, saddr: loopback4, sport: 8080 })
  conns.update(listener, { state: 1 })
  const child = sys.accept(listener)
  conns.update(child, { state: 2 })
  const client = sys.socket({ family: AF_INET, saddr: loopback4, daddr: loopback4, sport: 40000, dport: 8080 })
  const six = sys.socket({ family: AF_INET6, saddr: loopback6, daddr: loopback6, sport: 40001, dport: 8081 })
  const udp = sys.socket({ type: SOCK_DGRAM, saddr: loopback4, sport: 5353 })
  const args: EgressArgs = { control: machine.control }
  const program = machine.attach(new URL('../workers/workloads/egress.js', import.meta.url), {
    maps: { egress_cnt: counters.fd },
    args,
  })
  await program.run({ sockets: [child, client, six, udp], packets: 4000, stats: true })
  return {
    maps: async () => [...listMaps(machine)],
    programs: async () => [...listPrograms(machine)],
    dump: async (maps) => parted(dumpSockets(sys.cpu, { maps: maps && new Set(maps), types: true })),
    async close() {
      await machine.shutdown()
    },
  }
}
