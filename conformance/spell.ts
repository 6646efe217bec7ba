/**
 * Steps spelled out as the lines that both sides understand. What is open is followed here, on the assumption that
 * whatever may succeed does; where that is wrong a line names something closed, on both sides alike.
 */

import type { MapChange, Ref, Step } from './sequences.ts'
import type { Shape } from './shapes.ts'

interface OpenMap {
  readonly handle: string
  /** Whether it may be open. */
  readonly open: boolean
  readonly valueSize: number
  readonly lockOffset: number
}

interface Speller {
  readonly lines: string[]
  maps: OpenMap[]
  socks: string[]
  /** BTF objects; those that were closed too. */
  btfs: string[]
  mapCount: number
  sockCount: number
}

const NAMELESS: OpenMap = { handle: 'closed', open: false, valueSize: 8, lockOffset: -1 }

/** The oracle has room for so many of each kind. */
const MOST = 100

/** The lines of a sequence. */
export function spell(steps: readonly Step[]): string[] {
  const speller: Speller = { lines: [], maps: [], socks: [], btfs: [], mapCount: 0, sockCount: 0 }
  for (const step of steps) spellStep(speller, step)
  return speller.lines
}

function mapOf({ maps, socks }: Speller, ref: Ref): OpenMap {
  if ('nth' in ref) return maps[ref.nth % maps.length] ?? NAMELESS
  return { ...NAMELESS, handle: ref.odd === 'other' ? (socks[0] ?? 'closed') : ref.odd }
}

function sockOf({ maps, socks }: Speller, ref: Ref): string {
  if ('nth' in ref) return socks[ref.nth % socks.length] ?? 'closed'
  return ref.odd === 'other' ? (maps[0]?.handle ?? 'closed') : ref.odd
}

/** The `nth` BTF object. */
function btfOf({ btfs }: Speller, nth: number): string {
  return btfs[nth % btfs.length] ?? 'closed'
}

/** A pattern repeated to the size of a value, off by `length`. */
function valueText(pattern: string, size: number, length = 0): string {
  const bytes = Math.max(0, size + length)
  if (bytes === 0) return '-'
  return bytes * 2 <= pattern.length ? pattern.slice(0, bytes * 2) : `${pattern}*${bytes}`
}

/** Asks for the charge of a socket, or of all. */
function askCharge({ lines, socks }: Speller, sock?: string): void {
  for (const handle of socks) if (sock === undefined || sock === handle) lines.push(`omem ${handle}`)
}

function spellStep(speller: Speller, step: Step): void {
  const { lines } = speller
  switch (step.op) {
    case 'map':
      spellMap(speller, step.shape, step.change)
      return
    case 'byid': {
      const map = mapOf(speller, step.map)
      if (speller.mapCount >= MOST) return
      const handle = `m${speller.mapCount++}`
      lines.push(`byid ${handle} ${!map.open ? '#0' : map.handle}`)
      if (map.open) speller.maps.push({ ...map, handle })
      return
    }
    case 'btfinfo':
      lines.push(`btfinfo ${step.closed ? 'closed' : btfOf(speller, step.nth)}`)
      return
    case 'closeBtf':
      lines.push(`close ${btfOf(speller, step.nth)}`)
      return
    case 'unprivileged':
      lines.push('caps none')
      spellStep(speller, step.step)
      lines.push('caps all')
      return
    case 'sock': {
      if (speller.sockCount >= MOST) return
      const handle = `s${speller.sockCount++}`
      lines.push(`sock ${handle} ${step.kind} ${step.family}`)
      speller.socks.push(handle)
      return
    }
    case 'accept': {
      if (speller.sockCount >= MOST) return
      const handle = `s${speller.sockCount++}`
      lines.push(`accept ${handle} ${sockOf(speller, step.sock)}`)
      speller.socks.push(handle)
      askCharge(speller, handle)
      return
    }
    case 'closeMap': {
      const map = mapOf(speller, step.map)
      if (!map.open) return
      lines.push(`close ${map.handle}`)
      speller.maps = speller.maps.filter(({ handle }) => handle !== map.handle)
      // Freed later, by a thread of the kernel's; perhaps also where we believe that another descriptor keeps it: that
      // may have failed to open.
      lines.push('settle')
      askCharge(speller)
      return
    }
    case 'closeSock': {
      const sock = sockOf(speller, step.sock)
      if (!speller.socks.includes(sock)) return
      lines.push(`close ${sock}`)
      speller.socks = speller.socks.filter((handle) => handle !== sock)
      return
    }
    case 'limit':
      lines.push(['limit', step.delta, ...step.values].join(' '))
      return
    case 'optmem':
      lines.push(`optmem ${step.bytes}`)
      return
    case 'dump': {
      const { maps } = step
      const specs = typeof maps === 'string' ? [maps] : maps.map(({ map, how }) => how + mapOf(speller, map).handle)
      lines.push(`dump ${step.protocol} ${specs.join(' ')}`)
      return
    }
    default:
      spellUse(speller, step, mapOf(speller, step.map))
      return
  }
}

