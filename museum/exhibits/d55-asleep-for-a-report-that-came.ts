import type { Exhibit } from '../exhibit.ts'

export const asleepForAReportThatCame: Exhibit = {
  id: 'D55',
  title: 'Asleep for a report that has come already',
  year: 2026,
  rules: [],
  story: {
    believed: 'The scan found a CPU that has not reported. Remember its word and sleep until that changes.',
    broken:
      'The CPU reports, or goes offline, between the scan and the look at its word. What is remembered is the report itself, and no other will come: the updater sleeps for ever.',
    fixed: 'What is remembered is looked at first: if it is a report there is nothing to wait for.',
  },
  edits: [
    {
      file: 'src/sync/grace-period.ts',
      from: '  if (seen === 0 || reached(seen, Atomics.load(words, rcu + RCU.started))) return\n',
      to: '',
    },
  ],
  scale: [{ file: 'src/sync/grace-period.ts', from: 'const SPINS = 200', to: 'const SPINS = 0' }],
  scenario: { file: 'props/scenarios/waiting.ts', name: 'updaterAgainstReader', raw: true },
  detector: 'deadlock',
}
