/**
 * Litmus programs under memory models: what the classics may end as, and by which model.
 */
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { litmusScenario } from '../../../src/explore/litmus.ts'
import { formatResult } from '../../../src/explore/report/text.ts'
import type { MemoryModel } from '../../../src/explore/result.ts'
import { createRandom, nextBits } from '../../../src/random/random.ts'
import { LONG, seedOf } from '../../share.ts'

const run = (text: string, memory: Exclude<MemoryModel, 'sc'> = 'ecma') => check(litmusScenario(text), { memory })

/** Name, program, what is asked for, and the strongest model that has it; 'none': not even ecma, as explored. */
const CLASSICS: readonly (readonly [string, string, string, MemoryModel | 'none'])[] = [
  ['SB', 'w x 1; r y | w y 1; r x', '0:y=0 /\\ 1:x=0', 'x86'],
  ['SB, atomic stores and plain loads', 'W x 1; r y | W y 1; r x', '0:y=0 /\\ 1:x=0', 'arm'],
  ['SB, plain stores and atomic loads', 'w x 1; R y | w y 1; R x', '0:y=0 /\\ 1:x=0', 'x86'],
  ['SB, atomic', 'W x 1; R y | W y 1; R x', '0:y=0 /\\ 1:x=0', 'none'],
  ['MP', 'w x 1; w y 1 | r y; r x', '1:y=1 /\\ 1:x=0', 'arm'],
  ['MP, published by an atomic store, hint', 'w x 1; W y 1 | r y; r x', '1:y=1 /\\ 1:x=0', 'arm'],
  ['MP, published by an atomic store, load', 'w x 1; W y 1 | R y; r x', '1:y=1 /\\ 1:x=0', 'none'],
  ['MP, published by an exchange, load', 'w x 1; X y 1 | R y; r x', '1:y=1 /\\ 1:x=0', 'none'],
  ['MP, published by a plain store, load', 'w x 1; w y 1 | R y; r x', '1:y=1 /\\ 1:x=0', 'arm'],
  ['MP, published by an atomic store, dereference', 'w x 1; W p &x | d p; r x', '1:p=&x /\\ 1:x=0', 'ecma'],
  ['MP, published by a plain store, dereference', 'w x 1; w p &x | d p; r x', '1:p=&x /\\ 1:x=0', 'arm'],
  ['MP, published by an atomic store, hint for the dereference', 'w x 1; W p &x | r p; r x', '1:p=&x /\\ 1:x=0', 'arm'],
  ['MP, dereference, another word', 'w x 1; W p &z | d p; r x', '1:p=&z /\\ 1:x=0', 'arm'],
  ['MP, two dereferences', 'w q &x; w x 1; W p &q | d p; d q; r x', '1:p=&q /\\ 1:q=&x /\\ 1:x=0', 'ecma'],
  ['CoRR', 'w x 1 | r x; r x', '1:x[1]=1 /\\ 1:x[2]=0', 'ecma'],
  ['CoRR, atomic and hint', 'W x 1 | R x; r x', '1:x[1]=1 /\\ 1:x[2]=0', 'none'],
  ['CoRR, hint and atomic', 'W x 1 | r x; R x', '1:x[1]=1 /\\ 1:x[2]=0', 'ecma'],
  ['LB', 'r x; w y 1 | r y; w x 1', '0:x=1 /\\ 1:y=1', 'none'],
  ['LB, atomic', 'R x; W y 1 | R y; W x 1', '0:x=1 /\\ 1:y=1', 'none'],
  ['IRIW', 'w x 1 | w y 1 | r x; r y | r y; r x', '2:x=1 /\\ 2:y=0 /\\ 3:y=1 /\\ 3:x=0', 'arm'],
  ['IRIW, dependencies', 'w x &y | w y &x | d x; r y | d y; r x', '2:x=&y /\\ 2:y=0 /\\ 3:y=&x /\\ 3:x=0', 'ecma'],
  ['IRIW, atomic', 'W x 1 | W y 1 | R x; R y | R y; R x', '2:x=1 /\\ 2:y=0 /\\ 3:y=1 /\\ 3:x=0', 'none'],
  ['2+2W', 'w x 1; w y 2 | w y 1; w x 2', 'x=1 /\\ y=1', 'arm'],
  ['2+2W, atomic', 'W x 1; W y 2 | W y 1; W x 2', 'x=1 /\\ y=1', 'none'],
  ['WRC', 'w x 1 | r x; w y 1 | r y; r x', '1:x=1 /\\ 2:y=1 /\\ 2:x=0', 'arm'],
  ['WRC, atomic flag', 'w x 1 | r x; W y 1 | R y; r x', '1:x=1 /\\ 2:y=1 /\\ 2:x=0', 'ecma'],
  ['WRC, atomic', 'W x 1 | R x; W y 1 | R y; R x', '1:x=1 /\\ 2:y=1 /\\ 2:x=0', 'none'],
  ['R', 'w x 1; w y 1 | w y 2; r x', '1:x=0 /\\ y=2', 'x86'],
  ['R, atomic load', 'w x 1; w y 1 | w y 2; R x', '1:x=0 /\\ y=2', 'x86'],
  ['S', 'w x 2; w y 1 | r y; w x 1', '1:y=1 /\\ x=2', 'arm'],
  ['S, atomic stores', 'W x 2; w y 1 | r y; W x 1', '1:y=1 /\\ x=2', 'arm'],
  ['SB, an add between', 'w x 1; A z 1; r y | w y 1; A v 1; r x', '0:y=0 /\\ 1:x=0', 'arm'],
  ['SB, an add of one word between', 'w x 1; A z 1; r y | w y 1; A z 1; r x', '0:y=0 /\\ 1:x=0', 'none'],
  ['SB with locks', 'L m; w x 1; r y; U m | L m; w y 1; r x; U m', '0:y=0 /\\ 1:x=0', 'none'],
  ['MP, section and grace period', '(; r x; r y; ) | w y 1; GP; w x 1', '0:x=1 /\\ 0:y=0', 'none'],
  ['the same, without the section', 'r x; r y | w y 1; GP; w x 1', '0:x=1 /\\ 0:y=0', 'arm'],
  ['the same, without the grace period', '(; r x; r y; ) | w y 1; w x 1', '0:x=1 /\\ 0:y=0', 'arm'],
  ['two sections around one grace period', '(; r x; ); (; r y; ) | w y 1; GP; w x 1', '0:x=1 /\\ 0:y=0', 'none'],
]

