import type { Exhibit } from '../exhibit.ts'

export const iteratorOutlivesTheMap: Exhibit = {
  id: 'H08',
  title: 'The iterator outlives its map',
  year: 2022,
  commit: '3c5f6e698b5c',
  rules: ['C11'],
  story: {
    believed: 'Attaching the iterator took a reference on the map, and the iterator runs while it is attached.',
    broken:
      'It can be released while a read of it goes on. The reference goes, and with it the last one; between two read sections of the walk the map is freed, and the walk reads its buckets.',
    fixed: 'The walk takes a reference of its own.',
  },
  edits: [
    { file: 'src/shared/sk-storage-iter.ts', from: '  mapInc(cpu, map)\n', to: '' },
    {
      file: 'src/shared/sk-storage-iter.ts',
      from: '  mapPut(cpu, map)\n' + '  return shown',
      to: '  return shown',
    },
  ],
  scale: [{ file: 'src/shared/sk-storage-iter.ts', from: 'const BATCH = 64', to: 'const BATCH = 1' }],
  scenario: { file: 'props/scenarios/walk-of-closed-map.ts', name: 'walkAgainstMapClose' },
  detector: 'use-after-free',
}
