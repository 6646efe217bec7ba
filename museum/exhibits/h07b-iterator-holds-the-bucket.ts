import type { Exhibit } from '../exhibit.ts'

export const iteratorHoldsTheBucket: Exhibit = {
  id: 'H07b',
  title: 'The iterator holds the bucket while it shows what is in it',
  year: 2020,
  rules: ['C4'],
  story: {
    believed: 'Under the lock of the bucket no element of it comes or goes, so the callback sees what is there.',
    broken:
      'The callback deletes what it is shown. Deletion takes the same lock, on the same CPU, and waits for itself.',
    fixed: 'The walk holds no lock. It sees stale elements and may miss new ones, and that was accepted.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-iter.ts',
      from: '      const goOn = show(cpu, sk, (selem + SELEM.value) as number as Value)\n',
      to:
        '      const bucket = words[map + MAP.buckets] + at.bucket * BUCKET.SIZE\n' +
        '      spinLock(cpu, bucket + BUCKET.lock)\n' +
        '      const goOn = show(cpu, sk, (selem + SELEM.value) as number as Value)\n' +
        '      spinUnlock(cpu, bucket + BUCKET.lock)\n',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'deletingWalkAgainstDelete' },
  detector: 'deadlock',
}
