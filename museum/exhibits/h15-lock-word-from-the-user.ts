import type { Exhibit } from '../exhibit.ts'

export const lockWordFromTheUser: Exhibit = {
  id: 'H15',
  title: "The user's bytes overwrite the lock",
  year: 2022,
  commit: '836e49e103df',
  rules: ['C5'],
  story: {
    believed: 'A new element takes its whole value from the user, one memcpy.',
    broken:
      'The value has a bpf_spin_lock in it. If the user has anything but zero there, the element is born locked, by nobody, and the first to lock it waits for ever.',
    fixed: 'The value is copied around its lock, which begins free.',
  },
  edits: [
    {
      file: 'src/shared/value.ts',
      from: 'words[value + i] = from === null || i === lock ? 0 : from[i]',
      to: 'words[value + i] = from === null ? 0 : from[i]',
    },
    {
      file: 'src/shared/value.ts',
      from:
        '  const lock = words[map + MAP.lockOffset] >> 2\n' +
        '  for (let i = 0; i < count; i++) words[value + i] = from === null',
      to: '  for (let i = 0; i < count; i++) words[value + i] = from === null',
    },
  ],
  scenario: { file: 'props/scenarios/value-with-lock-word.ts', name: 'createWithLockWord' },
  detector: 'assertion',
}
