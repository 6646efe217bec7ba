/**
 * What the kernel calls the fields of our records, and what we do: one name is shown everywhere, and it is the
 * kernel's.
 */

import { MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'

/** By where they begin. Fields that Linux keeps elsewhere, or not at all, have ours. */
type Names = ReadonlyMap<number, string>

/** The fields of a layout, by where they begin. */
export const namesOf = (layout: Readonly<Record<string, number>>): Names =>
  new Map(
    Object.entries(layout)
      .filter(([name]) => !/^[A-Z_]+$/.test(name))
      .map(([name, at]) => [at, name]),
  )

const elem = new Map([
  ...namesOf({ ...SELEM }),
  [SELEM.mapNode, 'map_node.next'],
  [SELEM.mapNode + 1, 'map_node.pprev'],
  [SELEM.snode, 'snode.next'],
  [SELEM.snode + 1, 'snode.pprev'],
  [SELEM.storage, 'sk_storage'],
  [SELEM.rcu, 'rcu.next'],
  [SELEM.rcu + 1, 'rcu.func'],
  [SELEM.sdata, 'sdata.smap'],
  [SELEM.value, 'sdata.data'],
])

/** By the allocator's kinds of objects. */
export const KERNEL_NAMES: Readonly<Record<string, Names>> = {
  sock: new Map([
    ...namesOf(SOCK),
    [SOCK.storage, 'sk_bpf_storage'],
    [SOCK.refcount, 'sk_refcnt'],
    [SOCK.omemAlloc, 'sk_omem_alloc'],
    [SOCK.flags, 'sk_flags'],
    [SOCK.family, 'sk_family'],
    [SOCK.type, 'sk_type'],
    [SOCK.state, 'sk_state'],
    [SOCK.rcu, 'sk_rcu'],
    [SOCK.mark, 'sk_mark'],
    [SOCK.priority, 'sk_priority'],
  ]),
  storage: namesOf(SK_STORAGE),
  elem,
  map: new Map([
    ...namesOf(MAP),
    [MAP.refcount, 'refcnt'],
    [MAP.type, 'map_type'],
    [MAP.keySize, 'key_size'],
    [MAP.valueSize, 'value_size'],
    [MAP.flags, 'map_flags'],
    [MAP.cacheIdx, 'cache_idx'],
    [MAP.elemSize, 'elem_size'],
    [MAP.bucketLog, 'bucket_log'],
    [MAP.allNode + 1, 'allNode.pprev'],
  ]),
}

const RECORDS: Readonly<Record<string, readonly [name: string, layout: Readonly<Record<string, number>>]>> = {
  sock: ['SOCK', SOCK],
  storage: ['SK_STORAGE', SK_STORAGE],
  elem: ['SELEM', SELEM],
  map: ['MAP', MAP],
}

/** What the source calls a word of an object: `SELEM.snode + 1`. */
export function nameInSource(kind: string, at: number): string {
  const [record, layout] = RECORDS[kind]
  const fields = [...namesOf(layout)].filter(([from]) => from <= at)
  const [from, name] = fields.reduce((last, each) => (each[0] > last[0] ? each : last))
  return `${record}.${name}${at === from ? '' : ` + ${at - from}`}`
}
