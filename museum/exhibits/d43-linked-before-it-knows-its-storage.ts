import type { Exhibit } from '../exhibit.ts'

export const linkedBeforeItKnowsItsStorage: Exhibit = {
  id: 'D43',
  title: 'An element is found before it knows where it belongs',
  year: 2019,
  rules: ['C4'],
  story: {
    believed: 'Linking an element to its map means putting it on the bucket and noting its storage in it.',
    broken:
      'In this order an iterator finds it on the bucket and asks it for a storage that is not noted yet. It takes the lock of NULL.',
    fixed: 'The storage is noted first. What is published is complete.',
  },
  edits: [
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  cpu.words[selem + SELEM.storage] = storage\n' + '  const bucket',
      to: '  const bucket',
    },
    {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  hlistAddHeadRcu(cpu.words, selem + SELEM.mapNode, bucket + BUCKET.list)\n',
      to:
        '  hlistAddHeadRcu(cpu.words, selem + SELEM.mapNode, bucket + BUCKET.list)\n' +
        '  cpu.words[selem + SELEM.storage] = storage\n',
    },
  ],
  scenario: { file: 'props/scenarios/iterate.ts', name: 'iterateAgainstReplacement' },
  detector: 'overflow',
}
