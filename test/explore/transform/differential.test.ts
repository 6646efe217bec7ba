/**
 * The differential property: a generated program does the same plain and instrumented, on one thread.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KINDS } from '../../../src/explore/runtime/kinds.ts'
import { LONG } from '../../share.ts'
import { runPlain, runTwin } from '../support/alone.ts'
import { programs } from '../support/programs.ts'
import { instrumented, untouched } from '../support/source.ts'
import { traced, tracedAtomics } from '../support/traced.ts'

interface Arrays {
  w: Int32Array
  u: Uint8Array
}

function fresh(): Arrays {
  const w = new Int32Array(new SharedArrayBuffer(32))
  const u = new Uint8Array(new SharedArrayBuffer(8))
  w.set([3, 1, 4, 1, 5, 9, 2, 6])
  u.set([2, 7, 1, 8, 2, 8, 1, 8])
  return { w, u }
}

const memory = ({ w, u }: Arrays): number[] => [...w, ...u]

/** Errors that the language throws may be worded differently in a twin; what the author throws may not. */
function settled(outcome: { value?: unknown; error?: string | undefined }): unknown {
  const { error } = outcome
  return error === undefined
    ? outcome.value
    : error.replace(/^(\w*Error): .*/s, '$1').replace(/^(threw \w+Error): .*/s, '$1')
}

describe('a generated program', () => {
  it('gives the same results, errors, memory and accesses in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const plain = await untouched(`const Atomics = globalThis.tracedAtomics\n${program}`)
        const twins = await instrumented(program, {}, 'program.js')

        const expected = fresh()
        const log: string[] = []
        const note = (event: string): void => void log.push(event)
        const u = traced(expected.u, 'u', note)
        const outside = { n: 1, list: [1, 2, 3, 4, 5, 6, 7, 8], v: { u } }
        const first = runPlain(plain.run, [traced(expected.w, 'w', note), u, outside])

        const got = fresh()
        const inside = { n: 1, list: [1, 2, 3, 4, 5, 6, 7, 8], v: { u: got.u } }
        const second = runTwin(twins.run, [got.w, got.u, inside], undefined, (kind, index, a, _b, view) => {
          const name = view.buffer === got.w.buffer ? 'w' : 'u'
          const from = index + view.byteOffset / (view as Int32Array).BYTES_PER_ELEMENT
          return `${KINDS[kind].name} ${name} ${from}${kind === 8 || kind === 9 ? `..${from + Number(a) - index}` : ''}`
        })
        expect(settled(second)).toEqual(settled(first))
        expect(memory(got)).toEqual(memory(expected))
        expect(second.events).toEqual(spreadsAsRanges(log, second.events))
      }),
      { numRuns: LONG ? 3000 : 25, ...(process.env.EXPLORE_SEED ? { seed: Number(process.env.EXPLORE_SEED) } : {}) },
    )
  })
})

/** A spread of a shared array is one range in a twin and an element at a time in the oracle. */
function spreadsAsRanges(log: readonly string[], events: readonly string[]): string[] {
  const merged: string[] = []
  for (let at = 0; at < log.length; at++) {
    const pair = log[at] === 'read w 0' && log[at + 1] === 'read w 1' && events[merged.length] === 'range read w 0..2'
    merged.push(pair ? 'range read w 0..2' : log[at])
    if (pair) at++
  }
  return merged
}

Object.assign(globalThis, { tracedAtomics })
