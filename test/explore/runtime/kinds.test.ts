import { describe, expect, it } from 'vitest'
import { KINDS, nounOf, PASS } from '../../../src/explore/runtime/kinds.ts'
import { kindLetters } from '../../../src/explore/schedule/replay-line.ts'

describe('the kinds of operation', () => {
  it('keep their letters in replay lines, which people keep', () => {
    const letters = KINDS.map(({ number, name }) => `${kindLetters([number])} ${name}`)
    expect(letters).toEqual([
      'a read',
      'b write',
      'c load',
      'd store',
      'e rmw',
      'f cas',
      'g wait',
      'h notify',
      'i range read',
      'j range write',
      'k dereference',
      'l hint',
      'm lock',
      'n unlock',
      'o trylock',
      'p await',
      'q pause',
      'r read-section enter',
      's read-section exit',
      't grace period',
      'u queue callback',
      'v callback barrier',
      'w alloc',
      'x free',
      'y allocator begins',
      'z allocator ends',
      'A arena',
      'B operation begins',
      'C operation ends',
      'D write once',
      'E goes on',
      'F goes on',
      'G goes on',
      'H goes on',
      'I goes on',
      'J goes on',
      'K goes on',
      'L time passes',
      'M waitAsync',
      'N post',
      'O receive',
      'P message comes',
      'Q ends',
    ])
  })

  it('have flags that fit together', () => {
    for (const { name, class: does, flags } of KINDS) {
      const has = (flag: (typeof flags)[number]) => flags.includes(flag)
      if (has('stores')) expect([name, does, has('touches')]).toEqual([name, 'writes', true])
      if (has('several') || has('later')) expect([name, has('engine')]).toEqual([name, true])
      if (has('viewless')) expect([name, has('touches')]).toEqual([name, false])
    }
  })

  it('are steps where they have no name of their own', () => {
    expect([nounOf(0), nounOf(PASS), nounOf(-1)]).toEqual(['read', 'step', 'step'])
  })
})