function spellMap(speller: Speller, shape: Shape, change: MapChange): void {
  if (speller.mapCount >= MOST) return
  const n = speller.mapCount++
  const { keyTypeId, valueTypeId, valueSize, lockOffset } = shape
  const asked = {
    type: 24,
    keySize: 4,
    valueSize,
    maxEntries: 0,
    flags: 1,
    keyTypeId,
    valueTypeId,
    name: '',
    ...change,
  }
  speller.lines.push(`btf b${n} ${shape.btf}`)
  speller.btfs.push(`b${n}`)
  const { type, keySize, maxEntries, flags, name } = asked
  const btf = change.btf === 'other' ? (speller.socks[0] ?? 'closed') : (change.btf ?? `b${n}`)
  const numbers = [type, keySize, asked.valueSize, maxEntries, flags, asked.keyTypeId, asked.valueTypeId]
  speller.lines.push(`map m${n} ${btf} ${numbers.join(' ')} ${name}`.trimEnd())
  speller.maps.push({ handle: `m${n}`, open: true, valueSize: asked.valueSize, lockOffset })
}

/** Uses of a map, which open and close nothing. */
function spellUse(speller: Speller, step: Extract<Step, { map: Ref }>, map: OpenMap): void {
  const { lines } = speller
  const sock = 'sock' in step && step.sock !== null ? sockOf(speller, step.sock) : 'null'
  switch (step.op) {
    case 'update':
      lines.push(
        `update ${map.handle} ${sock} ${valueText(step.fill, Math.min(map.valueSize, 70000), step.length)} ${step.flags}`,
      )
      askCharge(speller, sock)
      return
    case 'lookup':
    case 'lookdel':
      lines.push(`${step.op} ${map.handle} ${sock} ${step.flags}`)
      return
    case 'delete':
      lines.push(`delete ${map.handle} ${sock}`)
      askCharge(speller, sock)
      return
    case 'batch':
      lines.push(`batch ${step.kind} ${map.handle} ${sock} ${step.flags}`)
      return
    case 'next':
      lines.push(`next ${map.handle} ${sock}`)
      return
    case 'info':
      // A BTF object has information too, of its own kind.
      if (!map.handle.startsWith('b')) lines.push(`info ${map.handle}`)
      return
    case 'get': {
      if (!map.open || sock === 'closed') return
      const init = step.init === null ? '-' : valueText(step.init, map.valueSize)
      const at = map.lockOffset === 0 ? 4 : 0
      const writes = step.write !== null && at + 4 <= map.valueSize
      // The program is built with the first use, so the place is the same each time.
      lines.push(
        `prog get ${map.handle} ${sock} ${step.flags} ${init} ${at + 4 <= map.valueSize ? at : -1}${writes ? ` ${step.write}` : ''}`,
      )
      askCharge(speller, sock)
      return
    }
    case 'del':
      if (!map.open || sock === 'closed') return
      lines.push(`prog del ${map.handle} ${sock}`)
      askCharge(speller, sock)
      return
    case 'testrun':
      if (map.open) lines.push(`testrun ${map.handle} ${step.steps.join(' ')}`)
      return
    case 'iter':
      if (!map.open) return
      lines.push(`iter ${map.handle}${step.deletes ? ' delete' : ''}`)
      if (step.deletes) askCharge(speller)
      return
  }
}
