import type { Exhibit } from '../exhibit.ts'

export const nullOrdersNothing: Exhibit = {
  id: 'D31',
  title: 'A dereference that finds NULL orders nothing',
  year: 2026,
  rules: ['C2', 'C10'],
  story: {
    believed: 'The dying socket reads its pointer as every reader does, with a dereference: a plain load.',
    broken:
      'The pointer is NULL because map free took the last element. A dereference orders what is read through the pointer, and through NULL nothing is read: what map free did to the socket before is not ordered before the free of the socket.',
    fixed: 'A real load, Atomics.load. The explorer found this one in our own code.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-free.ts',
      from: 'Atomics.load(words, sk + SOCK.storage) as SkStorage',
      to: 'rcuDereference(words, sk + SOCK.storage) as SkStorage',
    },
    {
      file: 'src/shared/sk-storage-free.ts',
      from: 'import { rcuReadLock, rcuReadUnlock }',
      to: 'import { rcuDereference, rcuReadLock, rcuReadUnlock }',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'use-after-free',
  unseenByThreads: 'the processors this runs on do not let the free overtake the load',
}
