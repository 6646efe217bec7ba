import type { Exhibit } from '../exhibit.ts'

export const gracePeriodWaitsForTheSleeper: Exhibit = {
  id: 'D56',
  title: 'A sleeper for whom the grace period waits',
  year: 2026,
  rules: [],
  story: {
    believed: 'A mutex is taken outside of read sections. So its waiter reads nothing, and may sleep as it is.',
    broken:
      'As it is, it counts as a CPU that may be reading. The owner waits for a grace period with the mutex held, the grace period for the sleeper, and the sleeper for the mutex.',
    fixed: 'Who sleeps goes offline first, and online again when it has the mutex.',
  },
  edits: [{ file: 'src/sync/mutex.ts', from: '  if (wasOnline) rcuOffline(cpu)\n  try', to: '  try' }],
  scale: [
    { file: 'src/sync/lock-word.ts', from: 'const SPINS = 100', to: 'const SPINS = 0' },
    { file: 'src/sync/grace-period.ts', from: 'const SPINS = 200', to: 'const SPINS = 0' },
  ],
  scenario: { file: 'props/scenarios/waiting.ts', name: 'mutexAgainstGracePeriod', raw: true },
  detector: 'deadlock',
}
