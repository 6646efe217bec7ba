/**
 * The quick look at private state misses nothing that the text of it tells.
 */
import { describe, expect, it } from 'vitest'
import { changedPlace, privateState } from '../../../src/explore/program/private-state.ts'
import { watchPrivateState } from '../../../src/explore/program/private-watch.ts'
import { keepFields } from '../../../src/explore/runtime/private-fields.ts'
import { makeProxy } from '../../../src/explore/twins/traps.ts'

class Counter {
  #count = 0
  static {
    keepFields(
      Counter,
      (it) => (#count in it ? { '#count': (it as Counter).#count } : undefined),
      () => {},
    )
  }
  up() {
    this.#count++
  }
}

class Named extends Counter {
  name = 'a'
}

/** What setup may have returned. */
function made() {
  const target = { inside: 1 }
  return {
    plain: { n: 0, text: 'a', nothing: undefined as unknown, deep: { er: { est: { of: { all: [1] } } } } },
    list: [1, { two: 2 }] as unknown[],
    map: new Map<unknown, unknown>([
      ['a', { x: 1 }],
      [[1], 2],
    ]),
    set: new Set<unknown>([1, { y: 1 }]),
    bytes: new Uint8Array(8),
    buffer: new ArrayBuffer(8),
    data: new DataView(new ArrayBuffer(4)),
    shared: new Int32Array(new SharedArrayBuffer(8)),
    counter: new Named(),
    proxy: makeProxy(Proxy, [target, {}]),
    target,
    bare: Object.create(null) as Record<string, unknown>,
    call: () => 1,
  }
}

type Made = ReturnType<typeof made>

const CHANGES: Record<string, (it: Made) => void> = {
  'a number': (it) => it.plain.n++,
  'zero to minus zero': (it) => {
    it.plain.n = -0
  },
  'a text': (it) => {
    it.plain.text = 'b'
  },
  'what is undefined, to a value': (it) => {
    it.plain.nothing = null
  },
  'a property that comes': (it) => Object.assign(it.bare, { more: 1 }),
  'a property that goes': (it) => Reflect.deleteProperty(it.plain, 'nothing'),
  'a property that comes for another one': (it) => {
    Reflect.deleteProperty(it.plain, 'nothing')
    Object.assign(it.plain, { other: undefined })
  },
  'a property that is not enumerable any more': (it) => Object.defineProperty(it.plain, 'n', { enumerable: false }),
  'a value to an accessor': (it) => Object.defineProperty(it.plain, 'n', { get: () => 0, enumerable: true }),
  'what lies deep': (it) => it.plain.deep.er.est.of.all.push(2),
  'an element': (it) => {
    it.list[0] = 2
  },
  'an element of an element': (it) => Object.assign(it.list[1] as object, { two: 3 }),
  'a length without elements': (it) => {
    it.list.length = 5
  },
  'an entry': (it) => it.map.set('a', 1),
  'an entry more': (it) => it.map.set('b', 1),
  'inside an entry': (it) => Object.assign(it.map.get('a') as object, { x: 2 }),
  'a key': (it) => ([...it.map.keys()][1] as number[]).push(2),
  'an element of a set': (it) => it.set.add(2),
  'inside an element of a set': (it) => Object.assign([...it.set][1] as object, { y: 2 }),
  bytes: (it) => it.bytes.fill(1, 7),
  'bytes of a buffer': (it) => new Uint8Array(it.buffer).fill(1, 7),
  'bytes under a DataView': (it) => it.data.setInt8(3, 1),
  'a private field': (it) => it.counter.up(),
  'a field of a class': (it) => {
    it.counter.name = 'b'
  },
  'the class of an object': (it) => Object.setPrototypeOf(it.bare, Counter.prototype),
  'the class of an object, away': (it) => Object.setPrototypeOf(it.counter, Object.prototype),
  'what a proxy stands for': (it) => {
    it.target.inside = 2
  },
  'a value replaced by an object': (it) => Object.assign(it.plain, { n: { n: 1 } }),
  'shared memory replaced by private': (it) => Object.assign(it, { shared: new Int32Array(2) }),
  nothing: () => {},
  'shared memory': (it) => it.shared.fill(1),
  'an object by an equal one': (it) => {
    it.list[1] = { two: 2 }
  },
}

/** What is no text: the sign of zero, say, or the class of an object but for its private fields. */
const UNTOLD = ['zero to minus zero', 'the class of an object', 'nothing', 'shared memory', 'an object by an equal one']

describe('the quick look at private state', () => {
  it.each(Object.entries(CHANGES))('sees what the text tells: %s', (name, change) => {
    const value = made()
    const before = privateState(value)
    const isUnchanged = watchPrivateState(value)
    expect(isUnchanged()).toBe(true)
    change(value)
    const told = changedPlace(before, privateState(value))
    expect(told === undefined).toBe(UNTOLD.includes(name))
    if (told !== undefined) expect(isUnchanged()).toBe(false)
  })

  it('is content with shared memory that has changed, and with nothing', () => {
    const value = made()
    const isUnchanged = watchPrivateState(value)
    value.shared.fill(7)
    expect(isUnchanged()).toBe(true)
    expect(watchPrivateState(undefined)()).toBe(true)
  })

  it('runs no getter and no trap', () => {
    let ran = 0
    const trap = () => {
      ran++
      return undefined
    }
    const traps: ProxyHandler<object> = {
      get: trap,
      ownKeys: () => [String(trap())],
      getPrototypeOf: () => trap() ?? null,
    }
    const value = {
      get now() {
        return trap()
      },
      proxy: makeProxy(Proxy, [{}, traps]),
    }
    const isUnchanged = watchPrivateState(value)
    Object.defineProperty(value, 'later', { get: trap, enumerable: true })
    expect(isUnchanged()).toBe(false)
    expect(watchPrivateState(value)()).toBe(true)
    expect(ran).toBe(0)
  })

  it('takes a list that is longer than the arguments of a call may be', () => {
    const value = { list: new Array<number>(300_000).fill(1) }
    const isUnchanged = watchPrivateState(value)
    expect(isUnchanged()).toBe(true)
    value.list[299_999] = 2
    expect(isUnchanged()).toBe(false)
  })
})
