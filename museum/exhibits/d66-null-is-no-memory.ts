import type { Exhibit } from '../exhibit.ts'

export const nullIsNoMemory: Exhibit = {
  id: 'D66',
  title: 'NULL of a get that creates is taken for a lack of memory',
  year: 2026,
  rules: ['C5'],
  story: {
    believed:
      'A program that gets with F_CREATE gets NULL when there is no memory, which never happens. It lets the packet go uncounted.',
    broken:
      'Of two CPUs that make the first storage of a socket at once one gets NULL, with all the memory of the world: on Linux 6.18 two senders met it in five to eight of ten rounds. The first packets of a socket are those that are lost.',
    fixed: 'It calls a second time. By then there is a storage, and the element is found in it or added to it.',
  },
  edits: [{ file: 'props/scenarios/first-count.ts', from: '      if (counter === 0) counter = get()\n', to: '' }],
  scenario: { file: 'props/scenarios/first-count.ts', name: 'firstCount' },
  detector: 'assertion',
}
