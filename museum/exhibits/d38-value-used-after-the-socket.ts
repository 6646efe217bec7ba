import type { Exhibit } from '../exhibit.ts'

export const valueUsedAfterTheSocket: Exhibit = {
  id: 'D38',
  title: 'The value outlives its socket by a read section, or not',
  year: 2019,
  rules: ['C8', 'C10'],
  story: {
    believed: 'A lookup by descriptor holds the file while it searches. Then it puts it, and copies out what it found.',
    broken: 'The put was the last: the socket dies with its elements while the value is being copied.',
    fixed: 'The lookup is one read section. The socket may go with the put, the value may not before the section ends.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage.ts',
      from:
        '  rcuReadLock(cpu)\n' +
        '  const sdata = skStorageLookup(cpu, map, fileObject(cpu, file as File) as Sk, true)\n',
      to:
        '  rcuReadLock(cpu)\n' +
        '  const sdata = skStorageLookup(cpu, map, fileObject(cpu, file as File) as Sk, true)\n' +
        '  rcuReadUnlock(cpu)\n',
    },
    {
      file: 'src/shared/sk-storage.ts',
      from: '    else copyValueOut(cpu, map, sdata + SDATA.value, out)\n' + '  }\n' + '  rcuReadUnlock(cpu)\n',
      to: '    else copyValueOut(cpu, map, sdata + SDATA.value, out)\n' + '  }\n',
    },
  ],
  scenario: { file: 'props/scenarios/update-by-fd.ts', name: 'lookupAgainstClose' },
  detector: 'use-after-free',
}
