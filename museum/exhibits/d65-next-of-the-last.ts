import type { Exhibit } from '../exhibit.ts'

export const nextOfTheLast: Exhibit = {
  id: 'D65',
  title: 'The last of a list has no next',
  year: 2026,
  rules: [],
  story: {
    believed: 'A node that is taken off its list tells the next one who now points to it.',
    broken:
      'The last has no next: its link is NULL, and the store goes to a word that no object has. Nothing seems to be wrong for a long time, or for ever.',
    fixed: 'The next one is told if there is one.',
  },
  edits: [
    {
      file: 'src/shared/hlist.ts',
      from: '  if (next !== 0) words[next + HLIST_NODE.pprev] = pprev\n',
      to: '  words[next + HLIST_NODE.pprev] = pprev\n',
    },
  ],
  scenario: { file: 'props/scenarios/get-against-delete.ts', name: 'getAgainstDelete' },
  detector: 'overflow',
}
