import type { Exhibit } from '../exhibit.ts'

export const shownWithoutTheLock: Exhibit = {
  id: 'D61',
  title: 'A dump shows a value that is being written',
  year: 2020,
  rules: [],
  story: {
    believed: 'A dump is a snapshot for people to look at. Nobody computes with it, so it needs no lock.',
    broken:
      'The dump copies the first half, the update in place writes both, the dump copies the second. A value is shown that nobody ever wrote.',
    fixed: 'Where the value has a lock it is copied out under it.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-diag.ts',
      from: '  if (mapValueHasSpinLock(words, map)) copyValueOutLocked(cpu, map, sdata + SDATA.value, value)\n  else copyValueOut(',
      to: '  copyValueOut(',
    },
  ],
  scenario: { file: 'props/scenarios/socket-dump.ts', name: 'dumpAgainstLockedUpdate' },
  detector: 'data-race',
}
