/**
 * What `new` does, plain and in a twin: the same object, the same events in the same order.
 */

import { describe, it } from 'vitest'
import { expectTheSame } from '../support/same.ts'

/** Bodies of `run(w)`, each of which makes objects whose constructors touch shared memory. */
const BODIES = {
  'a constructor': `
    class Handle { #view; constructor(view) { this.#view = view; Atomics.add(view, 1, 1) } next() { return Atomics.add(this.#view, 0, 1) } }
    return [new Handle(w).next(), new Handle(w).next()]`,
  'fields, in their order': `
    class A { x = w[0]++; #p = w[0]++; ['y' + 1] = w[0]++; z; 'q r' = w[0]++; 7 = this.x; get p() { return this.#p } }
    const a = new A(); return [Object.entries(a), a.p]`,
  'fields of parent and child': `
    class A { x = w[0]++; constructor() { this.seen = this.y; w[1] = 4 } }
    class B extends A { y = w[0]++; #z = this.x + w[1]; constructor(a) { const before = w[2]++; super(a); this.last = [before, this.#z] } }
    return { ...new B(1) }`,
  'a child without a constructor': `
    class A { constructor(...all) { this.all = [...all, w[3]++] } }
    class B extends A { own = w[3]++ }
    class C extends B {}
    const c = new C(1, 2); return [c.all, c.own, c instanceof B, c.constructor.name]`,
  'new.target, arguments and defaults': `
    class A { constructor(a = w[0]++, { b = w[1]++ } = {}) { this.it = [new.target.name, arguments.length, a, b] } }
    class B extends A { constructor() { super(...arguments); this.mine = (() => [new.target.name, arguments.length])() } }
    return [new A().it, new A(5, { b: 6 }).it, new B(1).it, new B(1).mine, new B().mine]`,
  'super in arrow functions, members of super': `
    class A { get base() { return 10 } twice(x) { return 2 * x } }
    class B extends A { constructor() { const make = () => super(); make(); this.x = super.twice(w[0]++) + super.base } }
    return new B().x`,
  'this before super': `
    class A {}
    class B extends A { constructor() { w[0]++; this.x = 1; super() } }
    return new B()`,
  'super twice': `
    class A {}
    class B extends A { constructor() { w[0]++; super(); super() } }
    return new B()`,
  'no super at all': `
    class A {}
    class B extends A { constructor() { w[0]++ } }
    return new B()`,
  'what a constructor returns': `
    class A { constructor(x) { w[0]++; return x } }
    class B extends A { #own = 3; constructor(x) { super(x); w[1]++ } static own(o) { return o.#own } }
    const given = { a: 1 }; const b = new B(given)
    return [new A(given) === given, new A(1) instanceof A, b === given, B.own(b)]`,
  'a primitive returned from a child': `
    class A {}
    class B extends A { constructor() { super(); w[0]++; return 1 } }
    return new B()`,
  'what natives make': `
    class E extends Error { code = w[0]++; constructor(m) { super(m); this.name = 'E' + w[0] } }
    class L extends Array { constructor(n) { super(n); this.tag = w[0]++ } }
    class M extends Map { #n = w[0]++; get n() { return this.#n } }
    const e = new E('no'), l = new L(3), m = new M([[1, 2]])
    return [e.message, e.name, e.code, e instanceof Error, l.length, l.tag, Array.isArray(l), m.get(1), m.n]`,
  'functions that ask how they were called': `
    function F(a, b = new.target) { if (!new.target) return new F(a); this.it = [w[0]++, a, b === F, (() => new.target.name)(), arguments.length] }
    class G extends F { own = w[1]++ }
    const e = function named() { w[2]++; return new.target === e ? { made: true } : 'called' }
    function outer() { function inner() { w[3]++; return new.target } this.inner = inner(); this.target = new.target }
    const p = new Proxy(F, {}), o = { m() { w[0]++; return new.target } }
    return [F(1).it, new F(2, 3).it, new (F.bind(null, 4))().it, Reflect.construct(F, [5], G).it, new G(6), new p(7).it,
      new e(), e(), e.call({}), new outer().inner, new outer().target === outer, o.m(), F.length, p instanceof F]`,
  'functions that a native calls with new': `
    function F() { this.own = w[0]++; this.target = new.target === F; this.again = w[1]++ }
    function G() { w[2]++; return { given: w[2] } }
    return [{ ...Array.of.call(F, 'a') }, Array.of.call(G, 'b'), w[0]]`,
  'functions as constructors': `
    function F(x) { this.x = x + w[0]++ } F.prototype.more = function () { return this.x + 1 }
    class G extends F { y = w[0]++; constructor(x) { super(x) } }
    const g = new G(5); return [new F(1).x, g.x, g.y, g.more(), g instanceof F]`,
  'what is no constructor': `
    w[0]++
    const arrow = () => w[0]++
    return new arrow()`,
  'Reflect.construct with a target': `
    class A { x = w[0]++; constructor() { this.name = new.target.name } }
    class T {}
    const a = Reflect.construct(A, [], T); return [a.x, a.name, a instanceof T, a instanceof A]`,
  'private methods of a child': `
    class A { constructor() { this.a = w[0]++ } }
    class B extends A { #m() { return this.a + w[0]++ } constructor() { super(); this.b = this.#m() } }
    return new B().b`,
  'static fields and blocks': `
    const A = class { static a = w[0]++; static #p = w[0]++; static { const x = w[0]++; this.b = x + this.#p } static ['c' + 1] = this.a + w[0]++; static get p() { return this.#p } }
    const outer = { B: class extends A { static d = super.p + w[0]++ } }
    return [A.name, A.a, A.b, A.c1, A.p, outer.B.name, outer.B.d, Object.keys(A)]`,
  'a class declared with a static part': `
    { class A { static n = w[0]++; static { A.m = A.n + w[0]++ } static self = A }
    return [A.n, A.m, A.self === A] }`,
  'an object made in a constructor': `
    class N { constructor(v) { this.v = v + w[0]++ } }
    class L { head = new N(1); constructor() { this.tail = new N(2) } }
    const l = new L(); return [l.head.v, l.tail.v]`,
  'a constructor that throws': `
    class A { constructor() { w[0]++; throw new RangeError('full') } }
    class B extends A { x = w[1]++ }
    return new B()`,
  'a loop in a constructor': `
    class A { constructor(n) { this.sum = 0; for (let i = 0; i < n; i++) { if (i === 2) continue; this.sum += w[i]++ } } }
    return new A(4).sum`,
  'how many parameters functions say that they have': `
    function a(x, y = w[0]++, z) { return y } function* b(x, y) { yield w[0]++ } async function c(x, [y], z = 2) { w[0]++ } async function* d(x, ...y) { yield w[0]++ }
    class A { constructor(x, y = w[0]++, z) { w[1]++ } m(x, [y] = [w[0]++]) { return w[1]++ } static s({ a }, b) { return w[0]++ } *g(x, y = 1) { yield w[0]++ } async am(x, y, z = 1) { w[0]++ } #p(x, y = w[0]++) { return y } static p(o) { return o.#p.length } }
    class B { constructor([x], y) { w[0]++ } }
    class C extends A { constructor(x, { y }, z = 1) { super(x); w[2]++ } }
    const o = { m(x, y = x) { w[0]++ }, *g(x, y) { w[0]++ }, async a(x, y) { w[0]++ }, f: function (x, [y]) { w[0]++ }, r: ([x], y) => w[0]++, s: (x, { y } = {}, ...z) => w[0]++, t: async (x, y = w[0]++) => y }
    w[3]++
    return [[a, b, c, d, A, A.prototype.m, A.s, A.prototype.g, A.prototype.am, B, C, o.m, o.g, o.a, o.f, o.r, o.s, o.t, o.m.bind(null)].map((f) => f.length), A.p(new A(1, 2)), new C(1, {}).constructor.length]`,
}

describe('new, in a twin, does what it does plainly', () => {
  it.each(Object.entries(BODIES))('%s', (_, body) => expectTheSame(body))
})
