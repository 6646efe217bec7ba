/**
 * Controls: races that happen and are no bugs. A museum that reported these would prove nothing with the rest.
 */

import type { Control } from './exhibit.ts'

export const CONTROLS: readonly Control[] = [
  {
    id: 'B1',
    title: 'Two creators overshoot the limit of a socket',
    why: 'Linux looks at the account and then adds, in two steps. Two CPUs may both find room for one. The limit is there to stop a flood, not to count bytes, and the account itself stays exact.',
    edits: [
      {
        file: 'src/shared/sk-storage-elem.ts',
        from: '    const was = Atomics.compareExchange(words, at, seen, seen + size)\n    if (was === seen) return true\n    seen = was\n',
        to: '    Atomics.add(words, at, size)\n    return true\n',
      },
    ],
    scenario: { file: 'props/scenarios/answers.ts', name: 'firstStorageAtTheLimit' },
    seen: ['made, over the limit | NULL, within'],
  },
  {
    id: 'B2',
    title: 'An update in place lands in an element that is deleted meanwhile',
    why: 'C7 does not help who takes only the lock of the value. The bytes go where nobody will look again, into memory that stays allocated until the grace period ends, and the update counts as the earlier of the two.',
    scenario: { file: 'props/scenarios/update-in-place.ts', name: 'updateInPlaceAgainstDelete' },
    seen: ['0 | 0'],
  },
  {
    id: 'B3',
    title: 'Two maps fill the slot they share',
    why: 'C1: one finds the slot taken. A hit asks the element for its map, so either may stand there.',
    scenario: { file: 'props/scenarios/cache-slots.ts', name: 'twoGetsOfOneSlot' },
    seen: ['7 | 7'],
  },
  {
    id: 'B4',
    title: 'The iterator misses an element, or shows one that is being deleted',
    why: 'It walks without the lock, and says so. What it shows is readable and its socket is held.',
    scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateAgainstDelete' },
    seen: [' | 0', '[7] | 0'],
  },
  {
    id: 'B5',
    title: 'The loser is told to try again',
    why: 'C7: -EAGAIN, since the list emptied while the update waited for the lock. Nothing was done and nothing is left.',
    scenario: { file: 'props/scenarios/create-against-delete.ts', name: 'updateAgainstDelete' },
    seen: ['-11 | 0', '0 | 0'],
  },
  {
    id: 'B6',
    title: 'A reader misses both the old element and the new',
    why: 'C9: it was past the head of the list when the new one came, and reaches the place of the old one after that has gone. So it is in Linux.',
    scenario: { file: 'props/scenarios/get-against-replacement.ts', name: 'getAgainstReplacementBehind' },
    seen: ['0 | 0'],
  },
]
