import type { Exhibit } from '../exhibit.ts'

export const noLookAtTheEmptiedList: Exhibit = {
  id: 'D09',
  title: 'Nobody looks whether the list has emptied',
  year: 2019,
  rules: ['C7'],
  story: {
    believed: 'The update saw elements on the list before it took the lock, so the storage is alive.',
    broken:
      'While it waited for the lock the last element went. The storage is off the socket and waits for its grace period; the new element is added to it, and goes nowhere.',
    fixed: 'Under the lock the list is looked at again. Empty means -EAGAIN.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-update.ts',
      from: '  if (words[storage + SK_STORAGE.list] === 0) return -EAGAIN\n',
      to: '',
    },
  ],
  scenario: { file: 'props/scenarios/create-against-delete.ts', name: 'createAgainstLastDelete' },
  detector: 'assertion',
}
