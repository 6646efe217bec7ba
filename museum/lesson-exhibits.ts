/**
 * What the lessons of the page can break: edits of the sources that a lesson explains itself, in a sentence or two.
 * Unlike the museum's exhibits they have no scenario of their own: each is stepped in the lesson's. A replay line names
 * them behind it: `web/scenarios/cmpxchg.ts#increments@blind-cmpxchg`.
 */

import type { Edit } from './exhibit.ts'

export interface LessonExhibit {
  readonly id: string
  readonly title: string
  readonly story: readonly string[]
  readonly edits: readonly Edit[]
}

const ELEM = 'src/shared/sk-storage-elem.ts'
const MAP = 'src/shared/sk-storage-map.ts'

export const LESSON_EXHIBITS: readonly LessonExhibit[] = [
  {
    id: 'blind-cmpxchg',
    title: 'Don’t look at what cmpxchg returned',
    story: ['The step is still atomic, but its answer is ignored: who was too late believes that it has stored.'],
    edits: [
      {
        file: 'web/scenarios/cmpxchg.ts',
        from: 'if (cmpxchg(words, COUNTER, seen, seen + 1) === seen) return tries',
        to: 'cmpxchg(words, COUNTER, seen, seen + 1)\n    return tries',
      },
    ],
  },
  {
    id: 'early-unlock',
    title: 'Release the lock one line too early',
    story: ['The second counter changes outside the lock. Two CPUs meet there, and nothing orders them: a data race.'],
    edits: [
      {
        file: 'web/scenarios/spin-lock.ts',
        from: `    words[value + VALUE.bytes] += 100
    bpfSpinUnlock(cpu, value + VALUE.lock)`,
        to: `    bpfSpinUnlock(cpu, value + VALUE.lock)
    words[value + VALUE.bytes] += 100`,
      },
    ],
  },
  {
    id: 'early-publish',
    title: 'Publish first, fill in afterwards',
    story: [
      'The pointer is visible before the object is ready. A reader that follows it reads a word that is being written.',
    ],
    edits: [
      {
        file: 'web/scenarios/publish.ts',
        from: `  words[object] = 42
  rcuAssignPointer(words, head, object)`,
        to: `  rcuAssignPointer(words, head, object)
  words[object] = 42`,
      },
    ],
  },
  {
    id: 'plain-publish',
    title: 'Publish with a plain store',
    story: [
      'In the right order in the text, but a plain store promises no order to anybody. The page runs one step after the other and can’t show the reordering itself; the race report can.',
    ],
    edits: [
      {
        file: 'web/scenarios/publish.ts',
        from: `  words[object] = 42
  rcuAssignPointer(words, head, object)`,
        to: `  words[object] = 42
  words[head] = object`,
      },
    ],
  },
  {
    id: 'no-grace-period',
    title: 'Free without waiting for the readers',
    story: ['The pointer is gone, so nobody new finds the object. Whoever found it before is still reading it.'],
    edits: [{ file: 'web/scenarios/publish.ts', from: '  synchronizeRcu(cpus[0])\n', to: '' }],
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
        from: 'for (let i = SOCK.flags; i < SOCK.SIZE; i++)',
        to: 'for (let i = SOCK.storage; i < SOCK.SIZE; i++)',
      },
      { file: 'src/shared/sk-clone.ts', from: '  words[child + SOCK.storage] = 0\n', to: '' },
    ],
  },
]
