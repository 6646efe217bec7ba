import type { Exhibit } from '../exhibit.ts'

export const callbackReadsAFreedMap: Exhibit = {
  id: 'H21',
  title: 'The callback needs the map, which is gone',
  year: 2024,
  commit: '9bac675e6368',
  rules: ['C13'],
  story: {
    believed:
      'What has to be undone in an element is undone in its RCU callback, from the description that its map has. Map free waits for two grace periods, so the callbacks have run.',
    broken:
      'A grace period says that readers have ended. When a callback runs that was queued for one is another question: it may still be waiting when map free returns from its own wait, and then reads a map that is freed.',
    fixed: 'Map free calls rcu_barrier, which waits for the callbacks themselves.',
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
  ],
  scenario: { file: 'props/scenarios/map-free.ts', name: 'deleteAgainstMapFree' },
  detector: 'use-after-free',
}
