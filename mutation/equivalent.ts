/**
 * Mutants that are no fault: correct code all the same, each with its reason. Named by file, operator and the line as
 * it was. Only those are here that a run has left over and somebody has read.
 */

export const EQUIVALENT: readonly { readonly mutant: string; readonly why: string }[] = [
  {
    mutant: 'src/sync/synchronize-rcu.ts: drop a recheck: if (first !== 0) {',
    why: 'without orphans it waits for a grace period and runs none',
  },
  {
    mutant: 'src/shared/memory.ts: swap two stores: words[HEADER.maxFds] = maxFds',
    why: 'no other thread is there yet',
  },
  {
    mutant: 'src/shared/map.ts: swap two stores: words[map + MAP.keySize] = options.keySize',
    why: 'nobody else knows the object yet',
  },
  {
    mutant: 'src/shared/fd-table.ts: publish before init: spinLock(cpu, HEADER.fdLock)',
    why: "the slot is its reserver's; a hint that is too low costs a look",
  },
  {
    mutant: 'src/shared/memory.ts: swap two stores: words[HEADER.fingerprint] = FINGERPRINT',
    why: 'no other thread is there yet',
  },
  {
    mutant: 'src/shared/hash-map-memory.ts: swap two stores: words[map + MAP.bucketLog] = log',
    why: 'nobody else knows the object yet',
  },
  {
    mutant:
      'src/shared/sk-storage-map.ts: swap two stores: words[map + MAP.elemSize] = ELEM_CHARGE + words[map + MAP.valueSize]',
    why: 'nobody else knows the object yet',
  },
  { mutant: 'src/shared/sock.ts: swap two stores: words[sk + SOCK.mark] = 0', why: 'nobody else knows the object yet' },
  {
    mutant: 'src/sync/rcu-callback.ts: swap two stores: words[base + PERCPU.nextTail] = 0',
    why: "the words are this CPU's own",
  },
  {
    mutant: 'src/shared/fd-table.ts: swap two stores: words[file + FILE.kind] = kind',
    why: 'nobody else knows the object yet',
  },
  {
    mutant: 'src/shared/hash-map-memory.ts: swap two stores: words[elem + HASH_ELEM.map] = map',
    why: 'nobody else knows the object yet',
  },
  {
    mutant:
      'src/shared/map.ts: publish before init: words[map + MAP.id] = nextObjectId(words, HEADER.nextMapId, HEADER.maps, MAP.allNode, MAP.id)',
    why: 'both under the lock that all who walk the list take',
  },
  {
    mutant: 'src/shared/hlist.ts: swap two stores: words[node + HLIST_NODE.next] = first',
    why: 'the node is published behind both',
  },
  {
    mutant:
      'src/sync/rcu-callback.ts: swap two stores: words[base + PERCPU.callbackLimit] = words[base + PERCPU.callbacks] + BATCH',
    why: "the words are this CPU's own",
  },
  {
    mutant:
      'src/shared/sk-storage-elem.ts: drop a recheck: if (!hlistUnhashed(words, selem + SELEM.mapNode)) hlistDelInitRcu(words, selem + SELEM.mapNode)',
    why: 'hlistDelInitRcu looks whether the node is linked',
  },
  {
    mutant: 'src/sync/rcu-callback.ts: swap two stores: words[base + PERCPU.waitTail] = words[base + PERCPU.nextTail]',
    why: "the words are this CPU's own",
  },
  {
    mutant: 'src/sync/rcu-callback.ts: swap two stores: words[base + PERCPU.waitHead] = 0',
    why: "the words are this CPU's own",
  },
  {
    mutant: 'src/shared/memory.ts: swap two stores: words[HEADER.optmemMax] = optmemMax',
    why: 'no other thread is there yet',
  },
  { mutant: 'src/shared/sock.ts: swap two stores: words[counter] = next', why: "the words are this CPU's own" },
  {
    mutant: 'src/shared/hash-map-memory.ts: swap two stores: words[map + MAP.elemCount] = count',
    why: 'nobody else knows the object yet',
  },
]
