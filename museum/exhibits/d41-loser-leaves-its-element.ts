import type { Exhibit } from '../exhibit.ts'

export const loserLeavesItsElement: Exhibit = {
  id: 'D41',
  title: 'The loser leaves its element on the bucket',
  year: 2019,
  rules: ['C5'],
  story: {
    believed: 'The loser frees its storage and its element. Neither was ever on a socket.',
    broken:
      'The element was on a bucket of the map already. It is freed there, and the next who walks or changes that bucket goes through freed memory.',
    fixed: 'The loser takes its element off the bucket first.',
  },
  edits: [{ file: 'src/shared/sk-storage-update.ts', from: '  selemUnlinkMap(cpu, first)\n', to: '' }],
  scenario: { file: 'props/scenarios/first-storage.ts', name: 'firstStorage' },
  detector: 'assertion',
}
