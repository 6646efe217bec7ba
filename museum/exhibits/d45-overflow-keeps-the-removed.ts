import type { Exhibit } from '../exhibit.ts'

export const overflowKeepsTheRemoved: Exhibit = {
  id: 'D45',
  title: 'The table behind the cache keeps what was removed',
  year: 2026,
  rules: ['C1'],
  story: {
    believed: 'A removed element is taken out of its slot in the cache.',
    broken:
      'Its slot was taken by another map, so it stood in the table behind the cache, and there it still stands. The next lookup finds it there, freed.',
    fixed: 'Removal looks in both places.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  overflowRemove(cpu, map, storage, sdataOf(selem))\n',
      to: '',
    },
  ],
  scenario: { file: 'props/scenarios/overflow.ts', name: 'overflowAgainstDelete' },
  detector: 'use-after-free',
}
