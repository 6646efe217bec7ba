/**
 * Sockets, storages, elements and buckets, read from the memory by the layouts that the code itself uses.
 */

import type { Moment, ObjectView, Stepper } from '../../src/explore/internals.ts'
import { BUCKET, CACHE_SIZE, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'
import { arrowsOf, type Box, type Field, lockedBy, type Scene, type Standing, wordsOf } from './scene.ts'

/** How far a list is followed: in a broken program it may lead round and round. */
const LONGEST = 64
/** The boxes of a column, by the allocator's kinds. */
const COLUMNS = ['sock', 'storage', 'elem', 'map'] as const

/** Draws them. An object keeps its place from the moment it is made. */
export function drawStorage(stepper: Stepper<unknown>, moment: Moment): Scene {
  const words = wordsOf(stepper.context)
  // What lies where something newer lies now is not drawn again: the words are the newer one's.
  const shown = moment.objects.filter(
    (object, k) => !moment.objects.some((other, j) => j > k && other.pointer === object.pointer),
  )
  const buckets = shown.filter(({ kind }) => kind === 'buckets')
  const linked = reachable(words, shown)
  // What makes an object visible: a storage's pointer in a socket, an element's in a bucket.
  const holders = moment.objects.filter(({ kind }) => kind === 'sock' || kind === 'buckets')
  const holds = (address: number, kind: string) =>
    holders.some((holder) => {
      const at = (address - stepper.addressOf(words, holder.pointer)) >> 2
      return at >= 0 && at < holder.words && (kind === 'storage') === (holder.kind === 'sock')
    })
  const wasLinked = ({ kind, pointer, words: size, made }: ObjectView) =>
    made < 0 ||
    moment.steps.some(({ stores, after, address }, k) => {
      const into = Number(after) - pointer
      return stores && k > made && into >= 0 && into < size && holds(address, kind)
    })
  // The loser of a first creation takes its storage's owner back.
  const isGivenUp = ({ kind, pointer, made }: ObjectView) =>
    kind === 'storage' &&
    moment.steps.some(({ stores, after, address }, k) => {
      return stores && k > made && after === '0' && address === stepper.addressOf(words, pointer + SK_STORAGE.sk)
    })
  const standingOf = (object: ObjectView): Standing => {
    if (!object.live) return linked.has(object.pointer) ? 'dangling' : 'freed'
    if (object.kind === 'sock' || object.kind === 'map' || linked.has(object.pointer)) return 'live'
    return wasLinked(object) || isGivenUp(object) ? 'waiting' : 'private'
  }

  const field = (label: string, at: number, value: string, pointer = 0, cell = false): Field => {
    return { label, value, address: stepper.addressOf(words, at), pointer, cell }
  }
  const pointer = (label: string, at: number, offset = 0): Field => {
    const to = words[at]
    return field(label, at, to === 0 ? 'NULL' : `${to}`, to === 0 ? 0 : to - offset)
  }
  const fieldsOf: Record<(typeof COLUMNS)[number], (at: number) => Field[]> = {
    sock: (sk) => [
      pointer('sk_bpf_storage', sk + SOCK.storage),
      field('sk_refcnt', sk + SOCK.refcount, `${words[sk + SOCK.refcount]}`),
      field('sk_omem_alloc', sk + SOCK.omemAlloc, `${words[sk + SOCK.omemAlloc]}`),
    ],
    storage: (storage) => [
      pointer('sk', storage + SK_STORAGE.sk),
      pointer('list', storage + SK_STORAGE.list, SELEM.snode),
      ...Array.from({ length: CACHE_SIZE }, (_, slot) => {
        const at = storage + SK_STORAGE.cache + slot
        return field(
          `cache[${slot}]`,
          at,
          words[at] === 0 ? '' : '●',
          words[at] === 0 ? 0 : words[at] - SELEM.sdata,
          true,
        )
      }),
    ],
    elem: (elem) => [
      pointer('snode.next', elem + SELEM.snode, SELEM.snode),
      pointer('map_node.next', elem + SELEM.mapNode, SELEM.mapNode),
      pointer('local_storage', elem + SELEM.storage),
      field('data', elem + SELEM.value, `${words[elem + SELEM.value]}`),
    ],
    map: (map) => {
      const first = words[map + MAP.buckets]
      const count = buckets.some(({ pointer: at }) => at === first) ? 1 << words[map + MAP.bucketLog] : 0
      return [
        field('references', map + MAP.refcount, `${words[map + MAP.refcount]}`),
        ...Array.from({ length: count }, (_, i) =>
          pointer(`bucket ${i}`, first + i * BUCKET.SIZE + BUCKET.list, SELEM.mapNode),
        ),
      ]
    },
  }
  const lockOf = ({ kind, pointer: at }: ObjectView): string => {
    if (kind === 'storage') return lockedBy(moment, stepper.addressOf(words, at + SK_STORAGE.lock))
    if (kind !== 'map') return ''
    const first = words[at + MAP.buckets]
    return (
      Array.from({ length: 1 << words[at + MAP.bucketLog] }, (_, i) => {
        const held = lockedBy(moment, stepper.addressOf(words, first + i * BUCKET.SIZE + BUCKET.lock))
        return held === '' ? '' : `bucket ${i} ${held}`
      }).find((held) => held !== '') ?? ''
    )
  }

  const targets = new Map<number, Box>()
  const boxes = COLUMNS.flatMap((kind, column) =>
    shown
      .filter((object) => object.kind === kind)
      .map((object, row): Box => {
        const title = `${TITLES[kind]} @${object.pointer}`
        const fields = fieldsOf[kind](object.pointer)
        const standing = standingOf(object)
        const box = { id: `${kind}${row}`, title, column, row, standing, fields, lock: lockOf(object) }
        targets.set(object.pointer, box)
        return box
      }),
  )
  return {
    columns: ['sockets', 'bpf_sk_storage', 'elements', 'maps with buckets'],
    boxes,
    arrows: arrowsOf(boxes, targets),
  }
}

const TITLES = { sock: 'sock', storage: 'storage', elem: 'element', map: 'map' } as const

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
