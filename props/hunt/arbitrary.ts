/**
 * Arbitrary concurrent programs for the hunt, small ones for the explorer among them. What fails shrinks to few CPUs,
 * few steps, nothing there before.
 */

import type { Arbitrary } from 'fast-check'
import fc from '../fast-check.ts'
import type { HuntKind, HuntMap, HuntProgram, HuntSock, HuntStep } from './program.ts'
import { KEYS, MAX_CPUS, MAX_STEPS } from './program.ts'

const map = fc.constantFrom<HuntMap>(0, 0, 1)
const sock = fc.constantFrom<HuntSock>(0, 0, 0, 1)
/** Words tell who wrote them; smaller ones were there before. */
const word = fc.integer({ min: 5, max: 99 })
const op = <Name extends HuntStep['do']>(name: Name) => fc.constant(name)
const flags = fc.constantFrom(0, 0, 1, 2, 4, 5, 6)

const key = fc.constantFrom(KEYS[0], ...KEYS)

/** A step on the hash map. */
const onHash: Arbitrary<HuntStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: op('hashUpdate'), key, word, flags }) },
  { weight: 2, arbitrary: fc.record({ do: op('hashDelete'), key }) },
  { weight: 1, arbitrary: fc.record({ do: op('hashLookup'), key }) },
  { weight: 1, arbitrary: fc.record({ do: op('hashGet'), key }) },
  { weight: 1, arbitrary: fc.record({ do: op('hashKeys') }) },
)

/** One that attaches a program, runs it or detaches it. */
const onProgram: Arbitrary<HuntStep> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: op('attach') }) },
  { weight: 3, arbitrary: fc.record({ do: op('run'), sock, word }) },
  { weight: 2, arbitrary: fc.record({ do: op('detach') }) },
)

/** One on the BTF object. */
const onBtf: Arbitrary<HuntStep> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: op('btfOpen') }) },
  { weight: 1, arbitrary: fc.record({ do: op('btfClose') }) },
  { weight: 1, arbitrary: fc.record({ do: op('typedMap') }) },
)

/** One on sockets and maps of sk storage, or on both. */
const onStorage: Arbitrary<HuntStep> = fc.oneof(
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
  { weight: 2, arbitrary: fc.record({ do: op('dump') }) },
  { weight: 2, arbitrary: fc.record({ do: op('close'), sock }) },
)

/** One step, of any kind. */
export const huntStep: Arbitrary<HuntStep> = fc.oneof(
  { weight: 6, arbitrary: onStorage },
  { weight: 2, arbitrary: onHash },
  { weight: 2, arbitrary: onProgram },
  { weight: 1, arbitrary: onBtf },
)

/** Mostly those; the rest are steps on sockets and maps of sk storage. */
const mostly = (steps: Arbitrary<HuntStep>, weight: number): Arbitrary<HuntStep> =>
  fc.oneof({ weight, arbitrary: steps }, { weight: 2, arbitrary: onStorage })

/** How large programs are. */
export interface ProgramSize {
  /** At least 2 CPUs, at most so many, up to 4. */
  readonly cpus?: number
  /** Steps of each CPU at the most, besides a close; up to 3. */
  readonly steps?: number
}

/** Programs whose steps meet each other: most are about sk storage, some about what is beside it. */
export function huntProgram(size: ProgramSize = {}): Arbitrary<HuntProgram> {
  return fc.oneof(
    { weight: 5, arbitrary: programOf(onStorage, size) },
    { weight: 1, arbitrary: programOf(mostly(onHash, 6), size) },
    { weight: 2, arbitrary: programOf(mostly(onProgram, 3), size) },
    { weight: 1, arbitrary: programOf(mostly(onBtf, 3), size) },
  )
}

/** Programs of such steps: most close the first socket, on one of the CPUs, before or after its other steps. */
function programOf(
  step: Arbitrary<HuntStep>,
  { cpus = 3, steps = MAX_STEPS - 1 }: ProgramSize,
): Arbitrary<HuntProgram> {
  return fc
    .record({
      kind: fc.constantFrom<HuntKind>('connected', 'datagram', 'listener'),
      before: fc.tuple(
        fc.constantFrom(0, 1),
        fc.constantFrom(0, 2),
        fc.constantFrom(0, 0, 3),
        fc.constantFrom(0, 0, 4),
      ),
      cpus: fc.array(fc.array(step, { minLength: 1, maxLength: steps, size: 'max' }), {
        minLength: 2,
        maxLength: cpus,
        size: 'max',
      }),
      closes: fc.constantFrom<'never' | 'first' | 'last'>('never', 'first', 'first', 'last', 'last'),
      closer: fc.nat(MAX_CPUS - 1),
    })
    .map(({ closes, closer, cpus: all, ...program }) => {
      if (closes === 'never') return { ...program, cpus: all }
      const close: HuntStep = { do: 'close', sock: 0 }
      const which = closer % all.length
      const steps = closes === 'first' ? [close, ...all[which]] : [...all[which], close]
      return { ...program, cpus: all.with(which, steps) }
    })
}
