import type { Exhibit } from '../exhibit.ts'

export const stateReadPlainly: Exhibit = {
  id: 'D68',
  title: 'A dump reads the state of a socket plainly',
  year: 2026,
  rules: [],
  story: {
    believed: 'A dump holds the file, so what it shows of the socket stands still.',
    broken:
      'Another CPU connects the socket meanwhile: its state changes by cmpxchg, and the dump reads it in no order.',
    fixed:
      'The state is loaded atomically, and once: what is shown is shown in the state that it is shown for. Coverage of interleavings showed that no scenario dumped all sockets.',
  },
  edits: [
    {
      file: 'src/shared/sock-diag.ts',
      from: 'const state = Atomics.load(words, sk + SOCK.state)',
      to: 'const state = words[sk + SOCK.state]',
    },
  ],
  scenario: { file: 'props/scenarios/socket-states.ts', name: 'dumpAgainstConnect' },
  detector: 'data-race',
  unseenByThreads: 'an aligned word is stored whole on every processor this runs on',
}
