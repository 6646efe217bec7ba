import type { Exhibit } from '../exhibit.ts'

export const removedNodeForgetsTheWay: Exhibit = {
  id: 'D34',
  title: 'A removed node forgets the way on',
  year: 2019,
  rules: ['C4'],
  story: {
    believed: 'A node that is on no list has no successor, so its link is cleared with the rest.',
    broken:
      'A reader stands on it. It finds the end of the list there, and does not see the elements behind that were there all the time.',
    fixed: 'A removed node keeps its link until it is freed.',
  },
  edits: [
    {
      file: 'src/shared/hlist.ts',
      from: '  writeOnce(words, node + HLIST_NODE.pprev, 0)\n' + '}',
      to: '  writeOnce(words, node + HLIST_NODE.pprev, 0)\n' + '  writeOnce(words, node + HLIST_NODE.next, 0)\n' + '}',
    },
  ],
  scenario: { file: 'props/scenarios/answers.ts', name: 'getBehindDelete' },
  detector: 'assertion',
}
