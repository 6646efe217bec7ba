/**
 * Of the mutants that are no fault (equivalent.ts) those by which two neighbouring stores change places, by function.
 */

export const FRESH = 'nobody else knows the object yet: publication orders all of these stores'
export const OWN = "the words are this CPU's own"
const ALONE = 'no other thread is there yet'

/** Functions whose neighbouring stores may change places. */
export const SWAPS: readonly (readonly [file: string, within: string, why: string, seen?: true])[] = [
  ['src/shared/memory.ts', 'createMemory', ALONE],
  ['src/shared/memory.ts', 'sign', ALONE],
  ['src/sync/rcu-layout.ts', 'initRcu', ALONE],
  ['src/shared/array-map.ts', 'arrayMapAlloc', FRESH],
  ['src/shared/btf/object.ts', 'btfLoad', FRESH],
  ['src/shared/fd-table.ts', 'fdInstall', FRESH],
  ['src/shared/map.ts', 'mapAlloc', FRESH],
  ['src/shared/sk-clone.ts', 'skClone', FRESH],
  ['src/shared/sk-storage-elem.ts', 'selemAlloc', FRESH],
  ['src/shared/sk-storage-map.ts', 'skStorageMapAlloc', FRESH],
  ['src/shared/sk-storage-map.ts', 'cachePlaceGet', FRESH],
  ['src/shared/sk-storage-overflow.ts', 'largerTable', FRESH],
  ['src/shared/sk-storage-update.ts', 'skStorageAlloc', FRESH],
  ['src/shared/sock.ts', 'skAlloc', FRESH],
  ['src/shared/sock.ts', 'setCookie', `${OWN}, and the socket is one that nobody else knows yet`],
  ['src/shared/hlist.ts', 'hlistSetOnly', 'the list is one that nobody else knows yet'],
  ['src/shared/hlist.ts', 'hlistAddHeadRcu', 'the node is published behind both'],
  ['src/sync/quiescent-state.ts', 'rcuOnline', OWN],
  ['src/sync/rcu-callback.ts', 'stampNext', OWN],
  ['src/sync/rcu-callback.ts', 'handOverCallbacks', OWN],
  ['src/sync/rcu-callback.ts', 'advanceCallbacks', OWN],
  ['src/shared/sanitizer.ts', 'kasanAlloc', FRESH],
  ['src/shared/sanitizer.ts', 'quarantine', OWN],
  [
    'src/shared/btf/lane.ts',
    'wideLane',
    'a value of two words is stored in two steps either way, and promised no order',
    true,
  ],
]
