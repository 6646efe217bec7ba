/**
 * Names of words as the layouts give them: `elem 4144 word 3` becomes `elem 4144 snode.pprev`.
 */

import { BUCKET, HEADER, MAP, SELEM, SK_STORAGE, SOCK } from '../../src/shared/records.ts'

const namesOf = (layout: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(layout)
      .filter(([name]) => name !== 'SIZE')
      .map(([name, at]) => [at, name]),
  )

const element = new Map([
  ...namesOf({ ...SELEM }),
  [SELEM.mapNode, 'mapNode.next'],
  [SELEM.mapNode + 1, 'mapNode.pprev'],
  [SELEM.snode, 'snode.next'],
  [SELEM.snode + 1, 'snode.pprev'],
  [SELEM.rcu + 1, 'rcu.func'],
])
const FIELDS: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  sock: namesOf(SOCK),
  storage: namesOf(SK_STORAGE),
  elem: element,
  map: namesOf(MAP),
}
const header = namesOf(HEADER)

/** A sentence of the explorer's with its words named. `objects` says whether the program has sockets and elements; other programs use the same kinds for records of their own. */
export function withFieldNames(text: string, objects: boolean): string {
  if (!objects)
    return text.replace(/\b(elem|file|prog) (\d+) word \d+/g, (_, kind) =>
      kind === 'elem' ? 'object' : 'published pointer',
    )
  return text
    .replace(/\b(\w+) (\d+) word (\d+)/g, (whole, kind: string, pointer: string, word: string) => {
      const at = Number(word)
      if (kind === 'storage' && at < SK_STORAGE.list) return `storage ${pointer} cache[${at}]`
      if (kind === 'buckets') {
        const what = at % BUCKET.SIZE === BUCKET.lock ? 'lock' : 'list'
        return `bucket ${Math.floor(at / BUCKET.SIZE)} ${what}`
      }
      const name = FIELDS[kind]?.get(at)
      return name === undefined ? whole : `${kind} ${pointer} ${name}`
    })
    .replace(/\bwords\[(\d+)\]/g, (whole, at: string) => header.get(Number(at)) ?? whole)
}
