/** Buffers that threads make: new in each execution, and yet the same. */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { replay } from '../../../src/explore/failure/replay.ts'
import { instrumented } from '../support/source.ts'

const source = `
  export const request = ({ words }) => {
    const mine = new Int32Array(new SharedArrayBuffer(4))
    Atomics.store(mine, 0, 1)
    return Atomics.add(words, 0, 1) + Atomics.load(mine, 0)
  }
  export const add = ({ words }) => Atomics.add(words, 0, 1)
  export const offer = ({ words, box }) => {
    const mine = new Int32Array(new SharedArrayBuffer(8))
    mine[0] = 5
    box.it = mine
    Atomics.store(words, 0, 1)
    Atomics.add(mine, 1, 1)
    return Atomics.load(mine, 1)
  }
  export const take = ({ words, box }) => {
    if (Atomics.load(words, 0) === 0) return 'none'
    return box.it[0] + Atomics.add(box.it, 1, 1)
  }
  export const hasty = ({ words, box }) => {
    const mine = new Int32Array(new SharedArrayBuffer(4096))
    box.it = mine
    Atomics.store(words, 0, 1)
    mine[1000] = 7
  }
  export const looks = ({ words, box }) => (Atomics.load(words, 0) === 1 ? box.it[1000] : -1)
  export const several = ({ words }) => {
    let sum = 0
    for (let i = 0; i < 3; i++) {
      const mine = new Int32Array(new SharedArrayBuffer(4 * (1 + Atomics.load(words, 0))))
      sum += Atomics.add(mine, 0, i) + mine.length
    }
    return sum
  }
`
/** One for all threads: of a class that is not instrumented there is no copy. */
class Box {
  it: Int32Array | null = null
}
const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(4)), box: new Box() })
const clear = ({ box }: ReturnType<typeof setup>) => void (box.it = null)

describe('a buffer made in a thread', () => {
  it('is the same one in each execution, new and empty', async () => {
    const { request, add } = await instrumented(source, {}, 'made.js')
    const result = check({ setup, threads: [request, add] })
    expect(result).toMatchObject({ exhaustive: true, complete: 2, violation: null })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['1 | 1', '2 | 0'])
    const twice = check({ setup, threads: [request, request] })
    expect(twice).toMatchObject({ exhaustive: true, complete: 2, violation: null })
  })

  it('may be one of several, of sizes that differ between executions', async () => {
    const { several, add } = await instrumented(source, {}, 'made.js')
    const result = check({ setup, threads: [several, add] })
    expect(result).toMatchObject({ exhaustive: true, complete: 4, violation: null })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['3 | 0', '4 | 0', '5 | 0', '6 | 0'])
  })

  it('is watched when another thread gets hold of it', async () => {
    const { offer, take } = await instrumented(source, {}, 'made.js')
    const result = check({ setup, threads: [offer, take], after: clear }, { keepGoing: true })
    expect(result).toMatchObject({ exhaustive: true, violation: null })
    expect(result.outcomes.map(({ outcome }) => outcome).sort()).toEqual(['1 | 6', '1 | none', '2 | 5', '2 | 6'])
  })

  it('has a name in reports, which replay', async () => {
    const { hasty, looks } = await instrumented(source, {}, 'made.js')
    const scenario = { setup, threads: [hasty, looks], after: clear }
    const { violation } = check(scenario)
    expect(violation?.kind).toBe('data-race')
    expect(violation?.message).toMatch(/byte 4000 of buffer 1 of thread 0/)
    const again = replay(scenario, violation!.replay)
    expect(again).toMatchObject({ stale: false, violation: { kind: 'data-race' } })
    expect(again.diverged).toBeUndefined()
  })

  it.each([
    'new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)',
    'new Made(4)',
    'Reflect.construct(Made, [size.bytes])',
  ])('is the same in each execution, however it is made: %s', async (made) => {
    const { maker, other } = await instrumented(
      `const Made = SharedArrayBuffer, size = { bytes: 4 }
export const maker = (w) => { const mine = new Int32Array(${made}); Atomics.store(mine, 0, 1); Atomics.add(w, 0, 1) }
export const other = (w) => { Atomics.add(w, 0, 1) }`,
      {},
      'source.js',
    )
    const setup = () => new Int32Array(new SharedArrayBuffer(4))
    expect(check({ setup, threads: [maker, other] })).toMatchObject({ exhaustive: true, complete: 2, violation: null })
  })
})
