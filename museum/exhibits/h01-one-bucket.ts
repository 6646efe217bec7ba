import type { Exhibit } from '../exhibit.ts'

export const oneBucket: Exhibit = {
  id: 'H01',
  title: 'One bucket, and a hash of no bits',
  year: 2019,
  commit: '85749218e3a6',
  rules: [],
  story: {
    believed:
      'A map gets a bucket for each possible CPU, rounded up to a power of two. With one CPU that is one bucket, and a hash of zero bits selects it.',
    broken:
      'Hashing to zero bits shifts a word by its whole width. That is no shift at all, in C on x86 and in JavaScript alike: the index is the whole hash, and the lock that is taken lies far outside the array.',
    fixed: 'At least two buckets.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-map.ts',
      from: 'return Math.max(1, 32 - Math.clz32(cpus - 1))',
      to: 'return 32 - Math.clz32(cpus - 1)',
    },
  ],
  scenario: { file: 'props/scenarios/one-cpu.ts', name: 'createOnOneCpu' },
  detector: 'assertion',
  unseenByThreads: 'one CPU runs alone: there is no race to run',
}
