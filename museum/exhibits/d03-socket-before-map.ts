import type { Exhibit } from '../exhibit.ts'

export const socketBeforeMap: Exhibit = {
  id: 'D03',
  title: 'Off the socket first, then off the map',
  year: 2019,
  rules: ['C4'],
  story: {
    believed: 'An element has two lists to be taken off. The order is a matter of taste.',
    broken:
      'Taking it off the socket is what frees it. Meanwhile it still stands on its bucket, and whoever comes by the map finds an element that is being freed.',
    fixed: 'From the map first, from the socket last.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  selemUnlinkMap(cpu, selem)\n' + '  selemUnlinkSk(cpu, selem)\n',
      to: '  selemUnlinkSk(cpu, selem)\n' + '  selemUnlinkMap(cpu, selem)\n',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateAgainstDelete' },
  detector: 'use-after-free',
}
