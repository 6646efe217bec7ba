import type { Exhibit } from '../exhibit.ts'

export const sleeperLeavesNoMark: Exhibit = {
  id: 'D52',
  title: 'Who has slept takes the lock without its mark',
  year: 2026,
  rules: [],
  story: {
    believed:
      'The contended bit says that somebody is parked. I was the one, and I am awake, so I take the lock without it.',
    broken:
      'Two were parked. The release wakes one of them; that one takes the lock without the bit, and its own release, finding none, wakes nobody. The other sleeps for ever on a free lock.',
    fixed:
      'Having slept, one cannot know whether others still do, so the bit stays set. At worst one release wakes nobody.',
  },
  edits: [
    {
      file: 'src/sync/lock-word.ts',
      from: 'compareExchange(words, lock, 0, me | CONTENDED)',
      to: 'compareExchange(words, lock, 0, me)',
    },
  ],
  scale: [{ file: 'src/sync/lock-word.ts', from: 'const SPINS = 100', to: 'const SPINS = 0' }],
  scenario: { file: 'props/scenarios/waiting.ts', name: 'threeLockers', raw: true },
  detector: 'deadlock',
}
