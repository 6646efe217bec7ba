import type { Exhibit } from '../exhibit.ts'

export const publishedByAPlainStore: Exhibit = {
  id: 'D10',
  title: 'The first storage is published by look and store',
  year: 2019,
  rules: ['C5', 'C6'],
  story: {
    believed: 'If the pointer of the socket is still NULL no storage is there, and ours can be stored.',
    broken:
      'Two CPUs look, both find NULL, both store. The second store wins; the storage of the first is reachable from nowhere, and its element stands on a bucket of the map without a socket.',
    fixed: 'Look and store are one step, a cmpxchg. The loser undoes what it made and says -EAGAIN.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from: '  if (cmpxchg(words, sk + SOCK.storage, 0, storage) === 0) return 0\n',
      to:
        '  if (Atomics.load(words, sk + SOCK.storage) === 0) {\n' +
        '    Atomics.store(words, sk + SOCK.storage, storage)\n' +
        '    return 0\n' +
        '  }\n',
    },
  ],
  scenario: { file: 'props/scenarios/first-storage.ts', name: 'firstStorage' },
  detector: 'assertion',
}
