import type { Exhibit } from '../exhibit.ts'

export const childShownTooEarly: Exhibit = {
  id: 'D40',
  title: 'A child is shown before it is complete',
  year: 2019,
  rules: ['C15'],
  story: {
    believed: 'A new socket has one reference, that of its maker, from the start.',
    broken:
      'Its elements stand on their buckets before the child is complete. An iterator finds one, takes a reference on its socket and shows, deletes and puts what another CPU is still building.',
    fixed: 'The count of a child is zero until its storage is complete, so nobody gets hold of it.',
  },
  edits: [
    {
      file: 'src/shared/sk-clone.ts',
      from: '  refcountSet(words, child + SOCK.refcount, 0)\n',
      to: '  refcountSet(words, child + SOCK.refcount, 1)\n',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateOverClone' },
  detector: 'use-after-free',
}
