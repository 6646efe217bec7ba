import type { Exhibit } from '../exhibit.ts'

export const gracePeriodBegunInTwoSteps: Exhibit = {
  id: 'D70',
  title: 'A grace period is begun in two steps',
  year: 2026,
  rules: [],
  story: {
    believed: 'None is in progress, as the number says, so the next one can be stored.',
    broken:
      'Between the look and the store another CPU begins that grace period, ends it and does the same with one more. The store takes the number back: a grace period begins for the second time, and what CPUs have said of the first counts for it.',
    fixed: 'A compareExchange: whoever comes too late changes nothing, and goes on with the number that it finds.',
  },
  edits: [
    {
      file: 'src/sync/grace-period.ts',
      from:
        '    const was = Atomics.compareExchange(words, rcu + RCU.started, started, next)\n' +
        '    started = was === started ? next : was\n',
      to: '    Atomics.store(words, rcu + RCU.started, next)\n' + '    started = next\n',
    },
  ],
  scenario: { file: 'props/scenarios/raw-grace-periods.ts', name: 'twoPushersOfGracePeriods', raw: true },
  detector: 'assertion',
}
