import type { Exhibit } from '../exhibit.ts'

export const deathOutsideAReadSection: Exhibit = {
  id: 'D32',
  title: 'The dying socket needs no read section',
  year: 2019,
  rules: ['C10', 'C13'],
  story: {
    believed: 'Nobody can reach the socket any more, so nobody takes its storage from under its destruction.',
    broken:
      'Map free does. While destruction waits for the lock of the storage, map free takes the last element and frees the storage through RCU, and nobody waits for the one who is not in a read section.',
    fixed: 'Destruction is a reader of its own storage.',
  },
  edits: [
    { file: 'src/shared/sk-storage-free.ts', from: '  rcuReadLock(cpu)\n', to: '' },
    {
      file: 'src/shared/sk-storage-free.ts',
      from: '  if (storage === 0) {\n' + '    rcuReadUnlock(cpu)\n' + '    return\n' + '  }',
      to: '  if (storage === 0) return',
    },
    {
      file: 'src/shared/sk-storage-free.ts',
      from: '  spinUnlock(cpu, storage + SK_STORAGE.lock)\n' + '  rcuReadUnlock(cpu)\n',
      to: '  spinUnlock(cpu, storage + SK_STORAGE.lock)\n',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'use-after-free',
}
