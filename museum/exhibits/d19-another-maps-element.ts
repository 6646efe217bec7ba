import type { Exhibit } from '../exhibit.ts'

export const anotherMapsElement: Exhibit = {
  id: 'D19',
  title: 'A hit in the cache is not asked whose it is',
  year: 2019,
  rules: ['C1'],
  story: {
    believed: 'Each map has a slot in the cache. What stands in it is the element of that map.',
    broken: 'There are sixteen slots, and the seventeenth map shares one. The lookup returns the value of another map.',
    fixed: 'A hit counts only if the element says that it is of this map.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-lookup.ts',
      from: 'if (sdata !== 0 && words[sdata + SDATA.smap] === map) return sdata as Sdata',
      to: 'if (sdata !== 0) return sdata as Sdata',
    },
  ],
  scenario: { file: 'props/scenarios/answers.ts', name: 'getsOfOneSlot' },
  detector: 'assertion',
}
