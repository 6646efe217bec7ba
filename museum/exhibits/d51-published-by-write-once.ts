import type { Exhibit } from '../exhibit.ts'

export const publishedByWriteOnce: Exhibit = {
  id: 'D51',
  title: 'A node is published by a marked store',
  year: 2020,
  rules: ['C9'],
  story: {
    believed:
      'writeOnce may meet readers without a lock: it is what unlinks a node from under them. So it will do for linking one, at a tenth of the price.',
    broken:
      'What unlinks leads to nothing new. A reader that follows the link to the new node may come before the stores that filled it in: no order was asked for.',
    fixed: 'rcuAssignPointer publishes. writeOnce is for NULL, and for what is only compared.',
  },
  edits: [
    {
      file: 'src/shared/hlist.ts',
      from:
        '  words[node + HLIST_NODE.pprev] = head\n' +
        '  rcuAssignPointer(words, head, node)\n' +
        '  if (first !== 0) writeOnce',
      to:
        '  words[node + HLIST_NODE.pprev] = head\n' +
        '  writeOnce(words, head, node)\n' +
        '  if (first !== 0) writeOnce',
    },
  ],
  scenario: { file: 'props/scenarios/get-against-replacement.ts', name: 'getAgainstReplacement' },
  detector: 'data-race',
  unseenByThreads: 'the processors this runs on do not reorder stores, so the bytes come out right',
}
