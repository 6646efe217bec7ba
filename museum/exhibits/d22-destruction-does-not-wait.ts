import type { Exhibit } from '../exhibit.ts'

export const destructionDoesNotWait: Exhibit = {
  id: 'D22',
  title: 'Destruction does not wait for those who still uncharge',
  year: 2026,
  rules: ['C2', 'C10'],
  story: {
    believed:
      'The pointer to the storage becomes NULL when the last element goes. What is left to do then, the charge, can be done afterwards.',
    broken:
      'A dying socket sees NULL, has nothing to remove, and is freed. Map free, which took the last element, takes back its charge from freed memory. The design of 2026 has a count of those who are not done, and destruction waits for it.',
    fixed: 'Here all charges go back before the pointer becomes NULL, so there is nobody to wait for.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from:
        '  if (charge !== 0) omemUncharge(cpu, sk, charge)\n' +
        '  if (last) {\n' +
        '    words[storage + SK_STORAGE.sk] = 0\n' +
        '    rcuAssignPointer(words, sk + SOCK.storage, 0)\n' +
        '  }\n',
      to:
        '  if (last) {\n' +
        '    words[storage + SK_STORAGE.sk] = 0\n' +
        '    rcuAssignPointer(words, sk + SOCK.storage, 0)\n' +
        '  }\n' +
        '  if (charge !== 0) omemUncharge(cpu, sk, charge)\n',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'assertion',
}
