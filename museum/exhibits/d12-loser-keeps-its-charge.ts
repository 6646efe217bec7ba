import type { Exhibit } from '../exhibit.ts'

export const loserKeepsItsCharge: Exhibit = {
  id: 'D12',
  title: 'The loser forgets what it has charged',
  year: 2019,
  rules: ['C5'],
  story: {
    believed: 'The loser of the race for the first storage frees its element and its storage. Then all is as it was.',
    broken:
      'The socket was charged for both. Each lost race leaves some bytes on its account, until nothing fits any more.',
    fixed: 'The loser takes its charge back.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from: '  omemUncharge(cpu, sk, charge)\n' + '  kfreeRcu(cpu, selem + SELEM.rcu)',
      to: '  kfreeRcu(cpu, selem + SELEM.rcu)',
    },
  ],
  scenario: { file: 'props/scenarios/first-storage.ts', name: 'firstStorage' },
  detector: 'assertion',
}
