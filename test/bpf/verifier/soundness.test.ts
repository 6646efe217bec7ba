/**
 * What the verifier accepts touches nothing but its stack, its context and its values: random programs, with each
 * access looked at as they run. And no address is in what they leave: they are run twice, with their values elsewhere.
 */

import { expect, it } from 'vitest'
import { generate } from '../../../src/bpf/code/generate.ts'
import { disassemble } from '../../../src/bpf/isa/disassemble.ts'
import { decode } from '../../../src/bpf/isa/instruction.ts'
import type { BpfProgram } from '../../../src/bpf/object.ts'
import type { PlaceFact } from '../../../src/bpf/verifier/facts.ts'
import { ProgramRefused } from '../../../src/bpf/verifier/refused.ts'
import { type Verified, verify } from '../../../src/bpf/verifier/verify.ts'
import { createStream, nextBits } from '../../../src/random/random.ts'
import { LONG } from '../../share.ts'
import { runChecked } from './checked-memory.ts'
import { randomAccesses, VALUE_MAPS } from './random-accesses.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const PROGRAMS = LONG ? 20_000 : 500
const RUNS = 8
const WORDS = 4096
const ENDS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 38, 39, 40, 41]

function accepted(program: BpfProgram): Verified | undefined {
  try {
    return verify(program, { license: 'GPL', maps: VALUE_MAPS })
  } catch (error) {
    if (error instanceof ProgramRefused) return undefined
    throw error
  }
}

/** The same program as if no offset were known: its text takes them from the registers, where the program put them. */
function asComputed(verified: Verified): Verified {
  const facts = verified.facts.map((fact) => {
    if (fact?.kind === 'access') return { ...fact, place: withoutOffset(fact.place) }
    if (fact?.kind === 'call') return { ...fact, places: fact.places.map((place) => place && withoutOffset(place)) }
    return fact
  })
  return { ...verified, facts }
}

function withoutOffset(place: PlaceFact): PlaceFact {
  return place.field === undefined ? { ...place, off: undefined } : place
}

/** Runs a program with its values from this word on; what it returns and leaves there. */
function run(text: string, first: number, seed: number): string {
  const random = createStream(seed, 1)
  /** At the end of a value, or beside it. */
  const near = (): number => ENDS[nextBits(random) % ENDS.length]
  const words = new Int32Array(new ArrayBuffer(WORDS * 4))
  const values = VALUE_MAPS.flatMap(({ valueSize }, m) =>
    Array.from({ length: 4 }, (_, i) => ({ word: first + (m * 4 + i) * 20, bytes: valueSize })),
  )
  for (const { word, bytes } of values) for (let i = 0; i < bytes / 4; i++) words[word + i] = near()
  const maps = Object.fromEntries(VALUE_MAPS.map(({ name }, m) => [name, m + 1]))
  const lookup = (_: unknown, map: number, key: Int32Array, at: number): number =>
    key[at] >= 0 && key[at] < 4 ? values[(map - 1) * 4 + key[at]].word : 0
  const context = { len: near(), mark: near(), protocol: 8, ingress_ifindex: 3, ifindex: 40 }
  const result = runChecked(
    text,
    words,
    values,
    {
      maps,
      values: {},
      helpers: {
        bpf_map_lookup_elem: lookup,
        bpf_map_lookup_elem_in_array: lookup,
        bpf_map_lookup_elem_in_hash_4: lookup,
      },
      fields: {},
    },
    context,
  )
  return `${result} ${values.map(({ word, bytes }) => words.subarray(word, word + bytes / 4).join()).join(' ')}`
}

it('accepts no program that touches what is not its own, or tells an address', () => {
  console.log(`${PROGRAMS} programs with SEED=${SEED}`)
  let ran = 0
  for (let i = 0; i < PROGRAMS; i++) {
    const program = randomAccesses(createStream(SEED, i))
    const verified = accepted(program)
    if (verified === undefined) continue
    ran++
    const { text: known } = generate(verified, { access64: 'whole' })
    for (const access64 of ['whole', 'halves'] as const) {
      const { text } = generate(asComputed(verified), { access64 })
      for (let k = 0; k < RUNS; k++) {
        try {
          const result = run(text, 2000, SEED + k)
          expect(run(text, 100, SEED + k)).toBe(result)
          expect(run(known, 100, SEED + k)).toBe(result)
        } catch (error) {
          const lines = decode(program.code).map((insn) =>
            insn === undefined ? '' : `${insn.at}: ${disassemble(insn)}`,
          )
          throw new Error(`program ${i} of SEED=${SEED}: ${(error as Error).message}\n${lines.join('\n')}\n${text}`)
        }
      }
    }
  }
  // Else the programs say nothing of the verifier.
  expect(ran).toBeGreaterThan(PROGRAMS / 20)
  expect(ran).toBeLessThan(PROGRAMS * 0.8)
  console.log(`${ran} of ${PROGRAMS} were accepted`)
})
