/**
 * Two CPUs that store into a table of npm's sharedmap, under two keys of one chain.
 */

import SharedMapModule from 'sharedmap'

interface Table {
  set(key: string, value: string): void
  get(key: string): string | undefined
  readonly stats: object
}
// Its types say nothing of a constructor.
const SharedMap = SharedMapModule as unknown as new (size: number, key: number, value: number) => Table

/** A table as a worker gets it: the same memory, and an object of its own. */
const own = (table: Table): Table =>
  Object.assign(Object.create(SharedMap.prototype), table, { stats: { ...table.stats } })

const set =
  (key: string) =>
  ({ table }: { table: Table }): void =>
    own(table).set(key, key)

export const collidingSets = {
  setup: () => ({ table: new SharedMap(4, 4, 4) }),
  // In a table of four both begin at the second place.
  threads: [set('a'), set('b')],
  after: ({ table }: { table: Table }) => own(table).get('a') === 'a' && own(table).get('b') === 'b',
}
