import type { Exhibit } from '../exhibit.ts'

export const missingUncharge: Exhibit = {
  id: 'H17',
  title: 'A dying socket keeps its charge',
  year: 2023,
  commit: '55d49f750b1c',
  rules: ['C2', 'C10'],
  story: {
    believed:
      'A refactoring gave the unlink a parameter that says whether to take back the charge. When the socket itself goes nobody asks for its account any more, so false looked right.',
    broken:
      'The socket is freed with bytes still on sk_omem_alloc. Whoever looks at that account at the very end finds it above zero, for every socket that dies with an element.',
    fixed: 'Destruction uncharges like any other unlink, and a selftest looks that the account is zero.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-free.ts',
      from: 'selemUnlinkSkLocked(cpu, storage, selem, true)',
      to: 'selemUnlinkSkLocked(cpu, storage, selem, false)',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'assertion',
}
