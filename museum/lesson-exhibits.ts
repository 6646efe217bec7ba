/**
 * What the lessons of the page can break, in the order of the lessons but for those about sk storage, which stand last.
 */

import type { LessonExhibit } from './lesson-exhibit.ts'
import { STORAGE_LESSON_EXHIBITS } from './storage-lesson-exhibits.ts'

const PUBLISH = 'web/scenarios/publish.ts'

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
    id: 'no-read-section',
    title: 'Read without a section',
    story: ['A grace period waits for sections. Nobody knows of this reader, and so nobody waits for it.'],
    edits: [
      { file: PUBLISH, from: '  rcuReadLock(cpus[1])\n', to: '' },
      { file: PUBLISH, from: '  rcuReadUnlock(cpus[1])\n', to: '' },
    ],
  },
  {
    id: 'use-after-section',
    title: 'Use the pointer after the section',
    story: ['The pointer was loaded inside the section, and is good as long as that lasts. It is followed behind it.'],
    edits: [
      {
        file: PUBLISH,
        from: `  const value = object === 0 ? -1 : words[object]
  rcuReadUnlock(cpus[1])`,
        to: `  rcuReadUnlock(cpus[1])
  const value = object === 0 ? -1 : words[object]`,
      },
    ],
  },
  {
    id: 'free-before-unlink',
    title: 'Free first, unlink afterwards',
    story: ['The grace period is there, but it comes too late: a new reader still finds the object that is freed.'],
    edits: [
      {
        file: PUBLISH,
        from: `  rcuAssignPointer(words, head, 0)
  synchronizeRcu(cpus[0])
  kfree(cpus[0], KIND.elem, SIZE, object)`,
        to: `  kfree(cpus[0], KIND.elem, SIZE, object)
  rcuAssignPointer(words, head, 0)
  synchronizeRcu(cpus[0])`,
      },
    ],
  },
  {
    id: 'unlink-after-wait',
    title: 'Wait first, unlink afterwards',
    story: [
      'Those who were reading have been waited for. Whoever came during the wait, or after it, has found the object too.',
    ],
    edits: [
      {
        file: PUBLISH,
        from: `  rcuAssignPointer(words, head, 0)
  synchronizeRcu(cpus[0])`,
        to: `  synchronizeRcu(cpus[0])
  rcuAssignPointer(words, head, 0)`,
      },
    ],
  },
  {
    id: 'look-then-wake',
    title: 'Wake only whom you have seen asleep',
    story: [
      'The unlocker looks whether somebody waits, and then frees the lock. A waiter that comes in between has said so too late, and nobody wakes it.',
    ],
    edits: [
      {
        file: 'web/scenarios/lost-wakeup.ts',
        from: '  if (Atomics.exchange(words, MUTEX, FREE) === WAITED_FOR) Atomics.notify(words, MUTEX, 1)',
        to: `  const waitedFor = Atomics.load(words, MUTEX) === WAITED_FOR
  Atomics.store(words, MUTEX, FREE)
  if (waitedFor) Atomics.notify(words, MUTEX, 1)`,
      },
    ],
  },
  {
    id: 'no-version',
    title: 'Leave the version out',
    story: [
      'cmpxchg compares a value, not a history. The node that was on top is there again, so it stores, and what it stores is what lay below long ago.',
    ],
    edits: [
      {
        file: 'web/scenarios/reused-node.ts',
        from: '  return seen - nodeOf(seen) + VERSION + node',
        to: '  return seen - nodeOf(seen) + node',
      },
    ],
  },
  {
    id: 'blind-reference',
    title: 'Take the reference without looking',
    story: ['The count may be zero: then somebody has begun to free the object, and no reference stops it any more.'],
    edits: [
      {
        file: 'web/scenarios/take-reference.ts',
        from: 'object !== 0 && refcountIncNotZero(words, object + OBJECT.refcount)',
        to: 'object !== 0 && Atomics.add(words, object + OBJECT.refcount, 1) >= 0',
      },
    ],
  },
  {
    id: 'late-reference',
    title: 'Take the reference after the section',
    story: ['The count lies in the object. Behind the section the object may be gone, and the count with it.'],
    edits: [
      {
        file: 'web/scenarios/take-reference.ts',
        from: `  const held = object !== 0 && refcountIncNotZero(words, object + OBJECT.refcount)
  rcuReadUnlock(cpus[1])`,
        to: `  rcuReadUnlock(cpus[1])
  const held = object !== 0 && refcountIncNotZero(words, object + OBJECT.refcount)`,
      },
    ],
  },
  {
    id: 'synchronize-for-barrier',
    title: 'Wait for a grace period only',
    story: [
      'synchronizeRcu waits for readers. The callback may run when the grace period is over, and not yet have run.',
    ],
    edits: [
      {
        file: 'web/scenarios/unload.ts',
        from: '  rcuBarrier(cpu)',
        to: '  synchronizeRcu(cpu)',
      },
      {
        file: 'web/scenarios/unload.ts',
        from: "import { rcuBarrier } from '../../src/sync/synchronize-rcu.ts'",
        to: "import { synchronizeRcu } from '../../src/sync/synchronize-rcu.ts'",
      },
    ],
  },
  {
    id: 'no-barrier',
    title: 'Don’t wait for the callback',
    story: ['What callRcu has queued runs later, on its own. Here it finds a module that is gone.'],
    edits: [{ file: 'web/scenarios/unload.ts', from: '  rcuBarrier(cpu)\n', to: '' }],
  },
  {
    id: 'plain-accesses',
    title: 'Say and look with plain accesses',
    story: [
      'A CPU may keep its own store to itself for a while and look already: nothing in the text says that the look has to wait.',
    ],
    edits: [
      {
        file: 'web/scenarios/reordering.ts',
        from: '    Atomics.store(words, mine, 1)\n    return Atomics.load(words, other)',
        to: '    words[mine] = 1\n    return words[other]',
      },
    ],
  },
  {
    id: 'plain-store',
    title: 'Publish with a plain store, on a machine',
    story: [
      'The object is filled in before the pointer is stored, in the text. Another CPU may see the two stores the other way round.',
    ],
    edits: [
      {
        file: 'web/scenarios/reordering.ts',
        from: '  rcuAssignPointer(words, POINTER, OBJECT)',
        to: '  words[POINTER] = OBJECT',
      },
      {
        file: 'web/scenarios/reordering.ts',
        from: 'import { rcuAssignPointer, rcuDereference } from',
        to: 'import { rcuDereference } from',
      },
    ],
  },
  ...STORAGE_LESSON_EXHIBITS,
]
