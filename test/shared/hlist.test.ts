import { describe, expect, it } from 'vitest'
import {
  hlistAddHeadRcu,
  hlistAddHeadRcuLockless,
  hlistDelInitFirstRcu,
  hlistDelInitRcu,
  hlistDelInitRcuLockless,
  hlistEmptyLockless,
  hlistFirstRcu,
  hlistIsSingularNode,
  hlistNextRcu,
  hlistUnhashed,
  hlistUnhashedLockless,
} from '../../src/shared/hlist.ts'
import { HLIST_NODE } from '../../src/shared/records.ts'
import { KasanError } from '../../src/shared/sanitizer.ts'
import { kfree, kmalloc } from '../../src/shared/slab.ts'
import { KIND } from '../../src/shared/slab-layout.ts'
import { house, list, onAtomics } from './setting.ts'

const HEAD = 1
const [A, B, C] = [10, 20, 30]

describe.each([
  { kind: 'a bucket’s', add: hlistAddHeadRcu, del: hlistDelInitRcu },
  { kind: 'a socket’s', add: hlistAddHeadRcuLockless, del: hlistDelInitRcuLockless },
])('a list of $kind kind', ({ add, del }) => {
  /** A list C, B, A. */
  function three(): Int32Array {
    const words = new Int32Array(new SharedArrayBuffer(256))
    for (const node of [A, B, C]) add(words, node, HEAD)
    return words
  }

  /** Each node's pprev must be the word that points to it. */
  function expectBackLinks(words: Int32Array): void {
    let at = HEAD
    for (const node of list(words, HEAD)) {
      expect(words[node + HLIST_NODE.pprev]).toBe(at)
      at = node + HLIST_NODE.next
    }
  }

  it('adds in front', () => {
    const words = three()
    expect(list(words, HEAD)).toEqual([C, B, A])
    expectBackLinks(words)
  })

  it('takes a node into an empty list without a thought of NULL, which is a word like others', () => {
    const words = new Int32Array(new SharedArrayBuffer(256))
    words.fill(9, 0, 4)
    words[A] = 0
    const head = 40
    add(words, A, head)
    expect(list(words, head)).toEqual([A])
    del(words, A)
    expect([...words.slice(0, 4)]).toEqual([9, 9, 9, 9])
  })

  it.each([
    ['the first', C, [B, A]],
    ['one in the middle', B, [C, A]],
    ['the last', A, [C, B]],
  ])('removes %s', (_, node, left) => {
    const words = three()
    del(words, node)
    expect(list(words, HEAD)).toEqual(left)
    expectBackLinks(words)
    expect(hlistUnhashed(words, node)).toBe(true)
    expect(hlistUnhashedLockless(words, node)).toBe(true)
  })

  it('leaves a removed node its way on, for the readers who stand on it', () => {
    const words = three()
    del(words, B)
    expect(words[B + HLIST_NODE.next]).toBe(A)
    del(words, C)
    expect(words[C + HLIST_NODE.next]).toBe(A)
  })

  it('does nothing to a node that is on no list', () => {
    const words = three()
    del(words, B)
    const before = words.slice()
    del(words, B)
    expect(words).toEqual(before)
  })

  it('takes a removed node back', () => {
    const words = three()
    del(words, A)
    add(words, A, HEAD)
    expect(list(words, HEAD)).toEqual([A, C, B])
    expectBackLinks(words)
  })

  it('knows when it is empty and when a node is alone', () => {
    const words = new Int32Array(64)
    expect(hlistEmptyLockless(words, HEAD)).toBe(true)
    add(words, A, HEAD)
    expect(hlistEmptyLockless(words, HEAD)).toBe(false)
    expect(hlistIsSingularNode(words, A, HEAD)).toBe(true)
    add(words, B, HEAD)
    expect([A, B].map((node) => hlistIsSingularNode(words, node, HEAD))).toEqual([false, false])
    del(words, A)
    expect(hlistIsSingularNode(words, B, HEAD)).toBe(true)
    expect(hlistIsSingularNode(words, A, HEAD)).toBe(false)
    del(words, B)
    expect(hlistEmptyLockless(words, HEAD)).toBe(true)
  })

  it('publishes a node with its links filled in (H06)', () => {
    const words = three()
    const seen: number[][] = []
    onAtomics('store', (at, value) => {
      if (at === HEAD) seen.push([words[value + HLIST_NODE.next], words[value + HLIST_NODE.pprev]])
    })
    add(words, 40, HEAD)
    expect(seen).toEqual([[C, HEAD]])
  })

  it('shows a reader the whole list at each step of an addition or a removal', () => {
    const words = three()
    const seen: number[][] = []
    onAtomics('store', () => seen.push(list(words, HEAD)))
    add(words, 40, HEAD)
    del(words, B)
    expect(seen.length).toBeGreaterThan(1)
    for (const nodes of seen) expect(nodes).toEqual(expect.arrayContaining([C, A]))
  })
})

