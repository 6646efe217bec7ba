import type { Exhibit } from '../exhibit.ts'

export const readerFindsNoMap: Exhibit = {
  id: 'H25',
  title: 'A reader walks over an element that has no map any more',
  year: 2026,
  commit: '375e4e33c18d',
  rules: ['C4', 'C15'],
  story: {
    believed:
      'In the design of 2026 whoever unlinks an element from its map sets its pointer to the map to NULL, so that the other side sees that this half is done. The map of an element is looked at by those who unlink it.',
    broken:
      'And by those who walk the list of the socket: the clone and the dump. They read the pointer while it becomes NULL, and what they read twice they read differently.',
    fixed: 'Readers read the pointer once, properly, and pass over an element without a map.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  selemUnlinkMap(cpu, selem)\n' + '  selemUnlinkSk(cpu, selem)\n',
      to:
        '  const map = cpu.words[selem + SELEM.sdata] as BpfMap\n' +
        '  selemUnlinkMap(cpu, selem)\n' +
        '  rcuAssignPointer(cpu.words, selem + SELEM.sdata, 0)\n' +
        '  selemUnlinkSk(cpu, selem, map)\n',
    },
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: 'function selemUnlinkSk(cpu: Cpu, selem: Selem): void {',
      to: 'function selemUnlinkSk(cpu: Cpu, selem: Selem, map: BpfMap): void {',
    },
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: 'freeStorage = selemUnlinkSkLocked(cpu, storage, selem, true)',
      to: 'freeStorage = selemUnlinkSkLocked(cpu, storage, selem, true, map)',
    },
    {
      file: 'src/shared/sk-storage-elem.ts',
      from:
        'export function selemUnlinkSkLocked(cpu: Cpu, storage: SkStorage, selem: Selem, uncharge: boolean): boolean {\n' +
        '  const { words } = cpu\n' +
        '  const map = words[selem + SELEM.sdata] as BpfMap\n',
      to:
        'export function selemUnlinkSkLocked(cpu: Cpu, storage: SkStorage, selem: Selem, uncharge: boolean, map = cpu.words[selem + SELEM.sdata] as BpfMap): boolean {\n' +
        '  const { words } = cpu\n',
    },
  ],
  scenario: { file: 'props/scenarios/clone.ts', name: 'cloneAgainstDelete' },
  detector: 'data-race',
}
