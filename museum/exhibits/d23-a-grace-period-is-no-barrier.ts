import type { Exhibit } from '../exhibit.ts'

export const aGracePeriodIsNoBarrier: Exhibit = {
  id: 'D23',
  title: 'One more grace period in place of a barrier',
  year: 2024,
  rules: ['C13'],
  story: {
    believed:
      'Callbacks that read the map run after a grace period. So map free waits for one more, and they have run.',
    broken:
      'The grace period has passed for both, and who goes on first is open: the callback sits in a list of its CPU until that looks after it.',
    fixed: 'rcu_barrier waits until the callbacks have run.',
  },
  edits: [
    {
      file: 'src/shared/callbacks.ts',
      from: "import type { Kind } from './slab-layout.ts'",
      to: "import { type Kind, KIND } from './slab-layout.ts'\n" + "import { MAP, SELEM } from './records.ts'",
    },
    {
      file: 'src/shared/callbacks.ts',
      from: '  kfree(cpu, kind as Kind, func >>> SIZE_SHIFT, head - headOffset)',
      to:
        '  const size = kind === KIND.elem ? cpu.words[cpu.words[head - headOffset + SELEM.sdata] + MAP.elemWords] : func >>> SIZE_SHIFT\n' +
        '  kfree(cpu, kind as Kind, size, head - headOffset)',
    },
    {
      file: 'src/shared/sk-storage-map.ts',
      from: '  queueRcuWork(cpu, head, CALLBACK.mapEnd)',
      to: '  synchronizeRcu(cpu)\n' + '  queueRcuWork(cpu, head, CALLBACK.mapEnd)',
    },
    {
      file: 'src/shared/sk-storage-map.ts',
      from: 'import { E2BIG',
      to: "import { synchronizeRcu } from '../sync/synchronize-rcu.ts'\n" + 'import { E2BIG',
    },
  ],
  scenario: { file: 'props/scenarios/map-free.ts', name: 'deleteAgainstMapFree' },
  detector: 'use-after-free',
}
