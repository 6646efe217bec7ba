/**
 * Sockets as lines, in the format of iproute2's ss (6.9 and later) with --bpf-maps.
 */

import { dumpTypeData } from '../shared/btf/dump.ts'
import { parseBtf } from '../shared/btf/parse.ts'
import type { DumpedSocket, DumpedStorage } from './dump.ts'
import type { ListedMap } from './listing.ts'

/** What follows a socket's line: each storage below it, or all behind it. */
export function storageText(storage: DumpedStorage, map: ListedMap | undefined, oneLine: boolean): string {
  const bytes = Buffer.from(storage.value, 'hex')
  if (map === undefined || map.btf === '') return `\n\tmap_id: ${storage.map} failed to fetch info, skipping`
  if (bytes.length !== map.valueSize)
    return `\n\tmap_id: ${storage.map}: invalid value size, expecting ${map.valueSize}, got ${bytes.length}`
  const btf = parseBtf(Buffer.from(map.btf, 'hex'))
  if (oneLine) return ` map_id:${storage.map}${dumpTypeData(btf, map.valueTypeId, bytes, { compact: true })}`
  return `\n\tmap_id:${storage.map} [\n${dumpTypeData(btf, map.valueTypeId, bytes, { indent: 2 })}\n\t]`
}

/** The columns of ss: kind (unless only one is asked for), state, queues (always empty here), both ends. */
export function socketRows(sockets: readonly DumpedSocket[], withKind: boolean): string[] {
  const heading = ['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port']
  const rows = [heading, ...sockets.map((socket) => cellsOf(socket))]
  const shown = withKind ? rows : rows.map((row) => row.slice(1))
  const widths = shown[0].map((_, column) => Math.max(...shown.map((row) => row[column].length)))
  return shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(' ')
      .trimEnd(),
  )
}

function cellsOf({ type, state, local, peer }: DumpedSocket): string[] {
  const shownState = type === 'dgram' ? 'UNCONN' : state
  return [type === 'dgram' ? 'udp' : 'tcp', shownState, '0', '0', local, peer]
}
