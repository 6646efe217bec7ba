/**
 * What the lessons about sk storage can break.
 */

import type { LessonExhibit } from './lesson-exhibit.ts'

const ELEM = 'src/shared/sk-storage-elem.ts'
const MAP = 'src/shared/sk-storage-map.ts'

export const STORAGE_LESSON_EXHIBITS: readonly LessonExhibit[] = [
  {
    id: 'ask-once',
    title: 'Take NULL for what never happens',
    story: [
      'Each CPU runs count_once, which lets a packet go by uncounted where F_CREATE gives NULL. Programs in public do that, with a comment that it should never happen. There is memory enough, and it happens: to one of two CPUs that create a socket’s first element at once.',
    ],
    edits: [{ file: 'web/scenarios/packets.ts', from: "const PROGRAM = 'count'", to: "const PROGRAM = 'count_once'" }],
  },
  {
    id: 'blind-publish',
    title: 'Publish the storage with a plain exchange',
    story: [
      'C6: the second creator does not see that the first was faster. It replaces its storage, and the element with it.',
    ],
    edits: [
      {
        file: 'src/shared/sk-storage-update.ts',
        from: 'if (cmpxchg(words, sk + SOCK.storage, 0, storage) === 0) return 0',
        to: 'Atomics.exchange(words, sk + SOCK.storage, storage)\n  if (storage !== 0) return 0',
      },
    ],
  },
  {
    id: 'stale-cache',
    title: 'Cache without looking again',
    story: ['C1: an element is put into the cache slot after its removal, and is found there when it is long freed.'],
    edits: [
      {
        file: 'src/shared/sk-storage-lookup.ts',
        from: 'if (!hlistUnhashed(words, selemOf(sdata) + SELEM.snode)) {',
        to: '{',
      },
    ],
  },
  {
    id: 'no-first-grace-period',
    title: 'Map free without its first grace period',
    story: ['C11: a program that found the map just before adds an element to a bucket that has been swept already.'],
    edits: [
      {
        file: MAP,
        from: 'queueRcuWork(cpu, map + MAP.work, CALLBACK.mapSweep)',
        to: 'mapSweepCallback(cpu, map + MAP.work)',
      },
    ],
  },
  {
    id: 'no-second-grace-period',
    title: 'Map free without its second grace period',
    story: [
      'C13: the dying socket takes the element off its bucket, under the bucket’s lock, and then reads the map’s sizes, to take back the charge. The sweep finds nothing more meanwhile, and the map goes with its buckets.',
    ],
    edits: [
      {
        file: MAP,
        from: 'queueRcuWork(cpu, head, CALLBACK.mapEnd)',
        to: 'cpu.callbacks[CALLBACK.mapEnd](cpu, head, CALLBACK.mapEnd)',
      },
    ],
  },
  {
    id: 'free-at-once',
    title: 'Free an element at once',
    story: ['H31: the element was on a list that others walk without a lock. Its memory has to wait for them.'],
    edits: [
      {
        file: ELEM,
        from: '  kfreeRcu(cpu, selem + SELEM.rcu)\n  return last',
        to: '  kfree(cpu, KIND.elem, words[map + MAP.elemWords], selem)\n  return last',
      },
    ],
  },
  {
    id: 'inherited-pointer',
    title: 'The child keeps its parent’s pointer',
    story: [
      'H02, H03: the copy of the socket includes the pointer to its storage. Closing the child frees what is the parent’s.',
    ],
    edits: [
      {
        file: 'src/shared/sk-clone.ts',
        from: 'for (let i = SOCK.flags; i < SOCK.state; i++)',
        to: 'for (let i = SOCK.storage; i < SOCK.state; i++)',
      },
      { file: 'src/shared/sk-clone.ts', from: '  words[child + SOCK.storage] = 0\n', to: '' },
    ],
  },
]
