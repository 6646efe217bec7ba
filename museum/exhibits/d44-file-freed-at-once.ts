import type { Exhibit } from '../exhibit.ts'

export const fileFreedAtOnce: Exhibit = {
  id: 'D44',
  title: 'A closed file is freed at once',
  year: 2019,
  rules: ['C8'],
  story: {
    believed: 'The slot of the descriptor is empty and the last reference on the file is gone.',
    broken:
      'A syscall has read the slot a moment before and is about to take its reference, on the count inside the file.',
    fixed: 'Files are freed through RCU, and fget is a read section.',
  },
  edits: [
    {
      file: 'src/shared/fd-table.ts',
      from: '  kfreeRcu(cpu, file + FILE.rcu)\n',
      to: '  kfree(cpu, KIND.file, FILE.SIZE, file)\n',
    },
    {
      file: 'src/shared/fd-table.ts',
      from: "import { kmalloc } from './slab.ts'",
      to: "import { kfree, kmalloc } from './slab.ts'",
    },
  ],
  scenario: { file: 'props/scenarios/update-by-fd.ts', name: 'createAgainstClose' },
  detector: 'use-after-free',
}
