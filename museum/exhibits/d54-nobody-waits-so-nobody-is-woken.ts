import type { Exhibit } from '../exhibit.ts'

export const nobodyWaitsSoNobodyIsWoken: Exhibit = {
  id: 'D54',
  title: 'No grace period is in progress, so nobody needs to be woken',
  year: 2026,
  rules: [],
  story: {
    believed:
      'A CPU that reports wakes those who wait for it. If no grace period is in progress nobody does, and a notify can be saved.',
    broken:
      'Two CPUs wait for the reader, one of them asleep on its word. The reader stores its report; the other, awake, sees it and completes the grace period; only then the reader looks, finds none in progress, and wakes nobody.',
    fixed: 'The notify is not saved: who sleeps on a word is woken by whoever changes it.',
  },
  edits: [
    {
      file: 'src/sync/grace-period.ts',
      from: '  Atomics.notify(cpu.words, cpu.base + PERCPU.quiescent)\n',
      to: '  const { words, rcu } = cpu\n  if (Atomics.load(words, rcu + RCU.completed) === Atomics.load(words, rcu + RCU.started)) return\n  Atomics.notify(words, cpu.base + PERCPU.quiescent)\n',
    },
  ],
  scale: [{ file: 'src/sync/grace-period.ts', from: 'const SPINS = 200', to: 'const SPINS = 0' }],
  scenario: { file: 'props/scenarios/waiting.ts', name: 'twoUpdatersAgainstReader', raw: true },
  detector: 'deadlock',
}
