import type { Exhibit } from '../exhibit.ts'

export const storageFreedUnderItsLock: Exhibit = {
  id: 'D05',
  title: 'The storage is freed while its own lock is held',
  year: 2019,
  rules: ['C3'],
  story: {
    believed: 'The unlink of the last element knows that the storage is empty, so it can free it there and then.',
    broken: 'The caller holds the lock that lies inside the storage. It releases it afterwards, in freed memory.',
    fixed: 'The unlink only says that it was the last. The caller frees the storage when the lock is released.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  kfreeRcu(cpu, selem + SELEM.rcu)\n' + '  return last',
      to:
        '  kfreeRcu(cpu, selem + SELEM.rcu)\n' +
        '  if (last) kfree(cpu, KIND.storage, SK_STORAGE.SIZE, storage)\n' +
        '  return false',
    },
  ],
  scenario: { file: 'props/scenarios/two-deletes.ts', name: 'twoDeletes' },
  detector: 'use-after-free',
}
