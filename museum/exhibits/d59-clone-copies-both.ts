import type { Exhibit } from '../exhibit.ts'

export const cloneCopiesBoth: Exhibit = {
  id: 'D59',
  title: 'The clone copies the old element and the new',
  year: 2026,
  rules: ['C15'],
  story: {
    believed: 'The listener has one element of each map. Copying all of them gives the child one of each.',
    broken:
      'While one is being replaced there are two of that map on the list. The child gets both, pays for both, and a deletion takes only one of them.',
    fixed: 'The clone leaves out what the child has already. The hunt found this one in our code.',
  },
  edits: [
    {
      file: 'src/shared/sk-clone.ts',
      from: '  if (skStorageLookup(cpu, map, child, false) !== 0) return 0\n',
      to: '',
    },
  ],
  scenario: { file: 'props/scenarios/clone.ts', name: 'cloneAgainstReplacement' },
  detector: 'assertion',
}
