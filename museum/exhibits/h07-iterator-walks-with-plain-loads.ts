import type { Exhibit } from '../exhibit.ts'

export const iteratorWalksWithPlainLoads: Exhibit = {
  id: 'H07',
  title: 'The iterator walks without the lock, as if it had it',
  year: 2020,
  rules: ['C4'],
  story: {
    believed:
      'The iterator held the lock of the bucket for up to 875 microseconds. With a read section instead the loop can stay as it is.',
    broken:
      'The loop reads the links with plain loads. Others store them meanwhile, and nothing says that a link read so leads to an element that is filled in.',
    fixed: 'Each link is dereferenced, the first and the next. It took the review three rounds to have both.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-iter.ts',
      from: '    for (; node !== 0; node = hlistNextRcu(cpu, node), at.skip++) {',
      to: '    for (; node !== 0; node = words[node], at.skip++) {',
    },
    {
      file: 'src/shared/sk-storage-iter.ts',
      from: '    let node = hlistFirstRcu(cpu, words[map + MAP.buckets] + at.bucket * BUCKET.SIZE + BUCKET.list)',
      to: '    let node = words[words[map + MAP.buckets] + at.bucket * BUCKET.SIZE + BUCKET.list]',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateAgainstReplacement' },
  detector: 'data-race',
  unseenByThreads: 'the processors this runs on order dependent loads, so the bytes come out right',
}
