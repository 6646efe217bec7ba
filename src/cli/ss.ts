/**
 * `sk-storage ss`: the sockets of a machine with their storages, as iproute2's ss shows those of the kernel.
 */

import { parseArgs } from 'node:util'
import { EXIT } from '../command/exit-status.ts'
import { UsageError } from '../command/usage-error.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import type { DumpedSocket } from './dump.ts'
import type { ListedMap } from './listing.ts'
import { connectSource, type Dump, demoSource, type Source } from './source.ts'
import { socketRows, storageText } from './ss-text.ts'

/** As many maps as ss asks about. */
const MAX_MAPS = 32

const HELP = `Usage: sk-storage ss [FLAGS] (--connect SOCKET | --demo)

Shows the sockets of a running machine, and what their storages hold.

Flags:
  -t, --tcp            TCP sockets
  -u, --udp            UDP sockets; as in the kernel they are shown without storages
  -a, --all            listening sockets too
  --bpf-maps           the storages of all maps
  --bpf-map-id ID      the storage of this map; may be given ${MAX_MAPS} times
  -O, --oneline        one line for each socket
  --json               JSON Lines, one for each socket
  --connect SOCKET     ask the machine behind run --listen SOCKET
  --demo               ask a small machine made for the purpose
  --help               print this

Exit status: 0 shown, 2 usage.
`

const OPTIONS = {
  tcp: { type: 'boolean', short: 't' },
  udp: { type: 'boolean', short: 'u' },
  all: { type: 'boolean', short: 'a' },
  'bpf-maps': { type: 'boolean' },
  'bpf-map-id': { type: 'string', multiple: true },
  oneline: { type: 'boolean', short: 'O' },
  json: { type: 'boolean' },
  connect: { type: 'string' },
  demo: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>

export default async function ss(argv: readonly string[]): Promise<number> {
  const values = parse(argv)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const ids = values['bpf-map-id']?.map(mapId)
  if (values['bpf-maps'] && ids !== undefined)
    throw new UsageError('--bpf-maps and --bpf-map-id cannot be used together')
  if ((values.connect === undefined) === (values.demo !== true))
    throw new UsageError('expected either --connect SOCKET or --demo')
  const source = values.connect === undefined ? await demoSource() : await connectSource(values.connect)
  try {
    await show(source, values, ids)
  } finally {
    await source.close()
  }
  return EXIT.clean
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** A map's id as strtoul takes it: decimal, hexadecimal with 0x, octal with 0. */
function mapId(text: string): number {
  const octal = /^0[0-7]+$/.test(text)
  const id = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? (octal ? Number.parseInt(text, 8) : Number(text)) : 0
  if (id > 0 && id <= 0xffff_ffff) return id
  throw new UsageError(`invalid BPF map ID ${text}`)
}

async function show(source: Source, values: Values, ids: readonly number[] | undefined): Promise<void> {
  const wanted = values['bpf-maps'] ? undefined : ids === undefined ? [] : chosen(await source.maps(), ids)
  const dump = await source.dump(wanted)
  const sockets = dump.sockets.filter((socket) => isShown(socket, values)).map(asDumped)
  const maps = firstMaps(dump.maps, sockets)
  if (values.json) {
    for (const socket of sockets) process.stdout.write(`${JSON.stringify(jsonOf(socket, maps))}\n`)
    return
  }
  const oneLine = values.oneline === true
  const [heading, ...rows] = socketRows(sockets, values.tcp === values.udp)
  const lines = rows.map(
    (row, i) =>
      row + sockets[i].storages.map((storage) => storageText(storage, maps.get(storage.map), oneLine)).join(''),
  )
  process.stdout.write(`${[heading, ...lines].join('\n')}\n`)
}

/** The maps that were named, in that order; says so of those beyond the limit. Throws UsageError for one that is not there or of another type. */
function chosen(maps: readonly ListedMap[], ids: readonly number[]): number[] {
  for (const id of ids.slice(0, MAX_MAPS)) {
    const map = maps.find((map) => map.id === id)
    if (map === undefined) throw new UsageError(`cannot get fd for BPF map ID ${id}`)
    if (map.type !== BPF_MAP_TYPE_SK_STORAGE)
      throw new UsageError(
        `BPF map with ID ${id} has type ID ${map.type}, expecting ${BPF_MAP_TYPE_SK_STORAGE} ('sk_storage')`,
      )
  }
  for (const id of ids.slice(MAX_MAPS)) skip(id)
  return ids.slice(0, MAX_MAPS)
}

/** The maps whose values are shown, with their types: as many as ss keeps in mind, in the order in which they are met. Says which are beyond. */
function firstMaps(maps: Dump['maps'], sockets: readonly DumpedSocket[]): ReadonlyMap<number, ListedMap> {
  const met = new Set(sockets.flatMap(({ storages }) => storages.map(({ map }) => map)))
  for (const id of [...met].slice(MAX_MAPS)) skip(id)
  return new Map([...met].slice(0, MAX_MAPS).flatMap((id) => (maps.has(id) ? [[id, maps.get(id) as ListedMap]] : [])))
}

function skip(id: number): void {
  process.stderr.write(
    `sk-storage ss: too many (> ${MAX_MAPS}) BPF socket-local storage maps found, skipping map ID ${id}\n`,
  )
}

/** Both kinds unless one is asked for; what only waits for others needs -a. A stream socket in no state at all is in no table of the kernel's. */
function isShown({ type, state }: DumpedSocket, { tcp, udp, all }: Values): boolean {
  if (type === 'stream' ? udp && !tcp : tcp && !udp) return false
  if (type === 'stream') return state !== 'CLOSE' && (state !== 'LISTEN' || all === true)
  return all === true
}

/** inet_diag has storages only for connection-oriented sockets. */
function asDumped(socket: DumpedSocket): DumpedSocket {
  return socket.type === 'dgram' ? { ...socket, storages: [] } : socket
}

function jsonOf(socket: DumpedSocket, maps: ReadonlyMap<number, ListedMap>): object {
  const storages = socket.storages.map((storage) => ({
    ...storage,
    text: storageText(storage, maps.get(storage.map), true).trim(),
  }))
  return { schema: 1, ...socket, storages }
}