describe('litmus programs under a memory model', () => {
  it.each(CLASSICS)('%s: %s exists %s: %s', (_, text, asked, model) => {
    const result = run(`${text} exists (${asked})`)
    const { loadBuffering, violates } = result.memory!
    expect(result).toMatchObject({ exhaustive: loadBuffering.length === 0, memory: { allButBuffering: true } })
    expect(violates ?? 'none').toBe(model)
    // Under a stronger model it is not there, and under a weaker one it has the same name.
    for (const asking of ['x86', 'arm'] as const) {
      const expected = model === 'x86' || model === asking ? model : 'none'
      expect([asking, run(`${text} exists (${asked})`, asking).memory!.violates ?? 'none']).toEqual([asking, expected])
    }
  })

  it('finds that all wait from the start, as interleavings do', () => {
    const text = 'AWAIT x!=0; X x 3 | AWAIT x!=0'
    const stuck = { blocked: 1, exhaustive: true, violation: { kind: 'deadlock' }, outcomes: [{ count: 1 }] }
    expect(run(text)).toMatchObject({ ...stuck, exhaustive: false })
    expect(check(litmusScenario(text), { memory: 'ecma', keepGoing: true })).toMatchObject(stuck)
    expect(check(litmusScenario(text), { keepGoing: true })).toMatchObject(stuck)
  })

  it('says where load buffering is left out, and only there', () => {
    expect(run('r x; w y 1 | r y; w x 1').memory!.loadBuffering).toEqual(['litmus:1  r x', 'litmus:2  r y'])
    expect(run('r x; w x 2 | r x; w x 1').memory!.loadBuffering).toHaveLength(2)
    expect(run('R x; W y 1 | r y; W x 1').memory!.loadBuffering).toEqual([])
    expect(run('w y 1; r x | w x 1; r y').memory!.loadBuffering).toEqual([])
    // A store of x86 waits for the loads before it; an atomic store of arm, too, and any to the same word.
    expect(run('r x; w y 1 | r y; w x 1', 'x86').memory!.loadBuffering).toEqual([])
    expect(run('r x; w y 1 | r y; w x 1', 'arm').memory!.loadBuffering).toHaveLength(2)
    expect(run('r x; W y 1 | r y; W x 1').memory!.loadBuffering).toHaveLength(2)
    expect(run('r x; W y 1 | r y; W x 1', 'arm').memory!.loadBuffering).toEqual([])
    expect(run('r x; w x 2 | r x; w x 1', 'arm').memory!.loadBuffering).toEqual([])
    expect(run('(; r x; ) | r z; GP; w x 1').memory!.loadBuffering).toEqual([])
    expect(run('r x; w y 1 | r y; w z 1 | r z; w x 1').memory!.loadBuffering).toHaveLength(3)
  })

  it('tells a race of plain accesses, and none of atomic ones', () => {
    expect(run('w x 1; W y 1 | R y; r x').memory!.races).toEqual([
      { accesses: 'x: thread 0, write (litmus:1), and thread 1, read (litmus:2)' },
    ])
    expect(run('W x 1; W y 1 | R y; R x').memory!.races).toEqual([])
    expect(run('L m; w x 1; U m | L m; r x; U m').memory!.races).toEqual([])
  })

  it('tells of a race what it does: an outcome that no interleaving has, by that race', () => {
    const told = (text: string) =>
      run(text).memory!.races.map(({ accesses, shows }) => [accesses.slice(0, 1), shows?.outcome, shows?.model])
    const outcome = '1: y=1 x=0 z=0; end: x=1 y=1 z=1'
    // The one on z has brought about nothing: what is read there an interleaving may read as well.
    expect(told('w x 1; w y 1; w z 1 | r y; r x; r z')).toEqual([
      ['x', outcome, 'arm'],
      ['y', outcome, 'arm'],
      ['z', undefined, undefined],
    ])
    expect(told('w x 1; W y 1 | R y; r x')).toEqual([['x', undefined, undefined]])
  })

  it('counts as many executions as there are for readers and a grace period', () => {
    const reader = '(; R x; R y; )'
    const updater = 'W x 1; GP; W y 1'
    expect(run(`${reader} | ${updater}`)).toMatchObject({ complete: 6, blocked: 0 })
    expect(run(`${reader} | ${reader} | ${updater}`)).toMatchObject({ complete: 36, blocked: 0 })
    expect(run('(; GP; )')).toMatchObject({ complete: 0, blocked: 1, violation: { kind: 'deadlock' } })
  })

  it('reports an execution with the loads that read what is older', () => {
    const result = run('w x 1; w p &x | d p; r x exists (1:p=&x /\\ 1:x=0)')
    expect(formatResult(result)).toMatchInlineSnapshot(`
      "w x 1; w p &x | d p; r x exists (1:p=&x /\\ 1:x=0): exhaustive: 4 executions, 0 blocked (memory ecma)
      the strongest model in which it happens: arm

      assertion: reached: exists (1:p=&x /\\ 1:x=0)  (litmus:2)
      schedule S0-S1-r0  0 preemptions, 4 steps

      step  thread 0           thread 1         
         1  write x = 1                           litmus:1
         2  write p = 1                           litmus:1
         3                     dereference p = 1  litmus:2  from step 2  <- thread 0 has ended
         4                     read x = 0         litmus:2  from the start

      why: step 4 reads x = 0, though thread 0 stored 1 at step 1: nothing orders the two
      why: no interleaving has it; the strongest model that has it is arm
      next: look among the steps for a value that was out of date when it was used: between those two steps an order is missing
      replay: explore1 w%20x%201;%20w%20p%20&x%20%7C%20d%20p;%20r%20x%20exists%20(1:p=&x%20/%5C%201:x=0) ztntfp9zloz ecma:S0-S1-r0 bbka

      model  outcome                        count  first seen on
             1: p=0 x=0; end: x=1 p=&x          1  S1-S0-
             1: p=0 x=1; end: x=1 p=&x          1  S0P1-S0
             1: p=&x x=1; end: x=1 p=&x         1  S0-S1-
      arm    1: p=&x x=0; end: x=1 p=&x         1  S0-S1-r0

      data races, which are no finding here: 2
        p: thread 0, write (litmus:1), and thread 1, dereference (litmus:2)
          and this is what it does: 1: p=&x x=0; end: x=1 p=&x (arm), on S0-S1-r0
        x: thread 0, write (litmus:1), and thread 1, read (litmus:2)
          and this is what it does: 1: p=&x x=0; end: x=1 p=&x (arm), on S0-S1-r0"
    `)
  })
})

