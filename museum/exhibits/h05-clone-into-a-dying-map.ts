import type { Exhibit } from '../exhibit.ts'

export const cloneIntoADyingMap: Exhibit = {
  id: 'H05',
  title: 'A clone adds an element to a map that is being freed',
  year: 2019,
  commit: '8f51dfc73bf1',
  rules: ['C11', 'C15'],
  story: {
    believed:
      "The parent's element leads to its map, and the read section keeps the map readable. That is enough to make another element of it.",
    broken:
      "The map's last reference goes; map free sweeps the bucket; only then the clone links its copy there. Nobody sweeps again. The map is freed, and when the child dies it reads the map of its element.",
    fixed:
      'The clone takes a reference on the map unless the last one is gone, and leaves out the element if it is. Found in review, before it was merged.',
  },
  edits: [
    { file: 'src/shared/sk-clone.ts', from: '  if (!mapIncNotZero(cpu, map)) return 0\n', to: '' },
    { file: 'src/shared/sk-clone.ts', from: '  mapPut(cpu, map)\n' + '  return err\n', to: '  return err\n' },
    { file: 'src/shared/sk-clone.ts', from: '  rcuReadUnlock(cpu)\n' + '  return err\n', to: '  return err\n' },
    { file: 'src/shared/sk-clone.ts', from: '  let err = 0\n' + '  rcuReadLock(cpu)\n', to: '  let err = 0\n' },
  ],
  scenario: { file: 'props/scenarios/clone.ts', name: 'cloneAgainstMapFree' },
  detector: 'use-after-free',
}
