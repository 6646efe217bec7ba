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
      from:
        '    spinUnlock(cpu, bucket + BUCKET.lock)\n' +
        '    // Off the bucket nobody changes their links any more, and the read section keeps the elements.\n',
      to: '',
    },
    {
      file: 'src/shared/sk-storage-map.ts',
      from: '      selemUnlinkSk(cpu, selem)\n' + '    }\n',
      to: '      selemUnlinkSk(cpu, selem)\n' + '    }\n' + '    spinUnlock(cpu, bucket + BUCKET.lock)\n',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'deadlock',
}
