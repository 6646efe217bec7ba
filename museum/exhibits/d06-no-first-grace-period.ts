import type { Exhibit } from '../exhibit.ts'

export const noFirstGracePeriod: Exhibit = {
  id: 'D06',
  title: 'Map free sweeps at once',
  year: 2019,
  rules: ['C11'],
  story: {
    believed: 'The last reference is gone, so nobody can add an element any more.',
    broken:
      'A program that found the map before is still in its read section, and links its element to a bucket that was swept a moment ago.',
    fixed: 'A grace period before the sweep.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-map.ts',
      from: '  queueRcuWork(cpu, map + MAP.work, CALLBACK.mapSweep)',
      to: '  mapSweepCallback(cpu, map + MAP.work)',
    },
  ],
  scenario: { file: 'props/scenarios/map-free.ts', name: 'createInFlightAndDeathAgainstMapFree' },
  detector: 'use-after-free',
}
