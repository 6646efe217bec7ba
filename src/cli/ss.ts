/**
 * `sk-storage ss`: the sockets of a machine with their storages, as iproute2's ss shows those of the kernel.
 */

import { EXIT, exitHelp } from '../command/exit-status.ts'
import { many, toggle } from '../command/flag-kinds.ts'
import { type Flag, helpOf, parseFlags, type Values } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import { BPF_MAP_TYPE_SK_STORAGE } from '../shared/map-options.ts'
import type { DumpedSocket } from './dump.ts'
import type { ListedMap } from './listing.ts'
import { socket } from './socket-path.ts'
import { type Dump, openSource, type Source } from './source.ts'
import { socketRows, storageText } from './ss-text.ts'

/** As many maps as ss asks about. */
const MAX_MAPS = 32

const FLAGS = {
  tcp: { ...toggle('TCP sockets'), short: 't' },
  udp: { ...toggle('UDP sockets; as in the kernel they are shown without storages'), short: 'u' },
  all: { ...toggle('listening sockets too'), short: 'a' },
  'bpf-maps': toggle('the storages of all maps'),
  'bpf-map-id': many(mapId(`the storage of this map; may be given ${MAX_MAPS} times`)),
  oneline: { ...toggle('one line for each socket'), short: 'O' },
  json: toggle('print JSON Lines, one for each socket'),
  connect: socket('ask the machine behind run --listen PATH'),
  demo: toggle('ask a small machine made for the purpose'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage ss [FLAGS] (--connect PATH | --demo)

Shows the sockets of a running machine, and what their storages hold.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'shown' })}
`

type Shown = Values<typeof FLAGS>

export default async function ss(argv: readonly string[]): Promise<number> {
  const { values, given } = parseFlags(argv, FLAGS)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const ids = given.has('bpf-map-id') ? values['bpf-map-id'] : undefined
  if (values['bpf-maps'] && ids !== undefined)
    throw new UsageError('--bpf-maps and --bpf-map-id cannot be used together')
  const source = await openSource(values)
  try {
    await show(source, values, ids)
  } finally {
    await source.close()
  }
  return EXIT.clean
}

/** A map's id as strtoul takes it: decimal, hexadecimal with 0x, octal with 0. */
function mapId(help: string): Flag<number> {
  const parse = (_: string, text: string) => {
    const octal = /^0[0-7]+$/.test(text)
    const id = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? (octal ? Number.parseInt(text, 8) : Number(text)) : 0
    if (id > 0 && id <= 0xffff_ffff) return id
    throw new UsageError(`invalid BPF map ID ${text}`)
  }
  return { placeholder: 'ID', help, parse, initial: 0 }
}

async function show(source: Source, values: Shown, ids: readonly number[] | undefined): Promise<void> {
  const wanted = values['bpf-maps'] ? undefined : ids === undefined ? [] : chosen(await source.maps(), ids)
  const dump = await source.dump(wanted)
  const sockets = dump.sockets.filter((socket) => isShown(socket, values)).map(asDumped)
  const maps = firstMaps(dump.maps, sockets)
  if (values.json) {
    for (const socket of sockets) process.stdout.write(`${JSON.stringify(jsonOf(socket, maps))}\n`)
    return
  }
  const oneLine = values.oneline
  const [heading, ...rows] = socketRows(sockets, values.tcp === values.udp)
  const lines = rows.map(
    (row, i) =>
      row + sockets[i].storages.map((storage) => storageText(storage, maps.get(storage.map), oneLine)).join(''),
  )
  process.stdout.write(`${[heading, ...lines].join('\n')}\n`)
}

/**
 * The maps that were named, in that order; says so of those beyond the limit. Throws UsageError for one that is not
 * there or of another type.
 */
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

/**
 * The maps whose values are shown, with their types: as many as ss keeps in mind, in the order in which they are met.
 * Says which are beyond.
 */
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

/**
 * Both kinds unless one is asked for; what only waits for others needs -a. A stream socket in no state at all is in no
 * table of the kernel's.
 */
function isShown({ type, state }: DumpedSocket, { tcp, udp, all }: Shown): boolean {
  if (type === 'stream' ? udp && !tcp : tcp && !udp) return false
  if (type === 'stream') return state !== 'CLOSE' && (state !== 'LISTEN' || all)
  return all
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
