import type { Exhibit } from '../exhibit.ts'

export const childHasItsParentsStorage: Exhibit = {
  id: 'H02',
  title: "The child inherits its parent's pointer",
  year: 2019,
  commit: 'f12dd75959b0',
  rules: ['C15'],
  story: {
    believed: 'A socket that is accepted begins as a copy of its listener, field by field.',
    broken:
      'The copy includes the pointer to the storage. Now two sockets have one storage, and the first to close destroys what the other still uses.',
    fixed: "The child's pointer is set to NULL when the child has been copied.",
  },
  edits: [
    {
      file: 'src/shared/sk-clone.ts',
      from: 'for (let i = SOCK.flags; i < SOCK.state; i++)',
      to: 'for (let i = SOCK.storage; i < SOCK.state; i++)',
    },
    { file: 'src/shared/sk-clone.ts', from: '  words[child + SOCK.storage] = 0\n', to: '' },
  ],
  scenario: { file: 'props/scenarios/clone-leaves-listener.ts', name: 'childClosesAgainstGet' },
  detector: 'assertion',
}
