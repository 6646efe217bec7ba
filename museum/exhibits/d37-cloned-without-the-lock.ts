import type { Exhibit } from '../exhibit.ts'

export const clonedWithoutTheLock: Exhibit = {
  id: 'D37',
  title: 'The clone copies a value that is being written',
  year: 2019,
  rules: ['C15'],
  story: {
    believed: 'The child is not known to anybody yet, so its value can be filled in without a lock.',
    broken:
      'The value of the child, yes; that of the parent is being written under its lock. The child is born with half of each.',
    fixed: 'The lock of the value that is copied from is held.',
  },
  edits: [
    { file: 'src/shared/value.ts', from: '  if (lock >= 0) bpfSpinLock(cpu, from + lock)\n', to: '' },
    { file: 'src/shared/value.ts', from: '  if (lock >= 0) bpfSpinUnlock(cpu, from + lock)\n', to: '' },
  ],
  scenario: { file: 'props/scenarios/clone.ts', name: 'cloneAgainstLockedUpdate' },
  detector: 'data-race',
}
