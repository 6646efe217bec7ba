/**
 * Texts without what nobody reads: they return the same, and leave no access out that others could see.
 */

import { describe, expect, it } from 'vitest'
import { runnable } from '../../../conformance/bytecode.ts'
import { randomBytecode } from '../../../conformance/random-bytecode.ts'
import { compile, type Environment, viewsOf } from '../../../src/bpf/code/compile.ts'
import { generate } from '../../../src/bpf/code/generate.ts'
import { ProgramRefused } from '../../../src/bpf/verifier/refused.ts'
import { type Verified, verify } from '../../../src/bpf/verifier/verify.ts'
import { createStream } from '../../../src/random/random.ts'
import { LONG } from '../../share.ts'
import { DONE, judged, lookup, programOf } from '../verifier/programs.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const PROGRAMS = LONG ? 20_000 : 200
/** Word of the one value that lookups find, for as long as they find one. */
const VALUE = 4

function accepted(i: number): Verified | undefined {
  try {
    return verify(runnable(randomBytecode(createStream(SEED, i), { wild: 0, effects: 0 })), {
      license: 'GPL',
      maps: [],
    })
  } catch (error) {
    if (error instanceof ProgramRefused) return undefined
    throw error
  }
}

function environment(found: number): Environment & { readonly words: Int32Array } {
  const lookup = () => found
  return {
    cpu: undefined,
    ...viewsOf(new Int32Array(8)),
    maps: { array: 1, hash: 2 },
    values: {},
    helpers: {
      bpf_sk_fullsock: () => 0,
      bpf_map_lookup_elem: lookup,
      bpf_map_lookup_elem_in_hash_4: lookup,
      bpf_map_lookup_elem_in_array: lookup,
    },
    fields: {},
  }
}

/** What a program returns that is given a mark, and the text that it became. */
function outcomeOf(text: string, mark: number, found = VALUE): { readonly result: unknown; readonly text: string } {
  const verified = judged(programOf(text))
  if (typeof verified === 'string') throw new Error(verified)
  const generated = generate(verified, { access64: 'whole' })
  return { result: compile(generated, environment(found))({ mark, len: 7 }), text: generated.text }
}

describe('a text without what nobody reads', () => {
  it('returns what the one with all registers has in r0', () => {
    console.log(`${PROGRAMS} programs with SEED=${SEED}`)
    const context = { len: 64, pkt_type: 0, mark: 0, queue_mapping: 0, protocol: 8, cb0: 0, cb1: 0, hash: 0, sk: 4 }
    let ran = 0
    for (let i = 0; i < PROGRAMS; i++) {
      const verified = accepted(i)
      if (verified === undefined) continue
      ran++
      const all = compile(generate(verified, { access64: 'whole', registers: true }), environment(0))
      const less = compile(generate(verified, { access64: 'whole' }), environment(0))
      const [r0] = all({ ...context, gso_segs: 0, tstamp: 0n }, [undefined, [0, 1]]) as readonly number[]
      expect(less({ ...context, gso_segs: 0, tstamp: 0n }), `program ${i} of SEED=${SEED}`).toBe(r0)
    }
    expect(ran).toBeGreaterThan(PROGRAMS / 2)
  })

  it('has one half of what only one is read of, and nothing of the rest', () => {
    const { text } = outcomeOf('mov r3, 5\nmov r0, 1\nadd32 r0, 0\nexit', 0)
    expect(text).not.toMatch(/r3|r0h/)
    expect(text).toContain('r0l = 1')
  })

  it('still loads what it does not read: others may see that', () => {
    const { text } = outcomeOf(`${lookup('array')}\njeq r0, 0, done\nldxw r1, [r0+4]${DONE}`, 0)
    expect(text).toContain('r1l = words[r0h + 1]')
  })

  it('compares both halves where a register may be a number on one path, and a pointer on the other', () => {
    const text = `
      ldxw r7, [r1+8]
      mov r6, 5
      jeq r7, 0, number
      ${lookup('hash')}
      mov r6, r0
      number: jeq r6, 0, none
      mov r0, 1
      exit
      none: mov r0, 0
      exit`
    expect(outcomeOf(text, 0).result).toBe(1)
    expect(outcomeOf(text, 1).result).toBe(1)
    expect(outcomeOf(text, 1, 0).result).toBe(0)
  })

  it('gives a helper NULL where a path has NULL for what is on the stack on another', () => {
    const given: unknown[] = []
    const text = `
      mov r6, r1
      ldxdw r1, [r1+168]
      jeq r1, 0, done
      call bpf_sk_fullsock
      jeq r0, 0, done
      mov r2, r0
      mov r3, 0
      stdw [r10-8], 3
      ldxw r7, [r6+8]
      jeq r7, 0, bare
      mov r3, r10
      add r3, -8
      bare: lddw r1, map storage
      mov r4, 1
      call bpf_sk_storage_get${DONE}`
    const verified = judged(programOf(text)) as Verified
    expect(verified).toHaveProperty('facts')
    const get = (_cpu: unknown, _map: number, _sk: number, init: unknown): number => {
      given.push(init === null ? 'NULL' : 'stack')
      return 0
    }
    const run = compile(generate(verified, { access64: 'whole' }), {
      ...environment(0),
      maps: { storage: 1 },
      helpers: { bpf_sk_fullsock: () => 4, bpf_sk_storage_get: get },
    })
    run({ sk: 4, mark: 0 })
    run({ sk: 4, mark: 1 })
    expect(given).toEqual(['NULL', 'stack'])
  })
})
