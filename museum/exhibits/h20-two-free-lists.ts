import type { Exhibit } from '../exhibit.ts'

export const twoFreeLists: Exhibit = {
  id: 'H20',
  title: 'Two unlinkers put one element on their free lists',
  year: 2024,
  commit: '5bd5bab76669',
  rules: ['C3', 'C4'],
  story: {
    believed:
      'Nothing is freed under the lock any more: what was unlinked goes on a list of the caller, and the caller frees it when the lock is released.',
    broken:
      'Two CPUs came to unlink the same element. One wins, but the other, which found it unlinked under the lock, puts it on its own list as well.',
    fixed: 'Only the thread that took the element off its list may put it on a list to be freed.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  kfreeRcu(cpu, selem + SELEM.rcu)\n' + '  return last',
      to: '  return last',
    },
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  spinUnlock(cpu, storage + SK_STORAGE.lock)\n' + '  if (freeStorage) storageFreeRcu(cpu, storage)',
      to:
        '  spinUnlock(cpu, storage + SK_STORAGE.lock)\n' +
        '  kfreeRcu(cpu, selem + SELEM.rcu)\n' +
        '  if (freeStorage) storageFreeRcu(cpu, storage)',
    },
  ],
  scenario: { file: 'props/scenarios/two-deletes.ts', name: 'twoDeletes' },
  detector: 'double-free',
}
