/**
 * Generators that hand the word on, members of `super` that are accessors, spreads and rests: plain and in a twin.
 */

import { describe, it } from 'vitest'
import { expectTheSame } from '../support/same.ts'

const INNER = `
    const log = []
    const inner = (how) => ({ [Symbol.iterator]() { return this }, next(v) { log.push(['next', v, w[0]++]); return { value: w[1]++, done: false } }, ...how })
    const tried = (f) => { try { return f() } catch (e) { return log.push(e.name ?? e), 'threw' } }`

const BODIES = {
  'return while another iterator has the word': `${INNER}
    const returning = { return(v) { log.push(['return', v, w[2]++]); return { value: v + 1, done: true } } }
    const more = { return(v) { log.push(['more', v, w[2]++]); return { value: 'again', done: false } } }
    const all = [{}, returning, more, { get return() { log.push(w[3]++); return null } }, { return: () => w[3]++ }]
    return [all.map((how) => { const g = (function* () { try { const got = yield* inner(how); log.push(got) } finally { log.push(['outer', w[4]++]) } })(); g.next(); return [tried(() => g.return(5)), tried(() => g.next(6))] }), log]`,
  'throw while another iterator has the word': `${INNER}
    const throwing = { throw(e) { log.push(['throw', e, w[2]++]); return { value: 8, done: true } } }
    const closing = { return() { log.push(['closed', w[2]++]); return {} } }
    return [[throwing, closing, {}, { throw() { w[3]++; throw 'mine' } }].map((how) => { const g = (function* () { try { return ['got', yield* inner(how)] } catch (e) { log.push(e.name ?? e); yield 'caught' } })(); g.next(); return tried(() => g.throw('up')) }), log]`,
  'what the inner iterator gives comes out as it is': `${INNER}
    const given = { value: w[0]++, done: false, more: 1 }
    const g = (function* () { yield* { [Symbol.iterator]: () => ({ next: () => given }) } })()
    return [g.next() === given, [...(function* () { yield* 'ab'; yield* [w[1]++, 2]; return yield* (function* () { yield 1; return 2 })() })()]]`,
  'a generator that asks itself to go on': `${INNER}
    let g; g = (function* () { w[0]++; yield tried(() => g.next()); yield* [tried(() => g.return())] })()
    return [g.next(), g.next(), g.next(), log]`,
  'accessors of super': `${INNER}
    const base = { get x() { log.push(['get', w[0]++]); return this.n }, set x(v) { log.push(['set', w[1]++]); this.n = v } }
    const o = { __proto__: base, n: 1, run() { super.x = 4; super.x += 2; super.x++; super.x ??= 9; super['x'] **= 2; super.own = 7; [super.x] = [super.x + 1]; return [super.x, (() => super.x)(), Object.hasOwn(this, 'own')] }, *gen() { super.x = 3; yield super.x; yield (super.x -= 1) } }
    class A { get y() { return w[2]++ } set y(v) { w[3] = v } }
    class B extends A { constructor() { super(); super.y = 5; this.z = super.y; super.y++; super.q = 1 } static run() { return super.name } }
    return [o.run(), [...o.gen()], new B(), B.run(), log]`,
  'accessors of classes that extend natives': `${INNER}
    const List = class extends Array { get last() { return this[this.length - 1] + w[0]++ } }
    const Words = class extends Int8Array { get first() { return this[0] + w[1]++ } }
    const Dict = class extends Map { get(k) { return super.get(k) + w[2]++ } get twice() { return this.size * 2 + w[3]++ } }
    const Fault = class extends Error { get where() { return this.message + w[4]++ } }
    return [List.of(1, 2).last, List.of(1, 2).map((x) => x + w[0]) instanceof List, new Words([5]).first, new Dict([[1, 2]]).get(1), new Dict([[1, 2]]).twice, new Fault('m').where]`,
  'iterators of views are iterators like others': `
    const it = w.values(), steps = [it[Symbol.iterator]() === it, Object.keys(it), String(it), it.next(), [...it].length]
    return [steps, typeof it.take, typeof w.entries().map, String(w.keys())]`,
  'spreads and rests read each getter once': `${INNER}
    const o = { get a() { log.push(['a', w[0]++]); return 1 }, get b() { log.push(['b', w[1]++]); return 2 }, ['c']: 3 }
    const { a, ...rest } = o, copy = { ...o, d: 4 }, [x, ...xs] = { get [Symbol.iterator]() { log.push(['it', w[2]++]); return function* () { yield* [1, 2, 3] } } }
    return [a, rest, copy, x, xs, Math.max(...new Set([w[3]++, 2])), log]`,
}

describe('in a twin does what it does plainly:', () => {
  it.each(Object.entries(BODIES))('%s', (_, body) => expectTheSame(body))
})
