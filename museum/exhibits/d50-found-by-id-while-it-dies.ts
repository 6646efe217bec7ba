import type { Exhibit } from '../exhibit.ts'

export const foundByIdWhileItDies: Exhibit = {
  id: 'D50',
  title: 'A map is found by its id while it dies',
  year: 2017,
  rules: ['C15'],
  story: {
    believed: 'The map is on the list of maps, under the lock of that list, so it can be given another reference.',
    broken:
      'Its last reference is gone, and its put waits for that lock to take it off the list. The new reference is one on a map that is being freed.',
    fixed: 'A reference is taken unless the count is zero; zero means that it is not there.',
  },
  edits: [
    {
      file: 'src/shared/map.ts',
      from: '  if (map !== 0 && !mapIncNotZero(cpu, map as BpfMap)) map = 0\n',
      to: '  if (map !== 0) Atomics.add(words, map + MAP.refcount, 1)\n',
    },
  ],
  scenario: { file: 'props/scenarios/map-by-id.ts', name: 'openByIdAgainstMapFree' },
  detector: 'use-after-free',
}
