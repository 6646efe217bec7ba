import type { Exhibit } from '../exhibit.ts'

export const ownerClearedWithoutTheLock: Exhibit = {
  id: 'D58',
  title: 'The loser clears its owner without the lock',
  year: 2026,
  rules: ['C5'],
  story: {
    believed: 'The storage of the loser was never published. Nobody can see it, so its fields can be set as they are.',
    broken:
      'Its element was on the bucket, and an iterator may stand on it. That asks the storage for its owner under the lock, and finds one that is being taken away.',
    fixed: 'The owner is cleared under the lock, while the reference of the caller still holds the socket.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from: '  spinLock(cpu, storage + SK_STORAGE.lock)\n  words[storage + SK_STORAGE.sk] = 0\n  spinUnlock(cpu, storage + SK_STORAGE.lock)\n',
      to: '  words[storage + SK_STORAGE.sk] = 0\n',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateOverLoser' },
  detector: 'data-race',
}