/** Threads of atomic accesses and locks. */
function atomicProgram(below: (n: number) => number): string {
  const word = () => 'xy'[below(2)]
  const one = () => {
    const forms = [
      'W $ 1',
      'W $ 2',
      'R $',
      'R $',
      'A $ 1',
      'X $ 3',
      'C $ 0 1',
      'L m; R $; U m',
      'AWAIT $!=0',
      'T m; R $; U m',
    ]
    return forms[below(forms.length)].replace('$', word())
  }
  const threads = 2 + below(2)
  return Array.from({ length: threads }, () => Array.from({ length: 1 + below(3) }, one).join('; ')).join(' | ')
}

describe('programs of atomic accesses', () => {
  it('have the executions that they have as interleavings, no more and no less', () => {
    const random = createRandom(seedOf('atomic programs of the memory model'))
    const below = (n: number) => nextBits(random) % n
    let executions = 0
    for (let k = 0; k < (LONG ? 1000 : 60); k++) {
      const text = atomicProgram(below)
      const known = check(litmusScenario(text), { keepGoing: true })
      const found = check(litmusScenario(text), { keepGoing: true, memory: 'ecma' })
      expect([text, found.complete, found.blocked]).toEqual([text, known.complete, known.blocked])
      const table = (outcomes: typeof known.outcomes) =>
        outcomes.map(({ outcome, count }) => `${count} ${outcome}`).sort()
      expect(table(found.outcomes), text).toEqual(table(known.outcomes))
      expect(new Set(found.outcomes.map(({ model }) => model)), text).toEqual(new Set(['sc']))
      executions += found.executions
    }
    expect(executions).toBeGreaterThan(100)
  })
})
