/**
 * The words of the field and the rules about races, as the page explains them.
 */

import rules from 'virtual:rules'

export type Entry = readonly [word: string, meaning: string]

const WORDS: readonly Entry[] = [
  [
    'RCU',
    'Read, copy, update: readers take no lock and are never waited for by one another; who frees waits for them.',
  ],
  ['read section', 'Between rcuReadLock and rcuReadUnlock. What a reader finds there stays until the section ends.'],
  ['grace period', 'A time after which every read section that was open at its beginning has ended.'],
  ['callback', 'What callRcu leaves behind. It runs some time after a grace period, and has buttons of its own here.'],
  ['publish', 'To store the pointer by which others find an object, behind everything that was stored in the object.'],
  ['cmpxchg', 'Compare and exchange: one step that stores only if the word still holds what is expected.'],
  ['NULL', 'The pointer to nothing: 0.'],
  ['-EAGAIN', 'What a program is told whose attempt came at the wrong moment: it may try again.'],
  ['data race', 'Two accesses to one word, one of them a plain one and one a store, that nothing orders.'],
  ['allocator', 'Where kmalloc and kfree take memory from and bring it back. Its steps are folded into one press.'],
  ['H, D', 'Exhibits of the museum: H is a bug that Linux had, D is a rule of the design, left out.'],
]

/** The rules first, since most who ask come from a code. */
export const ENTRIES: readonly Entry[] = [
  ...rules.map(([code, where, what]): Entry => [code, `${where}: ${what}.`]),
  ...WORDS,
]
