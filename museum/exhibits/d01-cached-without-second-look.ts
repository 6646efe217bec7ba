import type { Exhibit } from '../exhibit.ts'

export const cachedWithoutSecondLook: Exhibit = {
  id: 'D01',
  title: 'The cache takes what was found, without a second look',
  year: 2019,
  rules: ['C1'],
  story: {
    believed:
      'The lookup found the element on the list, in a read section, so it is there and may be put into the cache.',
    broken:
      'Between the walk and the lock the element is deleted: off the list, out of the cache, freed after a grace period. Then the lookup stores it into the slot. The next lookup finds a pointer to freed memory.',
    fixed: 'Under the lock, which the remover needs too, the lookup looks once more whether the element is linked.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-lookup.ts',
      from: 'if (!hlistUnhashed(words, selemOf(sdata) + SELEM.snode)) {',
      to: '{',
    },
  ],
  scenario: { file: 'props/scenarios/get-against-delete.ts', name: 'getAgainstDeleteOfTwo' },
  detector: 'assertion',
}
