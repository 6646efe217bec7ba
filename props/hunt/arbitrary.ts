/**
 * Arbitrary concurrent programs for the hunt, small ones for the explorer among them. What fails shrinks to few CPUs,
 * few steps, nothing there before.
 */

import type { Arbitrary } from 'fast-check'
import fc from '../fast-check.ts'
import type { HuntKind, HuntMap, HuntProgram, HuntSock, HuntStep } from './program.ts'
import { MAX_STEPS } from './program.ts'

const map = fc.constantFrom<HuntMap>(0, 0, 1)
const sock = fc.constantFrom<HuntSock>(0, 0, 0, 1)
/** Words tell who wrote them; smaller ones were there before. */
const word = fc.integer({ min: 5, max: 99 })
const op = <Name extends HuntStep['do']>(name: Name) => fc.constant(name)
const flags = fc.constantFrom(0, 0, 1, 2, 4, 5, 6)

/** One step. */
export const huntStep: Arbitrary<HuntStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: op('get'), map, sock, word, create: fc.constantFrom(true, true, false) }) },
  { weight: 4, arbitrary: fc.record({ do: op('update'), map, sock, word, flags }) },
  { weight: 3, arbitrary: fc.record({ do: op('delete'), map, sock }) },
  { weight: 2, arbitrary: fc.record({ do: op('fdDelete'), map, sock }) },
  { weight: 2, arbitrary: fc.record({ do: op('lookup'), map, sock }) },
  { weight: 2, arbitrary: fc.record({ do: op('watch'), map, sock }) },
  { weight: 2, arbitrary: fc.record({ do: op('write'), map, sock, word }) },
  { weight: 2, arbitrary: fc.record({ do: op('accept'), sock }) },
  { weight: 2, arbitrary: fc.record({ do: op('iterate'), map }) },
  { weight: 2, arbitrary: fc.record({ do: op('closeMap') }) },
  { weight: 1, arbitrary: fc.record({ do: op('open') }) },
  { weight: 1, arbitrary: fc.record({ do: op('newMap') }) },
)

/** How large programs are. */
export interface ProgramSize {
  /** At least 2 CPUs, at most so many, up to 4. */
  readonly cpus?: number
  /** Steps of each CPU at the most, besides a close; up to 3. */
  readonly steps?: number
}

/** Programs: most close the first socket, on one CPU, before or after its other steps. */
export function huntProgram({ cpus = 3, steps = MAX_STEPS - 1 }: ProgramSize = {}): Arbitrary<HuntProgram> {
  return fc
    .record({
      kind: fc.constantFrom<HuntKind>('connected', 'datagram', 'listener'),
      before: fc.tuple(
        fc.constantFrom(0, 1),
        fc.constantFrom(0, 2),
        fc.constantFrom(0, 0, 3),
        fc.constantFrom(0, 0, 4),
      ),
      cpus: fc.array(fc.array(huntStep, { minLength: 1, maxLength: steps, size: 'max' }), {
        minLength: 2,
        maxLength: cpus,
        size: 'max',
      }),
      closer: fc.constantFrom<'none' | 'first' | 'last'>('none', 'first', 'first', 'last', 'last'),
    })
    .map(({ closer, cpus: [first, ...others], ...program }) => {
      const close: HuntStep = { do: 'close', sock: 0 }
      const mine = closer === 'none' ? first : closer === 'first' ? [close, ...first] : [...first, close]
      return { ...program, cpus: [mine, ...others] }
    })
}
