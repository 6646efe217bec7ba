import type { Exhibit } from '../exhibit.ts'

export const oldUnlinkedFirst: Exhibit = {
  id: 'D47',
  title: 'The old element goes before the new one comes',
  year: 2019,
  rules: ['C9'],
  story: {
    believed: 'A replacement takes the old element off and puts the new one on. Both happen under the lock.',
    broken:
      'Readers take no lock. Between the two the socket has no element, and if the old one was the last, no storage either: the new one is added to a storage that is on its way out.',
    fixed: 'First the new one is linked, to the map and to the socket, then the old one goes.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from:
        '  selemLinkMap(cpu, map, storage, selem)\n' +
        '  selemLinkSk(cpu, storage, selem)\n' +
        '  if (old !== 0) {\n' +
        '    selemUnlinkMap(cpu, selemOf(old))\n' +
        '    selemUnlinkSkLocked(cpu, storage, selemOf(old), false)\n' +
        '  }\n',
      to:
        '  if (old !== 0) {\n' +
        '    selemUnlinkMap(cpu, selemOf(old))\n' +
        '    selemUnlinkSkLocked(cpu, storage, selemOf(old), false)\n' +
        '  }\n' +
        '  selemLinkMap(cpu, map, storage, selem)\n' +
        '  selemLinkSk(cpu, storage, selem)\n',
    },
  ],
  scenario: { file: 'props/scenarios/get-against-replacement.ts', name: 'getAgainstReplacement' },
  detector: 'assertion',
}
