import type { Exhibit } from '../exhibit.ts'

export const oneByteTooMany: Exhibit = {
  id: 'D15',
  title: 'The limit of a socket is reached',
  year: 2019,
  rules: ['C9'],
  story: {
    believed: 'A socket may be charged up to its limit.',
    broken:
      'It may be charged less than its limit: the comparison is strict, and a program that counts on it sees one element too many.',
    fixed: 'Strictly less, as for everything that is charged to the option memory of a socket.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: 'while (size <= limit && seen + size < limit) {',
      to: 'while (size <= limit && seen + size <= limit) {',
    },
  ],
  scenario: { file: 'props/scenarios/answers.ts', name: 'createAtTheLimit' },
  detector: 'assertion',
}
