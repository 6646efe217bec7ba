import type { Exhibit } from '../exhibit.ts'

export const listAddWithoutPublication: Exhibit = {
  id: 'H06',
  title: 'The element is linked before it is filled in',
  year: 2020,
  commit: '70b971118e07',
  rules: ['C9'],
  story: {
    believed: 'Under the lock of the storage a list may be changed with plain stores: other writers wait for the lock.',
    broken:
      'Readers do not. Compiler and machine may let the store to the head overtake the stores to the element, and a reader that follows the head finds an element with the map and the link that the memory held before.',
    fixed: 'hlist_add_head_rcu: the head is stored with release order, after what it leads to.',
  },
  edits: [
    {
      file: 'src/shared/hlist.ts',
      from:
        '  words[node + HLIST_NODE.pprev] = head\n' +
        '  rcuAssignPointer(words, head, node)\n' +
        '  if (first !== 0) writeOnce',
      to: '  words[node + HLIST_NODE.pprev] = head\n' + '  words[head] = node\n' + '  if (first !== 0) writeOnce',
    },
  ],
  scenario: { file: 'props/scenarios/get-against-replacement.ts', name: 'getAgainstReplacement' },
  detector: 'data-race',
  unseenByThreads: 'the processors this runs on do not reorder stores, so the bytes come out right',
}
