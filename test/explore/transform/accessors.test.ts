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
  'private members, wherever they may stand': `
    class A { #n = 0; #list = []; #o = { deep: { f: (x) => w[0]++ + x } }; #f = (...a) => [a.length, w[1]++]; #C = class { at = w[2]++ }; #none = null; n = 'public'; list = 'public'; #tag(parts, ...values) { return parts.raw.join() + values.join() + w[0]++ } static #made = 0; static make() { A.#made++; [A.#made] = [A.#made + w[0]]; return A.#made } patterns() { [this.#n, ...this.#list] = [w[0], 2, w[1]++]; ({ a: this.#n, ...this.#o.rest } = { a: this.#n + w[0]++, b: 1 }); [[this.#n = w[2]++]] = [[]]; [{ a: this.#list[0] }] = [{ a: w[0]++ }]; return [this.#n, this.#list, this.#o.rest, this.n, this.list] } heads() { const out = []; for (this.#n of [w[0]++, 2]) out.push(this.#n); for (this.#n in { a: w[0]++ }) out.push(this.#n); for ([this.#n] of [[w[1]++]]) out.push(this.#n); for ({ length: this.#n } in { abc: 1 }) out.push(this.#n); return out } chains(other) { return [this?.#n, other?.#n, this.#o?.deep?.f(w[0]++), this.#none?.x.y(w[0]++), other?.#o.deep.f(1), this.#f?.(w[1]++), this?.#f(1, 2), other?.#f(w[3]++), this.#none?.(w[0]++)] } calls() { return [this.#tag\`a\${w[0]++}b\`, new this.#C().at, this.#f.call(null, w[0]++), (0, this.#f)(1), this['#n'], #n in this, #n in w] } updates() { this.#n = w[0]++; this.#n += w[1]++; this.#n++; const was = this.#n--; this.#n ??= w[0]++; this.#none ||= w[2]++; this.#list[w[3] % 2] = this.#n; this.#o.deep.x = w[0]++; return [was, this.#n, this.#none, this.#list, this.#o.deep.x, delete this.#o.deep.x] } }
    const a = new A(), b = new A()
    return [a.patterns(), a.heads(), a.chains(null), a.chains(b), a.calls(), a.updates(), A.make(), JSON.stringify(a)]`,
  'super as a target, wherever it may stand': `
    class A { static log = []; set n(v) { A.log.push(v, w[0]++) } get n() { return w[1]++ } }
    class B extends A { go() { for (super.n in { a: 1 }) A.log.push('in'); for (super.n of [w[2]++]) A.log.push('of'); for ({ length: super.n } in { ab: 1 }); for ([super.n] of [[w[0]++]]); ({ a: super.n } = { a: w[0]++ }); ({ a: super.n = w[3]++ } = {}); ({ ...super.n } = { z: 1 }); [super.n, ...super.m] = [1, w[0]++]; super['n'] = w[0]++; super.n += w[1]++; super.n++; return [A.log, this.m, super.n] } }
    return new B().go()`,
}

describe('an accessor, in a twin, does what it does plainly', () => {
  it.each(Object.entries(BODIES))('%s', (_, body) => expectTheSame(body))
})
