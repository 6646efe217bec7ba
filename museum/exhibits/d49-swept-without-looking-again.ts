import type { Exhibit } from '../exhibit.ts'

export const sweptWithoutLookingAgain: Exhibit = {
  id: 'D49',
  title: 'The sweep takes what it saw, without the lock',
  year: 2019,
  rules: ['C12'],
  story: {
    believed: 'Map free has the bucket to itself: nobody can add to it any more.',
    broken:
      'Dying sockets take elements off it from their side. Whoever unlinks without the lock of the bucket changes links that another is changing.',
    fixed: 'Under the lock of the bucket, which those who remove an element from the side of its socket take too.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-map.ts',
      from: '    spinLock(cpu, bucket + BUCKET.lock)\n',
      to: '',
    },
    {
      file: 'src/shared/sk-storage-map.ts',
      from: '    spinUnlock(cpu, bucket + BUCKET.lock)\n',
      to: '',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'data-race',
}
