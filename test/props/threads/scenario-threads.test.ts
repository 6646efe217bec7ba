/**
 * Scenarios on real threads: an edit is found by what it does there, and without it nothing is.
 */

import { afterAll, describe, expect, it } from 'vitest'
import { placed } from '../../../museum/open.ts'
import { built } from '../../workers/on-machine.ts'

const { ScenarioThreads } = await built<typeof import('../../../props/threads/rounds.ts')>('props/threads/rounds')

const threads = new ScenarioThreads({ hang: 500 })
afterAll(() => threads.end())

const first = { file: 'props/scenarios/first-storage.ts', name: 'firstStorage' }
const alone = { file: 'props/scenarios/one-cpu.ts', name: 'createOnOneCpu' }
/** Each takes the lock of the one storage. */
const deletes = { file: 'props/scenarios/two-deletes.ts', name: 'twoDeletesOfTwoMaps' }
const UPDATE = 'src/shared/sk-storage-update.ts'

describe('a scenario on real threads', () => {
  it('is clean as it is, round after round', async () => {
    const { found, rounds } = await threads.run({ ...placed(first, []), threads: 2 }, 0.5)
    expect(found).toBeNull()
    expect(rounds).toBeGreaterThan(10)
  })

  it('shows the race when the first storage is published in two steps', async () => {
    // With a pause between the two, so that it takes some rounds and not seconds.
    const edit = {
      file: UPDATE,
      from: '  if (cmpxchg(words, sk + SOCK.storage, 0, storage) === 0) return 0\n',
      to:
        '  if (Atomics.load(words, sk + SOCK.storage) === 0) {\n' +
        '    for (let i = 0; i < 3000; i++) Atomics.load(words, 0)\n' +
        '    Atomics.store(words, sk + SOCK.storage, storage)\n    return 0\n  }\n',
    }
    const { found } = await threads.run({ ...placed(first, [edit]), threads: 2 }, 30)
    expect(found).toMatchObject({ kind: 'assertion', message: expect.stringContaining('is charged 616 bytes') })
  })

  it('is told to hang when a lock is never released, and the next one runs on new threads', async () => {
    const edit = {
      file: 'src/shared/sk-storage-elem.ts',
      from: '  spinUnlock(cpu, storage + SK_STORAGE.lock)\n  if (freeStorage)',
      to: '  if (freeStorage)',
    }
    expect((await threads.run({ ...placed(deletes, [edit]), threads: 2 }, 30)).found).toEqual({
      kind: 'hang',
      message: expect.stringMatching(
        /^CPU (0 waits for .* lock .*, which CPU 1|1 waits for .* lock .*, which CPU 0) holds$/,
      ),
    })
    const { found, rounds } = await threads.run({ ...placed(alone, []), threads: 1 }, 0.1)
    expect(found).toBeNull()
    expect(rounds).toBeGreaterThan(1)
  })

  it('says what cannot be loaded', async () => {
    const edit = { file: UPDATE, from: 'what nobody ever wrote', to: '' }
    await expect(threads.run({ ...placed(alone, [edit]), threads: 1 }, 1)).rejects.toThrow('the edit no longer fits')
  })
})
