import type { Exhibit } from '../exhibit.ts'

export const hashElementReusedAtOnce: Exhibit = {
  id: 'D63',
  title: 'A deleted element of a hash map is reused at once',
  year: 2016,
  rules: [],
  story: {
    believed:
      'Readers of a preallocated hash map get memory that is never freed, so a deleted element can go back to the free list at once. (Linux does just that, and lets its readers live with it.)',
    broken:
      'A reader has found the element. It is deleted, taken from the free list and filled with another value while the reader reads: half of each.',
    fixed: 'The element goes back a grace period later. Some spare elements bridge that time.',
  },
  edits: [
    {
      file: 'src/shared/hash-map.ts',
      from: '  callRcu(cpu, elem + HASH_ELEM.rcu, CALLBACK.hashElemFree)\n',
      to: '  hashElemFreeCallback(cpu, elem + HASH_ELEM.rcu)\n',
    },
  ],
  scenario: { file: 'props/scenarios/hash-map.ts', name: 'hashLookupAgainstReuse' },
  detector: 'data-race',
}
