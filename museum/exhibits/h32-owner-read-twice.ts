import type { Exhibit } from '../exhibit.ts'

export const ownerReadTwice: Exhibit = {
  id: 'H32',
  title: 'The iterator reads the owner twice',
  year: 2026,
  rules: ['C2'],
  story: {
    believed: 'The iterator has looked that the element has an owner, so it may follow the pointer to it.',
    broken:
      'It follows the pointer by reading it again. In between the socket died and the pointer became NULL: what was checked is not what is used.',
    fixed: 'The pointer is read once, and here under the lock that a dying socket takes before it goes.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-iter.ts',
      from: '  spinLock(cpu, storage + SK_STORAGE.lock)\n' + '  // Again',
      to: '  // Again',
    },
    {
      file: 'src/shared/sk-storage-iter.ts',
      from:
        '  const held = sk !== 0 && skStorageOf(cpu, sk) === storage && refcountIncNotZero(words, sk + SOCK.refcount)\n' +
        '  spinUnlock(cpu, storage + SK_STORAGE.lock)\n' +
        '  return held ? sk : (0 as Sk)',
      to:
        '  if (sk === 0) return sk\n' +
        '  const owner = rcuDereference(words, storage + SK_STORAGE.sk) as Sk\n' +
        '  return refcountIncNotZero(words, owner + SOCK.refcount) ? owner : (0 as Sk)',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateAgainstSocketDeath' },
  detector: 'data-race',
}
