import type { Exhibit } from '../exhibit.ts'

export const freedAtOnce: Exhibit = {
  id: 'D14',
  title: 'An unlinked element is freed at once',
  year: 2019,
  rules: ['C4'],
  story: {
    believed: 'Once the element is off both of its lists nobody can find it, so it can be freed.',
    broken:
      'A program found it before, in a read section that is still open, and reads its value through the pointer. The memory is somebody else’s by then.',
    fixed: 'kfree_rcu: freed when all read sections that were open at the unlink have ended.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  kfreeRcu(cpu, selem + SELEM.rcu)\n' + '  return last',
      to: '  kfree(cpu, KIND.elem, words[map + MAP.elemWords], selem)\n' + '  return last',
    },
  ],
  scenario: { file: 'props/scenarios/reader-with-pointer.ts', name: 'readerAgainstDelete' },
  detector: 'use-after-free',
}
