import type { Exhibit } from '../exhibit.ts'

export const overflowFilledWhileUnlinked: Exhibit = {
  id: 'D46',
  title: 'A slot that is taken is not worth a second look',
  year: 2026,
  rules: ['C1'],
  story: {
    believed:
      'Whether the element is linked matters for the slot. What goes into the table behind is looked up less often.',
    broken:
      'The element is deleted between the walk and the lock and enters the table after its removal. It is found there when it is freed.',
    fixed: 'Entries of the table follow the rule of the slots: stored under the lock, and only while linked.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-lookup.ts',
      from:
        '    if (words[slot] === 0) rcuAssignPointer(words, slot, sdata)\n' +
        '    else overflowInsert(cpu, map, storage, sdata)\n' +
        '  }\n',
      to:
        '    if (words[slot] === 0) rcuAssignPointer(words, slot, sdata)\n' +
        '  }\n' +
        '  if (words[storage + SK_STORAGE.cache + words[map + MAP.cacheIdx]] !== 0) overflowInsert(cpu, map, storage, sdata)\n',
    },
  ],
  scenario: { file: 'props/scenarios/overflow.ts', name: 'overflowAgainstDelete' },
  detector: 'use-after-free',
}
