import type { Exhibit } from '../exhibit.ts'

export const asleepOnAFreeLock: Exhibit = {
  id: 'D53',
  title: 'Asleep on a lock that has just become free',
  year: 2026,
  rules: [],
  story: {
    believed: 'The lock is held and marked as contended. Now sleep until it changes.',
    broken:
      'The owner releases between mark and sleep. Its notify finds nobody, and the sleeper, who asks for a change of what it finds now, waits for one that has been.',
    fixed: 'It sleeps only if the word still is what it marked: Atomics.wait compares and sleeps in one step.',
  },
  edits: [
    {
      file: 'src/sync/lock-word.ts',
      from: 'Atomics.wait(words, lock, marked)',
      to: 'Atomics.wait(words, lock, Atomics.load(words, lock))',
    },
  ],
  scale: [{ file: 'src/sync/lock-word.ts', from: 'const SPINS = 100', to: 'const SPINS = 0' }],
  scenario: { file: 'props/scenarios/waiting.ts', name: 'twoLockers', raw: true },
  detector: 'deadlock',
}
