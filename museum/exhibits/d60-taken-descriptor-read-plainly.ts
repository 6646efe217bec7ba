import type { Exhibit } from '../exhibit.ts'

export const takenDescriptorReadPlainly: Exhibit = {
  id: 'D60',
  title: 'The table of descriptors is read under its lock, plainly',
  year: 2026,
  rules: [],
  story: {
    believed:
      'Under the lock of the table nobody reserves or closes a descriptor, so its slots can be read like any memory.',
    broken:
      'A descriptor that was reserved gets its file without the lock, since its slot belongs to whoever reserved it. The two touch one slot in no order.',
    fixed: 'The slot is read as what others publish. The hunt found this one in our code.',
  },
  edits: [
    {
      file: 'src/shared/fd-table.ts',
      from: 'rcuDereference(words, fds + fd) !== 0) fd++',
      to: 'words[fds + fd] !== 0) fd++',
    },
  ],
  scenario: { file: 'props/scenarios/descriptors.ts', name: 'openAgainstReopen' },
  detector: 'data-race',
  unseenByThreads: 'an aligned word is stored whole on every processor this runs on',
}
