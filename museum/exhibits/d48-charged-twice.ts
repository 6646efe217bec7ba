import type { Exhibit } from '../exhibit.ts'

export const chargedTwice: Exhibit = {
  id: 'D48',
  title: 'A replacement is charged as if it were one more',
  year: 2019,
  rules: ['C9'],
  story: {
    believed: 'A new element is charged when it is allocated, and the old one uncharged when it goes.',
    broken:
      'For a moment both are charged. At the limit of the socket a replacement fails with -ENOMEM where nothing more is needed.',
    fixed: 'The charge of the old one passes to the new one: with the lock held the old one is sure to go.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from: 'old === 0 ? words[map + MAP.elemSize] : 0)',
      to: 'words[map + MAP.elemSize])',
    },
    {
      file: 'src/shared/sk-storage-update.ts',
      from: 'selemUnlinkSkLocked(cpu, storage, selemOf(old), false)',
      to: 'selemUnlinkSkLocked(cpu, storage, selemOf(old), true)',
    },
  ],
  scenario: { file: 'props/scenarios/answers.ts', name: 'replaceAtTheLimit' },
  detector: 'assertion',
}
