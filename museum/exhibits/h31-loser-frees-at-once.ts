import type { Exhibit } from '../exhibit.ts'

export const loserFreesAtOnce: Exhibit = {
  id: 'H31',
  title: 'The loser frees its element at once, under the iterator',
  year: 2023,
  commit: 'c0d63f309186',
  rules: ['C5'],
  story: {
    believed:
      'The loser of the race for the first storage may free what it made without waiting: nobody has seen its element but map free, and that waits for the read section of the loser.',
    broken:
      'That was so until the iterator came, a year later. It walks the buckets under RCU, stands on the element of the loser, and the loser frees it.',
    fixed: 'The loser, too, frees through RCU.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from: '  omemUncharge(cpu, sk, charge)\n' + '  kfreeRcu(cpu, selem + SELEM.rcu)',
      to: '  selemFreeUnlinked(cpu, map, sk, selem, charge)',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateOverLoser' },
  detector: 'use-after-free',
}
