import type { Exhibit } from '../exhibit.ts'

export const cachedWithoutTheLock: Exhibit = {
  id: 'D02',
  title: 'The cache is filled without the lock',
  year: 2019,
  rules: ['C1'],
  story: {
    believed:
      'The lookup looks once more whether the element is linked, and the slot is one word, which is stored at once. What should a lock do there?',
    broken:
      'The element is unlinked between the second look and the store. Its remover has cleared the slot already and does not come again.',
    fixed: 'Look and store happen under the lock of the storage, as the removal does.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-lookup.ts',
      from:
        '  spinLock(cpu, storage + SK_STORAGE.lock)\n' + '  if (!hlistUnhashed(words, selemOf(sdata) + SELEM.snode)) {',
      to: '  if (!hlistUnhashedLockless(words, selemOf(sdata) + SELEM.snode)) {',
    },
    {
      file: 'src/shared/sk-storage-lookup.ts',
      from:
        '    else overflowInsert(cpu, map, storage, sdata)\n' +
        '  }\n' +
        '  spinUnlock(cpu, storage + SK_STORAGE.lock)\n',
      to: '    else overflowInsert(cpu, map, storage, sdata)\n' + '  }\n',
    },
    {
      file: 'src/shared/sk-storage-lookup.ts',
      from: 'hlistNextRcu, hlistUnhashed }',
      to: 'hlistNextRcu, hlistUnhashedLockless }',
    },
  ],
  scenario: { file: 'props/scenarios/get-against-delete.ts', name: 'getAgainstDeleteOfTwo' },
  detector: 'data-race',
}
