import type { Exhibit } from '../exhibit.ts'

export const joinedWithoutTheBucketsLock: Exhibit = {
  id: 'D69',
  title: "An element joins its bucket without the bucket's lock",
  year: 2026,
  rules: [],
  story: {
    believed: "The storage's lock is held, or nobody knows the storage yet: who else would touch this element's lists?",
    broken:
      'A bucket has elements of many sockets. Two CPUs that make elements for two of them hold two different locks, both find the same first element of the bucket, and the later store of its head loses the other one: map free never finds it.',
    fixed:
      "The bucket has a lock of its own, inside the storage's. In most scenarios no two CPUs meet on a bucket, since addresses decide who does: one lays its elements out until they do.",
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from:
        '  spinLock(cpu, bucket + BUCKET.lock)\n' +
        '  hlistAddHeadRcu(cpu.words, selem + SELEM.mapNode, bucket + BUCKET.list)\n' +
        '  spinUnlock(cpu, bucket + BUCKET.lock)\n',
      to: '  hlistAddHeadRcu(cpu.words, selem + SELEM.mapNode, bucket + BUCKET.list)\n',
    },
  ],
  scenario: { file: 'props/scenarios/one-bucket.ts', name: 'twoCreatorsInOneBucket' },
  detector: 'data-race',
}
