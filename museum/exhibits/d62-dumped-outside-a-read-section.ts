import type { Exhibit } from '../exhibit.ts'

export const dumpedOutsideAReadSection: Exhibit = {
  id: 'D62',
  title: 'A dump holds the socket, and no read section',
  year: 2020,
  rules: ['C13'],
  story: {
    believed: 'Whoever dumps a socket has a reference on it, so what hangs on it stays.',
    broken:
      'The socket stays. Its elements and their maps are removed by others at any time, and freed a grace period later: the dump, which nobody waits for, reads on in them.',
    fixed: 'The walk is one read section.',
  },
  edits: [
    { file: 'src/shared/sk-storage-diag.ts', from: '  rcuReadLock(cpu)\n', to: '' },
    { file: 'src/shared/sk-storage-diag.ts', from: '  rcuReadUnlock(cpu)\n', to: '' },
  ],
  scenario: { file: 'props/scenarios/socket-dump.ts', name: 'dumpAgainstMapFree' },
  detector: 'use-after-free',
}
