/**
 * Getters and setters of every kind, plain and in a twin.
 */

import { describe, it } from 'vitest'
import { expectTheSame } from '../support/same.ts'

const BODIES = {
  'of a class': `
    class A { get x() { return w[0]++ } set x(v) { w[1] = v } static get s() { return w[2]++ } static set s(v) { w[3] = v } }
    const a = new A(); a.x = a.x + 1; A.s = A.s + 5; return [a.x, A.s, (a.x = 7)]`,
  'of a parent': `
    class A { get x() { return w[0]++ } set x(v) { w[1] = v } }
    class B extends A { more() { return this.x } }
    const b = new B(); b.x = 3; return [b.x, b.more()]`,
  'of an object literal': `
    const o = { n: 1, get x() { return this.n + w[0]++ }, set x(v) { w[1] = this.n + v }, m: 2 }
    o.x = 4; return [o.x, Object.keys(o), Object.getOwnPropertySymbols(o).length]`,
  'private ones': `
    class A { get #x() { return w[0]++ } set #x(v) { w[1] = v } set #only(v) { w[2] = v } get #read() { return w[3] } run() { this.#x = 5; this.#x += 2; this.#x++; this.#only = 9; return [this.#x, this.#read] } }
    return new A().run()`,
  'a private one that cannot be read': `
    class A { set #only(v) { w[2] = v } run() { this.#only = 9; return this.#only } }
    return new A().run()`,
  'a private one that cannot be set': `
    class A { get #read() { return w[3]++ } run() { return (this.#read = this.#read) } }
    return new A().run()`,
  'with computed names': `
    const name = 'x' + w[0]++
    const o = { get [name]() { return w[1]++ }, set [name](v) { w[2] = v } }
    const A = class { get [name]() { return w[1]++ } set [name](v) { w[3] = v } }
    const a = new A(), k = name; o[k] = 4; a[k] += 5; a[k]++; const { [k]: t } = a; return [o[k], a[k], t, o[name]]`,
  'by a symbol': `
    const s = Symbol('s')
    const o = { get [s]() { return w[1]++ }, get other() { return 1 } }
    return o[s] + o[s]`,
  'by defineProperty': `
    const o = Object.defineProperty({}, 'id', { get: () => w[0]++, set: (v) => { w[1] = v } })
    o.id = 3; o.id += 1; return [o.id, o['id']]`,
  'by defineProperties, on a prototype': `
    class A {}
    Object.defineProperties(A.prototype, { id: { get() { return this.n + w[0]++ }, set(v) { w[1] = this.n + v } } })
    const a = new A(); a.n = 5; a.id = 2; return a.id`,
  'assigned to in every way': `
    class A { n = 0; get x() { return this.n + w[0] } set x(v) { this.n = v; w[1]++ } get none() { return null } set none(v) { w[2] = v } }
    const a = new A(); a.x = 1; a.x += 2; a.x **= 2; a.x ??= 100; a.x ||= 3; a.x &&= 4; a.none ??= 5; a.none &&= 6
    return [a.x++, ++a.x, a.x--, a.n]`,
  'as targets of patterns': `
    class A { get x() { return 1 } set x(v) { w[1] = v } }
    const a = new A(); ({ p: a.x } = { p: 5 }); [a.x] = [w[1] + 2]; for (a.x of [8, 9]) w[2]++
    return w[1]`,
  'taken apart': `
    class A { get x() { return w[0]++ } }
    const { x, ...rest } = new A(); const { x: y = 5 } = new A(); return [x, y, rest]`,
  'in a chain': `
    const o = { inner: { get x() { return w[0]++ } } }
    return [o?.inner?.x, o.none?.x, o.inner?.x.toFixed(1)]`,
  'called as a method': `
    const o = { n: 3, get f() { w[0]++; return function (a) { return this.n + a + w[1]++ } } }
    return o.f(1) + o['f'](2)`,
  'of which there is only one half': `
    'use strict'
    const o = { get x() { return w[0]++ } }
    w[1]++
    o.x = 1
    return o.x`,
  'super in object literals': `
    const base = { m(a) { return a + w[0]++ }, get x() { return 10 } }
    const o = { __proto__: base, m(a) { w[1]++; return super.m(a) + super.x }, get y() { return super.x + w[2]++ } }
    return [o.m(1), o.y, Object.keys(o)]`,
  'super.x in a class': `
    class A { m() { return w[0]++ } }
    class B extends A { m() { return super.m() + w[1]++ } get y() { return super.m() } }
    const b = new B(); return [b.m(), b.y]`,
}

describe('an accessor, in a twin, does what it does plainly', () => {
  it.each(Object.entries(BODIES))('%s', (_, body) => expectTheSame(body))
})