describe('a socket’s list', () => {
  it('stores atomically what publishes: a node at the head, and the one behind a node that goes', () => {
    const words = new Int32Array(64)
    hlistAddHeadRcuLockless(words, A, HEAD)
    hlistAddHeadRcuLockless(words, B, HEAD)
    const stored: number[] = []
    onAtomics('store', (at) => stored.push(at))
    hlistAddHeadRcuLockless(words, C, HEAD)
    hlistDelInitRcuLockless(words, B)
    hlistDelInitRcuLockless(words, A)
    // That it stores nothing else so is a matter of speed: speed.test.ts.
    expect(stored).toEqual(expect.arrayContaining([HEAD, C + HLIST_NODE.next]))
  })
})

describe('the front of a bucket’s list', () => {
  function three(): Int32Array {
    const words = new Int32Array(new SharedArrayBuffer(256))
    for (const node of [A, B, C]) hlistAddHeadRcu(words, node, HEAD)
    return words
  }

  it.each([
    [0, 0, [C, B, A]],
    [2, 2, [A]],
    [3, 3, []],
    [4, 3, []],
  ])('loses %i at most', (most, taken, left) => {
    const words = three()
    expect(hlistDelInitFirstRcu(words, HEAD, most)).toBe(taken)
    expect(list(words, HEAD)).toEqual(left)
    expect([C, B, A].map((node) => hlistUnhashed(words, node))).toEqual([taken > 0, taken > 1, taken > 2])
    // Those that were taken lead on as before.
    expect(list(words, C + HLIST_NODE.next)).toEqual([B, A])
    // What is left can be removed one by one.
    for (const node of left) hlistDelInitRcu(words, node)
    expect(hlistEmptyLockless(words, HEAD)).toBe(true)
  })
})

describe('walking under RCU', () => {
  it('visits every node and ends at 0', () => {
    const { cpu, words } = house()
    const head = kmalloc(cpu, KIND.elem, 16)
    words[head] = 0
    expect(hlistFirstRcu(cpu, head)).toBe(0)
    const nodes = Array.from({ length: 5 }, () => kmalloc(cpu, KIND.elem, 16))
    for (const node of nodes) hlistAddHeadRcu(words, node, head)
    const met: number[] = []
    for (let node = hlistFirstRcu(cpu, head); node !== 0; node = hlistNextRcu(cpu, node)) met.push(node)
    expect(met).toEqual(nodes.reverse())
  })

  it('reports a node that was freed while still linked', () => {
    const { cpu, words } = house({ sanitize: true })
    const head = kmalloc(cpu, KIND.elem, 16)
    words[head] = 0
    const [first, second] = [kmalloc(cpu, KIND.elem, 16), kmalloc(cpu, KIND.elem, 16)]
    hlistAddHeadRcu(words, first, head)
    hlistAddHeadRcu(words, second, head)
    kfree(cpu, KIND.elem, 16, first)
    expect(hlistFirstRcu(cpu, head)).toBe(second)
    expect(() => hlistNextRcu(cpu, second)).toThrow(KasanError)
  })
})
