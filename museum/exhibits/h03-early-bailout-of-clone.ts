import type { Exhibit } from '../exhibit.ts'

export const earlyBailoutOfClone: Exhibit = {
  id: 'H03',
  title: 'A clone that fails early takes its parent along',
  year: 2026,
  commit: '7cbd0c4cebe4',
  rules: ['C15'],
  story: {
    believed:
      "The child's pointer to the storage is reset where the storage is cloned. That is the one function that knows of it, and it runs for every child.",
    broken:
      'Not for a child whose making fails before. A step between the copy and the clone cannot be charged, the child is destroyed with the pointer of its parent, and with it goes the storage of the parent. Seven years went by until somebody saw it.',
    fixed: 'The pointer is reset right behind the copy, before anything can fail.',
  },
  edits: [
    {
      file: 'src/shared/sk-clone.ts',
      from: 'for (let i = SOCK.flags; i < SOCK.state; i++)',
      to: 'for (let i = SOCK.storage; i < SOCK.state; i++)',
    },
    { file: 'src/shared/sk-clone.ts', from: '  words[child + SOCK.storage] = 0\n', to: '' },
    {
      file: 'src/shared/sk-clone.ts',
      from: '  STORAGE_CHARGE,\n',
      to: '  STORAGE_CHARGE,\n' + '  omemCharge,\n' + '  omemUncharge,\n',
    },
    {
      file: 'src/shared/sk-clone.ts',
      from: '  setCookie(cpu, child)\n',
      to:
        '  setCookie(cpu, child)\n' +
        '  // The charge for the copied socket filter.\n' +
        '  if (!omemCharge(cpu, child, STORAGE_CHARGE)) {\n' +
        '    skDestruct(cpu, child)\n' +
        '    return 0 as Sk\n' +
        '  }\n' +
        '  omemUncharge(cpu, child, STORAGE_CHARGE)\n',
    },
    {
      file: 'src/shared/sk-clone.ts',
      from: '  let err = 0\n' + '  rcuReadLock(cpu)\n',
      to: '  let err = 0\n' + '  cpu.words[child + SOCK.storage] = 0\n' + '  rcuReadLock(cpu)\n',
    },
  ],
  scenario: { file: 'props/scenarios/clone-leaves-listener.ts', name: 'cloneFailsAgainstGet' },
  detector: 'assertion',
}
