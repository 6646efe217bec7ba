import type { Exhibit } from '../exhibit.ts'

export const bucketBeforeStorage: Exhibit = {
  id: 'D17',
  title: 'Two locks, two orders',
  year: 2019,
  rules: ['C12'],
  story: {
    believed:
      'Map free sweeps a bucket, so it holds the lock of the bucket while it takes the elements off their sockets.',
    broken:
      'A dying socket holds the lock of its storage and wants that of the bucket; map free holds the bucket and wants the storage.',
    fixed:
      'One order everywhere: storage, then bucket. Where the element comes from the bucket the two are taken one after the other.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-map.ts',
      before: '    selemUnlink(cpu, (node - SELEM.mapNode) as Selem)\n',
      after:
        '    spinLock(cpu, bucket + BUCKET.lock)\n' +
        '    const first = words[bucket + BUCKET.list]\n' +
        '    if (first !== 0) {\n' +
        '      hlistDelInitRcu(words, first)\n' +
        '      selemUnlinkSk(cpu, (first - SELEM.mapNode) as Selem)\n' +
        '    }\n' +
        '    spinUnlock(cpu, bucket + BUCKET.lock)\n',
    },
    {
      file: 'src/shared/sk-storage-map.ts',
      before: '  rcuReadLock(cpu)\n' + '  let batch = 0\n',
      after: '  const { words } = cpu\n' + '  rcuReadLock(cpu)\n' + '  let batch = 0\n',
    },
    {
      file: 'src/shared/sk-storage-map.ts',
      before: "import { hlistFirstRcu } from './hlist.ts'",
      after: "import { hlistDelInitRcu, hlistFirstRcu } from './hlist.ts'",
    },
    {
      file: 'src/shared/sk-storage-map.ts',
      before: 'import { ELEM_CHARGE, selemUnlink }',
      after: 'import { ELEM_CHARGE, selemUnlinkSk }',
    },
    {
      file: 'src/shared/sk-storage-elem.ts',
      before: 'function selemUnlinkSk(cpu: Cpu, selem: Selem): void {',
      after: 'export function selemUnlinkSk(cpu: Cpu, selem: Selem): void {',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'lock-order',
}
