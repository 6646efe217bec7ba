/**
 * What a search that goes on from a checkpoint still knows of the code.
 */
import { expect, it } from 'vitest'
import { type Checkpoint, check, loadInstrumentedText, type Scenario } from '../../src/explore/index.ts'

/** Locks in one order in some executions and in the other order in others: a note, for no execution has both. */
const TEXT = `
/** @explore lock words[at] */
function lock(words, at) { while (Atomics.compareExchange(words, at, 0, 1) !== 0); }
/** @explore unlock words[at] */
function unlock(words, at) { Atomics.store(words, at, 0) }
function both(w, one, other) { lock(w, one); lock(w, other); unlock(w, other); unlock(w, one) }
export const orders = {
  setup: () => new Int32Array(new SharedArrayBuffer(16)),
  threads: [
    (w) => { if (Atomics.load(w, 0) === 0) both(w, 2, 3); else Atomics.store(w, 1, 1) },
    (w) => { if (Atomics.load(w, 1) === 1) both(w, 3, 2) },
    (w) => { Atomics.store(w, 0, 1) },
  ],
}`

it('tells the same notes, however often it was interrupted', async () => {
  const { orders } = (await loadInstrumentedText(TEXT, 'orders')) as { orders: Scenario<Int32Array> }
  const whole = check(orders)
  let resume: Checkpoint | undefined
  let result = whole
  for (let most = 1; most < 100; most++) {
    let last: Checkpoint | undefined
    const onCheckpoint = (checkpoint: Checkpoint) => {
      last = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint
    }
    result = check(orders, { maxExecutions: most, onCheckpoint, ...(resume && { resume }) })
    if (result.budget === '') break
    resume = last
  }
  expect(whole).toMatchObject({ exhaustive: true, notes: [{ kind: 'lock-order' }] })
  expect(result).toMatchObject({ budget: '', exhaustive: true, complete: whole.complete })
  expect(result.notes.map(({ kind }) => kind)).toEqual(whole.notes.map(({ kind }) => kind))
})
