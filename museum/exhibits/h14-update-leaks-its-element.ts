import type { Exhibit } from '../exhibit.ts'

export const updateLeaksItsElement: Exhibit = {
  id: 'H14',
  title: 'An update leaks the element it did not need',
  year: 2022,
  rules: ['C9'],
  story: {
    believed:
      'Allocating under a raw spin lock is bad, so the element is allocated and charged before the lock is taken.',
    broken:
      'Under the lock the old element is still there, and with BPF_F_LOCK its value is written in place. The new element is forgotten: its memory and its charge. Where the old one is replaced, both are charged and one is uncharged by nobody.',
    fixed: 'What was not used is freed and uncharged, and the old one is uncharged in any case.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from: '  if (old !== 0 && (flags & BPF_F_LOCK) !== 0) {\n',
      to:
        '  const selem = selemAlloc(cpu, map, sk, value, words[map + MAP.elemSize])\n' +
        '  if (selem === 0) return -ENOMEM\n' +
        '  if (old !== 0 && (flags & BPF_F_LOCK) !== 0) {\n',
    },
    {
      file: 'src/shared/sk-storage-update.ts',
      from:
        '  const selem = selemAlloc(cpu, map, sk, value, old === 0 ? words[map + MAP.elemSize] : 0)\n' +
        '  if (selem === 0) return -ENOMEM\n',
      to: '',
    },
  ],
  scenario: { file: 'props/scenarios/update-in-place-against-create.ts', name: 'updateInPlaceAgainstCreate' },
  detector: 'assertion',
}
