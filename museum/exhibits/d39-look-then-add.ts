import type { Exhibit } from '../exhibit.ts'

export const lookThenAdd: Exhibit = {
  id: 'D39',
  title: 'Taking a reference in two steps',
  year: 2019,
  rules: ['C14'],
  story: {
    believed: 'The count is not zero, so the object lives, so one can be added.',
    broken:
      'Between the look and the addition the last reference goes. The count goes from one to zero and back to one; its object is being destroyed, and is destroyed once more when the newcomer lets go.',
    fixed: 'refcount_inc_not_zero: look and addition are one step, a cmpxchg.',
  },
  edits: [
    {
      file: 'src/sync/refcount.ts',
      from:
        '    const was = Atomics.compareExchange(words, count, seen, seen + 1)\n' +
        '    if (was === seen) return true\n' +
        '    seen = was\n',
      to: '    Atomics.add(words, count, 1)\n' + '    return true\n',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death.ts', name: 'holdAgainstLastPut' },
  detector: 'use-after-free',
}
