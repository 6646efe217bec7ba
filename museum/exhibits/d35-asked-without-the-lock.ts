import type { Exhibit } from '../exhibit.ts'

export const askedWithoutTheLock: Exhibit = {
  id: 'D35',
  title: 'What is asked without the lock is stored as if under it',
  year: 2020,
  rules: ['C4'],
  story: {
    believed: 'pprev is written under the lock of the storage, so a plain store will do.',
    broken:
      'Whether an element is still linked is asked without the lock too, and a load that may race needs a store that is made for it.',
    fixed:
      'On the lists of sockets pprev is stored by writeOnce, which a look without the lock may meet. On the buckets, where nobody asks without the lock, it is a plain store.',
  },
  edits: [
    {
      file: 'src/shared/hlist.ts',
      from: '  writeOnce(words, node + HLIST_NODE.pprev, 0)\n' + '}',
      to: '  words[node + HLIST_NODE.pprev] = 0\n' + '}',
    },
  ],
  scenario: { file: 'props/scenarios/two-deletes.ts', name: 'twoDeletes' },
  detector: 'data-race',
  unseenByThreads: 'an aligned word is stored whole on every processor this runs on',
}
