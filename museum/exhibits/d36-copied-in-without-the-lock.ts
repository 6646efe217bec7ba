import type { Exhibit } from '../exhibit.ts'

export const copiedInWithoutTheLock: Exhibit = {
  id: 'D36',
  title: 'Written in place without the lock of the value',
  year: 2019,
  rules: ['C7'],
  story: {
    believed: 'The update in place copies a few words. Who would come between?',
    broken: 'A reader that holds the lock of the value sees half of the old and half of the new.',
    fixed: 'The copy is made under the lock that lies in the value.',
  },
  edits: [
    {
      file: 'src/shared/value.ts',
      from: '  bpfSpinLock(cpu, lock)\n' + '  copyValueIn(cpu, map, value, from)\n' + '  bpfSpinUnlock(cpu, lock)\n',
      to: '  if (lock >= 0) copyValueIn(cpu, map, value, from)\n',
    },
  ],
  scenario: { file: 'props/scenarios/update-in-place.ts', name: 'updateInPlaceAgainstLockedLookup' },
  detector: 'data-race',
}
