/**
 * Sockets, storages, elements and buckets, read from the memory by the layouts that the code itself uses.
 */

import type { Moment, ObjectView, Stepper } from '../../src/explore/internals.ts'
import { BUCKET, CACHE_SIZE, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { KERNEL_NAMES, nameInSource } from './kernel-names.ts'
import { arrowsOf, type Box, callBoxes, type Field, lockedBy, type Scene, type Standing, wordsOf } from './scene.ts'

/** How far a list is followed: in a broken program it may lead round and round. */
const LONGEST = 64
/** The boxes of a column, by the allocator's kinds. */
const COLUMNS = ['sock', 'storage', 'elem', 'map'] as const
type Column = (typeof COLUMNS)[number]

/** The memory at a moment. */
interface Seen {
  readonly stepper: Stepper<unknown>
  readonly moment: Moment
  readonly words: Int32Array
  /** The objects that are drawn. */
  readonly shown: readonly ObjectView[]
}

/** Draws them. An object keeps its place from the moment it is made. */
export function drawStorage(stepper: Stepper<unknown>, moment: Moment): Scene {
  // What lies where something newer lies now is not drawn again: the words are the newer one's.
  const shown = moment.objects.filter(
    (object, k) => !moment.objects.some((other, j) => j > k && other.pointer === object.pointer),
  )
  const seen: Seen = { stepper, moment, words: wordsOf(stepper.context), shown }
  const linked = reachable(seen.words, shown)
  const targets = new Map<number, Box>()
  const boxes = COLUMNS.flatMap((kind, column) =>
    shown
      .filter((object) => object.kind === kind)
      .map((object, row): Box => {
        const title = `${kind} @${object.pointer}`
        const fields = FIELDS[kind](seen, object.pointer)
        const standing = standingOf(seen, object, linked)
        const box = { id: `${kind}${row}`, title, column, row, standing, fields, lock: lockOf(seen, object) }
        targets.set(object.pointer, box)
        return box
      }),
  )
  const rows = boxes.filter(({ column }) => column === 0).length
  const calls = callBoxes(
    moment,
    { rows, only: true },
    (pointer) =>
      // Maps and sockets are what all of them were handed.
      shown.find(
        ({ kind, pointer: first, words }) =>
          /^(storage|elem)$/.test(kind) && first <= pointer && pointer < first + words,
      )?.pointer,
  )
  const all = [...boxes, ...calls]
  const columns = ['sockets, what CPUs hold', 'bpf_sk_storage', 'elements', 'maps with buckets']
  return { columns, boxes: all, arrows: arrowsOf(all, targets) }
}

function standingOf(seen: Seen, object: ObjectView, linked: ReadonlySet<number>): Standing {
  if (!object.live) return linked.has(object.pointer) ? 'dangling' : 'freed'
  if (object.kind === 'sock' || object.kind === 'map' || linked.has(object.pointer)) return 'live'
  return wasLinked(seen, object) || isGivenUp(seen, object) ? 'waiting' : 'private'
}

/** Whether an object has been made visible: a storage by its pointer in a socket, an element by its own in a bucket. */
function wasLinked({ stepper, moment, words }: Seen, { kind, pointer, words: size, made }: ObjectView): boolean {
  if (made < 0) return true
  const holders = moment.objects.filter((holder) => holder.kind === 'sock' || holder.kind === 'buckets')
  const holds = (address: number) =>
    holders.some((holder) => {
      const at = (address - stepper.addressOf(words, holder.pointer)) >> 2
      return at >= 0 && at < holder.words && (kind === 'storage') === (holder.kind === 'sock')
    })
  return moment.steps.some(({ stores, after, address }, k) => {
    const into = Number(after) - pointer
    return stores && k > made && into >= 0 && into < size && holds(address)
  })
}

/** The loser of a first creation takes its storage's owner back. */
function isGivenUp({ stepper, moment, words }: Seen, { kind, pointer, made }: ObjectView): boolean {
  if (kind !== 'storage') return false
  const owner = stepper.addressOf(words, pointer + SK_STORAGE.sk)
  return moment.steps.some(({ stores, after, address }, k) => stores && k > made && after === '0' && address === owner)
}

/** A word of an object, by the kernel's name. */
function field({ stepper, words }: Seen, kind: Column, object: number, at: number): Field {
  const label = KERNEL_NAMES[kind].get(at) ?? `word ${at}`
  const address = stepper.addressOf(words, object + at)
  const inSource = nameInSource(kind, at)
  return { label, value: `${words[object + at]}`, inSource, address, pointer: 0, cell: false }
}

/** A field that points to what begins `offset` words before what stands in it: to the box with that number. */
function pointing(field: Field, to: number, offset = 0): Field {
  return to === 0 ? { ...field, value: 'NULL' } : { ...field, value: `@${to - offset}`, pointer: to - offset }
}

function pointer(seen: Seen, kind: Column, object: number, at: number, offset = 0): Field {
  return pointing(field(seen, kind, object, at), seen.words[object + at], offset)
}

/** A slot of a storage's cache, as a dot that an arrow begins at. */
function cacheSlot(seen: Seen, storage: number, slot: number): Field {
  const at = SK_STORAGE.cache + slot
  const to = seen.words[storage + at]
  const shown = { ...field(seen, 'storage', storage, at), label: `cache[${slot}]` }
  return { ...shown, value: to === 0 ? '' : '●', pointer: to === 0 ? 0 : to - SELEM.sdata, cell: true }
}

/** The list of a map's bucket. */
function bucketOf(seen: Seen, first: number, bucket: number): Field {
  const { stepper, words } = seen
  const at = first + bucket * BUCKET.SIZE + BUCKET.list
  const address = stepper.addressOf(words, at)
  const shown = { label: `bucket ${bucket} list`, value: '', inSource: 'BUCKET.list', address, pointer: 0 }
  return pointing(shown, words[at], SELEM.mapNode)
}

/** What is shown of an object, by the column it stands in. */
const FIELDS: Readonly<Record<Column, (seen: Seen, at: number) => Field[]>> = {
  sock: (seen, sk) => [
    pointer(seen, 'sock', sk, SOCK.storage),
    field(seen, 'sock', sk, SOCK.refcount),
    field(seen, 'sock', sk, SOCK.omemAlloc),
  ],
  storage: (seen, storage) => [
    pointer(seen, 'storage', storage, SK_STORAGE.sk),
    pointer(seen, 'storage', storage, SK_STORAGE.list, SELEM.snode),
    ...Array.from({ length: CACHE_SIZE }, (_, slot) => cacheSlot(seen, storage, slot)),
  ],
  elem: (seen, elem) => [
    pointer(seen, 'elem', elem, SELEM.snode, SELEM.snode),
    pointer(seen, 'elem', elem, SELEM.mapNode, SELEM.mapNode),
    pointer(seen, 'elem', elem, SELEM.storage),
    field(seen, 'elem', elem, SELEM.value),
  ],
  map: (seen, map) => {
    const { words, shown } = seen
    const first = words[map + MAP.buckets]
    const made = shown.some((object) => object.kind === 'buckets' && object.pointer === first)
    return [
      field(seen, 'map', map, MAP.refcount),
      ...Array.from({ length: made ? 1 << words[map + MAP.bucketLog] : 0 }, (_, i) => bucketOf(seen, first, i)),
    ]
  },
}

/** Who holds an object's lock, or that of one of its buckets. */
function lockOf({ stepper, moment, words }: Seen, { kind, pointer: at }: ObjectView): string {
  if (kind === 'storage') return lockedBy(moment, stepper.addressOf(words, at + SK_STORAGE.lock))
  if (kind !== 'map') return ''
  const first = words[at + MAP.buckets]
  for (let i = 0; i < 1 << words[at + MAP.bucketLog]; i++) {
    const held = lockedBy(moment, stepper.addressOf(words, first + i * BUCKET.SIZE + BUCKET.lock))
    if (held !== '') return `bucket ${i} ${held}`
  }
  return ''
}

/** Pointers of storages and elements that somebody finds who starts at a live socket or map. */
function reachable(words: Int32Array, objects: readonly ObjectView[]): ReadonlySet<number> {
  const found = new Set<number>()
  const follow = (head: number, offset: number) => {
    for (let node = head, n = 0; node > 0 && n < LONGEST; node = words[node], n++) found.add(node - offset)
  }
  for (const { kind, pointer, live } of objects) {
    if (!live) continue
    if (kind === 'sock' && words[pointer + SOCK.storage] !== 0) {
      const storage = words[pointer + SOCK.storage]
      found.add(storage)
      follow(words[storage + SK_STORAGE.list], SELEM.snode)
      for (let slot = 0; slot < CACHE_SIZE; slot++) {
        const sdata = words[storage + SK_STORAGE.cache + slot]
        if (sdata !== 0) found.add(sdata - SELEM.sdata)
      }
    }
    if (kind === 'map') {
      const first = words[pointer + MAP.buckets]
      if (!objects.some((each) => each.kind === 'buckets' && each.pointer === first && each.live)) continue
      for (let i = 0; i < 1 << words[pointer + MAP.bucketLog]; i++)
        follow(words[first + i * BUCKET.SIZE + BUCKET.list], SELEM.mapNode)
    }
  }
  return found
}
