import type { Exhibit } from '../exhibit.ts'

export const oneEntryTooMany: Exhibit = {
  id: 'D64',
  title: 'A table is cleared to its count, count included',
  year: 2026,
  rules: [],
  story: {
    believed: 'The new table behind the cache is cleared from its first entry to its last.',
    broken:
      'The loop takes one entry more. The table fills its object to the last word, so that entry is the first word of whatever lies behind it: of another socket, of another storage, which lives and has lost a pointer.',
    fixed: 'Up to the count, and not at it.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-overflow.ts',
      from: '  for (let i = 0; i < count; i++) {\n',
      to: '  for (let i = 0; i <= count; i++) {\n',
    },
  ],
  scenario: { file: 'props/scenarios/overflow.ts', name: 'overflowAgainstDelete' },
  detector: 'overflow',
}
