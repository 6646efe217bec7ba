import type { Exhibit } from '../exhibit.ts'

export const optionsCopiedPlainly: Exhibit = {
  id: 'D67',
  title: 'A listener is copied plainly while its options are set',
  year: 2026,
  rules: [],
  story: {
    believed: 'Whoever accepts holds the listener, so its record can be copied like any memory.',
    broken:
      'A reference keeps the record, and nobody from storing to it: setsockopt on another CPU stores the mark, and the copy reads it in no order.',
    fixed: 'What others store meanwhile is loaded as such. Coverage of interleavings showed that nobody raced accept.',
  },
  edits: [
    {
      file: 'src/shared/sk-clone.ts',
      from: 'words[child + i] = Atomics.load(words, parent + i)',
      to: 'words[child + i] = words[parent + i]',
    },
  ],
  scenario: { file: 'props/scenarios/socket-states.ts', name: 'acceptAgainstMark' },
  detector: 'data-race',
  unseenByThreads: 'an aligned word is stored whole on every processor this runs on',
}
