/**
 * Wild stores in the storage's own source, one at a time: past the end of an object that has a living neighbour, before
 * it, through NULL, into what was freed; and what is freed twice.
 *
 * The redzones and the words behind NULL are the memory's, in the explorer's eyes an arena in which nobody has an
 * object.
 */

import { expect, it } from 'vitest'
import { openScenario } from '../../museum/open.ts'
import { check } from '../../src/explore/explore.ts'
import type { ViolationKind } from '../../src/explore/result.ts'

type Plant = readonly [
  what: string,
  file: string,
  edit: readonly [from: string, to: string],
  scenario: readonly [file: string, name: string],
  kind: ViolationKind,
  message: RegExp,
]

const plants: readonly Plant[] = [
  [
    'a child of a socket copied past its end',
    'sk-clone.ts',
    ['i <= SOCK.cbFlags; i++', 'i <= SOCK.SIZE; i++'],
    ['clone.ts', 'cloneAgainstDelete'],
    'overflow',
    /reads 4 bytes past the end of sock \d+$/,
  ],
  [
    'a storage cleared past its end',
    'sk-storage-update.ts',
    ['slot < CACHE_SIZE; slot++', 'slot <= SK_STORAGE.SIZE; slot++'],
    ['first-storage.ts', 'firstStorage'],
    'overflow',
    /stores into 4 bytes past the end of storage \d+$/,
  ],
  [
    'a value with room behind it copied one word too far',
    'value.ts',
    [
      'for (let i = 0; i < count; i++) words[value + i] = from',
      'for (let i = 0; i <= count; i++) words[value + i] = from',
    ],
    ['first-storage.ts', 'firstStorage'],
    'overflow',
    /stores into 4 bytes past the end of elem \d+$/,
  ],
  [
    'one bucket too many swept',
    'sk-storage-map.ts',
    ['for (let i = 0; i < count; i++) sweep', 'for (let i = 0; i <= count; i++) sweep'],
    ['map-free.ts', 'deleteAgainstMapFree'],
    'overflow',
    /takes a lock in 8 bytes past the end of buckets \d+$/,
  ],
  [
    'a word before an element',
    'sk-storage-elem.ts',
    ['words[selem + SELEM.mapNode + 1] = 0', 'words[selem + SELEM.mapNode - 1] = 0'],
    ['first-storage.ts', 'firstStorage'],
    'overflow',
    /stores into words\[\d+\], which belongs to no object$/,
  ],
  [
    'a socket asked for when it is not known any more',
    'sk-storage-elem.ts',
    ['rcuAssignPointer(words, sk + ', 'rcuAssignPointer(words, words[storage + SK_STORAGE.sk] + '],
    ['two-deletes.ts', 'twoDeletes'],
    'overflow',
    /stores into words\[0\], which belongs to no object$/,
  ],
  [
    'the lock of a storage that is not there',
    'sk-storage-update.ts',
    ['storage === 0 || hlistEmptyLockless', 'hlistEmptyLockless'],
    ['first-storage.ts', 'firstStorage'],
    'overflow',
    /reads words\[16\], which belongs to no object$/,
  ],
  [
    'a socket that is marked when it is freed',
    'sock.ts',
    ['SOCK.SIZE, sk)\n  if', 'SOCK.SIZE, sk)\n  cpu.words[sk + SOCK.state] = 0\n  if'],
    ['last-holder.ts', 'deleteAndPut'],
    'use-after-free',
    /stores into sock \d+ after it was freed$/,
  ],
  [
    'a storage that is given to RCU twice',
    'sk-storage-overflow.ts',
    ['  kfreeRcu(cpu, storage + SK_STORAGE.rcu)\n', '  kfreeRcu(cpu, storage + SK_STORAGE.rcu)\n'.repeat(2)],
    ['two-deletes.ts', 'twoDeletes'],
    'double-free',
    /storage \d+ is freed a second time$/,
  ],
]

it.each(plants)('find %s', async (_, file, [from, to], [scenario, name], kind, message) => {
  const opened = await openScenario({ file: `props/scenarios/${scenario}`, name }, [
    { file: `src/shared/${file}`, from, to },
  ])
  const { violation } = check(opened, { shrink: false })
  expect(violation).toMatchObject({ kind, message: expect.stringMatching(message) })
})
