import type { Exhibit } from '../exhibit.ts'

export const createdOnADyingSocket: Exhibit = {
  id: 'D13',
  title: 'An element for a socket that is dying',
  year: 2019,
  rules: ['C8', 'C14'],
  story: {
    believed:
      'The program has found the socket, in a read section, so the socket is there and can be given an element.',
    broken:
      'Its last reference is gone and its destruction is on the way. The new reference is put again after the creation, and with that the count reaches zero a second time: the socket is destroyed twice.',
    fixed: 'Whoever creates takes a reference first, unless the count is zero. Then nothing is added any more.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage.ts',
      from: '  if (!refcountIncNotZero(words, sk + SOCK.refcount)) return 0 as Value\n',
      to: '  Atomics.add(words, sk + SOCK.refcount, 1)\n',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death.ts', name: 'createAgainstLastPut' },
  detector: 'use-after-free',
}
