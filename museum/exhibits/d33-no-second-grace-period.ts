import type { Exhibit } from '../exhibit.ts'

export const noSecondGracePeriod: Exhibit = {
  id: 'D33',
  title: 'Map free does not wait for those who still read the map',
  year: 2019,
  rules: ['C13'],
  story: {
    believed: 'The sweep has ended, so every element of the map is gone, and the map can go.',
    broken:
      'The sweep ended at once, because a dying socket had just taken the last element off the bucket. It is still reading how much to uncharge, from the map.',
    fixed: 'A second grace period between the sweep and the free.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-map.ts',
      from: '  queueRcuWork(cpu, head, CALLBACK.mapEnd)',
      to: '  cpu.callbacks[CALLBACK.mapEnd](cpu, head, 0)',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'use-after-free',
}
