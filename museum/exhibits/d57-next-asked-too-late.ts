import type { Exhibit } from '../exhibit.ts'

export const nextAskedTooLate: Exhibit = {
  id: 'D57',
  title: 'The next piece of work is asked for when the first is done',
  year: 2026,
  rules: ['C13'],
  story: {
    believed: 'A piece of work stands in a list by a link in its own memory. Do it, then follow the link.',
    broken: 'The work was to free a map, and the link stood in the map.',
    fixed: 'The link is read before the work is done. So are those of callbacks.',
  },
  edits: [
    {
      file: 'src/sync/deferred-work.ts',
      from: '    const next = words[head + RCU_HEAD.next]\n    const func',
      to: '    const func',
    },
    {
      file: 'src/sync/deferred-work.ts',
      from: '    head = next\n  }\n  return count',
      to: '    head = words[head + RCU_HEAD.next]\n  }\n  return count',
    },
  ],
  scenario: { file: 'props/scenarios/map-free.ts', name: 'deleteAgainstMapFree' },
  detector: 'use-after-free',
}
