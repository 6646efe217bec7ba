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
    fixed:
      'Under the lock of the bucket, and only if the element is still linked; then the first of the list is looked at anew.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      before:
        '  spinLock(cpu, bucket + BUCKET.lock)\n' +
        '  if (!hlistUnhashed(words, selem + SELEM.mapNode)) hlistDelInitRcu(words, selem + SELEM.mapNode)\n' +
        '  spinUnlock(cpu, bucket + BUCKET.lock)\n',
      after: '  if (!hlistUnhashed(words, selem + SELEM.mapNode)) hlistDelInitRcu(words, selem + SELEM.mapNode)\n',
    },
  ],
  scenario: { file: 'props/scenarios/socket-death-against-map-free.ts', name: 'socketDeathAgainstMapFree' },
  detector: 'data-race',
}
