/**
 * Generated programs of the whole dialect, as source text: expressions, and the prelude that they lean on.
 *
 * Each program is `run(w, print)`. `T(n)` prints n with a shared counter that it steps, so that what is evaluated in
 * another order, or once too often, prints something else. Programs end by construction: loops count, and nothing
 * calls what is declared behind it.
 */

import { below, type Random } from '../../../src/random/random.ts'

/** What all programs begin with. */
export const PRELUDE = `
let w, print
const T = (n) => { print(n, w[0]++); return n }
class Val {
  #n; static made = 0
  constructor(n, ...rest) { this.#n = n; Val.made += 1; this.target = new.target.name; if (rest.length > 0) T('rest') }
  valueOf() { T('valueOf'); return this.#n }
  toString() { return 'v' + T(this.#n) }
  get n() { T('get n'); return this.#n } set n(v) { T('set n'); this.#n = v }
  get #twice() { return T(this.#n) + w[2]++ } set #twice(v) { w[2] = v; this.#n = v }
  #hidden(a) { T('#hidden'); return a }
  with(f) { this.#twice += T(1); this.#twice++; return this.#hidden(f) + this.#twice + (#n in this) }
  static [Symbol.hasInstance](v) { T('hasInstance'); return typeof v === 'object' && v !== null && 'target' in v }
  static of(...all) { return new this(...all) }
}
class Sub extends Val {
  extra = T('extra'); static s = 4; [\`f\${1}\`] = w?.length
  constructor(n = T('default'), { m = 2 } = {}) { T('before'); super(n, m); this.m = m }
  valueOf() { return super.valueOf() + 1 }
  get n() { return super.n + 1 } set n(v) { super.n = v * 2 }
  both() { super.own = T(3); return [super.toString(), this.own, (() => super.n)()] }
}
class List extends Array { get last() { T('last'); return this[this.length - 1] } push(v) { T('push'); return super.push(v) } }
class Dict extends Map { get(k) { T('get'); return super.get(k) } get sum() { let s = 0; this.forEach((v) => { s += v + w[3]++ * 0 }); return s } }
class Fault extends Error { constructor(m) { super(m); this.name = 'Fault' } get where() { return T('where') } }
const exotic = (n) => ({ [Symbol.toPrimitive](hint) { T(hint); return hint === 'string' ? 'x' + n : n } })
const keyed = (s) => ({ toString() { T('key'); return s } })
const made = (n) => ({ n, list: [n, 2, 3], get acc() { T('get acc'); return this.n }, set acc(v) { T('set acc'); this.n = v }, m(a) { T('m'); return a + this.n }, in: { deep: { f(a) { return T(a) } } }, x1: 1 })
const traps = 'get set has deleteProperty ownKeys getOwnPropertyDescriptor defineProperty getPrototypeOf apply construct'.split(' ')
const spied = (target) => new Proxy(target, Object.fromEntries(traps.map((name) => [name, (...args) => { print(name, typeof args[1] === 'string' ? args[1] : typeof args[1], w[1]++); return Reflect[name](...args) }])))
function* gen(n) { try { T('gen'); const got = yield n; T(typeof got); yield* [w[4]++, n]; return 'done' } finally { T('closed') } }
const iter = (n, bad) => ({ i: 0, get [Symbol.iterator]() { T('iterator'); return () => this }, get next() { T('next'); return () => ({ get done() { T('done'); return bad === 0 || w[5]++ % 3 === 2 }, get value() { return T(n) } }) }, get return() { T('return'); return bad ? undefined : () => (T('returned'), {}) } })
const tag = (strings, ...values) => { T(strings.raw.join('|')); return values.map(String).join() + strings.length }
function old(a, b) { T(typeof this); arguments[0] = 9; return [a, arguments.length] }
function Ctor(a) { this.a = T(a); if (a === 3) return { other: T('other') } }
Ctor.prototype.get = function () { return this.a }
const tried = (f) => { try { return f() } catch (e) { print('caught', e instanceof Error ? e.name : e); return e instanceof Fault ? e.where : 'caught' } finally { T('tried') } }
const begin = (words, out) => { w = words; print = out }
`

/** What of it programs name. */
export const NAMES = 'begin T Val Sub List Dict Fault exotic keyed made spied gen iter tag old Ctor tried'.split(' ')

export class Expressions {
  readonly random: Random
  constructor(random: Random) {
    this.random = random
  }

  pick<Item>(all: readonly Item[]): Item {
    return all[below(this.random, all.length)]
  }

  /** A number, or something that stands for one. */
  e(depth = 3): string {
    if (depth <= 0 || below(this.random, 8) === 0) return this.leaf()
    const e = (): string => this.e(depth - 1 - below(this.random, 2))
    const o = (): string => this.object(depth - 1)
    return this.pick([
      () => this.operation(e),
      () => this.operation(e),
      () => this.assignment(e, o),
      () => this.assignment(e, o),
      () => this.call(e, o),
      () => this.call(e, o),
      () => this.native(e),
      () => this.native(e),
      () => this.made(e),
      () => this.member(e, o),
    ])()
  }

  private leaf(): string {
    const n = below(this.random, 6)
    return this.pick([`${n}`, `T(${n})`, 'a', 'b', 'o.n', `w[${n}]`, `w[${n}]++`, "'s'", 'o.acc', 'null', `${n}.5`])
  }

  private operation(e: () => string): string {
    const operators = '+ - * / % ** & | ^ << >> >>> < > <= >= == != === && || ?? ,'.split(' ')
    return this.pick([
      () => `((${e()}) ${this.pick(operators)} (${e()}))`,
      () => `(${this.pick(['+', '-', '~', '!', 'typeof ', 'void '])}(${e()}))`,
      () => `(${e()} ? ${e()} : ${e()})`,
      () => `\`a\${${e()}}b\${${e()}}\``,
      () => `new Val(${e()})`,
      () => `exotic(${e()})`,
      () => `((${e()}) ${this.pick(['+', '-', '<', '==', '*'])} new Val(${e()}))`,
    ])()
  }

  private assignment(e: () => string, o: () => string): string {
    const target = this.pick(['a', 'b', 'o.n', 'o.acc', 'o.list[1]', `w[${below(this.random, 6)}]`])
    const operator = this.pick(['=', '+=', '-=', '*=', '|=', '&&=', '||=', '??=', '**='])
    return this.pick([
      () => `(${target} ${operator} ${e()})`,
      () => `(${this.pick(['++', '--'])}${target})`,
      () => `(${target}${this.pick(['++', '--'])})`,
      () => `(${o()}[${this.key(e)}] ${operator} ${e()})`,
      () => `(${o()}.acc ${operator} ${e()})`,
      () => `([a, b = ${e()}] = [${e()}, ${e()}], a)`,
      () => `({ n: a, [${this.key(e)}]: b = ${e()}, ...o.rest } = ${o()}).n`,
      () => `([o.acc, ...o.list] = ${this.iterable(e)}).length`,
      () => `(delete ${o()}[${this.key(e)}])`,
    ])()
  }

  private call(e: () => string, o: () => string): string {
    return this.pick([
      () => `${o()}.m(${e()})`,
      () => `${o()}?.in?.deep.f?.(${e()})`,
      () => `${o()}.none?.[${e()}].x(${e()})`,
      () =>
        `((p = ${e()}, [q, ...r] = ${this.iterable(e)}) => (T('arrow'), [p, q, r.length, ${e()}].length))(undefined)`,
      () =>
        `(function f(p, { q = ${e()} } = {}) { return p > 2 ? q : f(p + 1, { q: ${e()} }) })(${below(this.random, 4)})`,
      () => `old.call(${e()}, ...${this.iterable(e)}).length`,
      () => `old(${e()}, ${e()})[0]`,
      () => `tag\`x\${${e()}}y\${${e()}}\``,
      () => `tried(() => { if (${e()}) throw new Fault('f' + ${e()}); return ${e()} })`,
      () =>
        `tried(() => ${this.pick(['null.x', 'undefined[T(1)]', 'o.nope(T(1))', 'notThere', '(() => { const c = 1; c = T(2) })()', 'new (class { constructor() { throw T(3) } })()', 'Symbol() + T(1)', '5n + T(1)', 'new Ctor.get()'])})`,
      () => `[...${this.iterable(e)}].length`,
      () => `Math.max(...${this.iterable(e)})`,
      () => `Reflect.apply(old, ${e()}, [${e()}])[1]`,
      () => `((g) => [g.next().value, g.next(${e()}).value, g.return(${e()}).value])(gen(${e()})).length`,
    ])()
  }

  private native(e: () => string): string {
    const list = (): string => `[${e()}, ${e()}, 3, 1]`
    return this.pick([
      () => `${list()}.map((x, i) => T(i) + ${e()}).length`,
      () => `${list()}.filter((x) => ${e()}).length`,
      () => `${list()}.reduce((p, q) => T(1) + (p > q ? 1 : 0), ${e()})`,
      () => `${list()}.sort((p, q) => T(0) || p - q)[0]`,
      () => `${list()}.find((x) => T(x) > ${e()})`,
      () => `'abc'.replace(/[ab]/g, (m, at) => T(m) + at).length`,
      () => `JSON.stringify({ p: ${list()}, toJSON(k) { T('toJSON'); return { q: ${e()} } } }).length`,
      () => `JSON.parse('[1,{"k":2}]', (k, v) => (T(k), v)).length`,
      () => `Array.from(${this.iterable(e)}, (x, i) => T(i)).length`,
      () => `new Map([[${e()}, 1]]).forEach((v, k) => T('each')) ?? 1`,
      () => `new Set(${this.iterable(e)}).size`,
      () => `Number(new Val(${e()}))`,
      () => `Math.min(new Val(${e()}), exotic(${e()}))`,
      () => `String(${this.pick(['new Sub(1)', '[new Val(2)]', 'exotic(3)', 'made(1)'])})`,
      () => `Object.entries(made(${e()})).length`,
      () => `Object.assign(made(1), { acc: ${e()}, get n() { return T(5) } }).n`,
      () => `[${e()}, [${e()}]].flat().length`,
      () => `'xyz'.at(exotic(${below(this.random, 3)}))`,
      () => `parseInt(new Val(7)) + [1, 2].indexOf(${e()})`,
      () => `Atomics.add(w, exotic(6), new Val(1))`,
      () => `Reflect.construct(Sub, [${e()}], ${this.pick(['Sub', 'Ctor', 'List'])}).m`,
      () => `Object.groupBy?.([1, 2], (x) => T(x) % 2) ? 1 : 1`,
    ])()
  }

  private made(e: () => string): string {
    return this.pick([
      () => `new Val(${e()}).with(${e()})`,
      () => `new Sub(${e()}, { m: ${e()} }).m`,
      () => `new Sub().both().length`,
      () => `(new Sub(1).n ${this.pick(['+=', '-=', '='])} ${e()})`,
      () => `Val.of(${e()}, ${e()}).n`,
      () => `new Ctor(${e()}).get?.()`,
      () =>
        `new (class extends Ctor { x = ${e()}; static y = T('static'); static { T(this.y) } constructor() { super(${e()}) } z() { return super.get() } })().z?.()`,
      () =>
        `new (class { #p = ${e()}; static #q = 2; [${this.key(e)}]() { return 1 } get p() { return this.#p ??= ${e()} } run() { this.#p ||= T(1); return [this.p, this.#p++, K.#q] } static { var K = this } })().x1?.()`,
      () => `((l) => (l.push(${e()}), l.last))(List.of(1, 2))`,
      () => `new Dict([[1, ${e()}], [2, 3]]).sum`,
      () => `new Dict([[1, ${e()}]]).get(1)`,
      () => `({ __proto__: made(${e()}), acc2: ${e()}, m(a) { return super.m(a) + super.n } }).m(${e()})`,
      () => `({ get [${this.key(e)}]() { return ${e()} }, async: 1, get: 2, set: 3 }).x1`,
      () => `({ ...made(${e()}), ...[${e()}], n: 2 }).acc`,
    ])()
  }

  private member(e: () => string, o: () => string): string {
    return this.pick([
      () => `${o()}.n`,
      () => `${o()}.acc`,
      () => `${o()}[${this.key(e)}]`,
      () => `${o()}.list[(${e()}) & 3]`,
      () => `(${this.key(e)} in ${o()})`,
      () => `(${o()} instanceof ${this.pick(['Val', 'Ctor', 'Object', 'spied(Ctor)'])})`,
      () => `Object.keys(${o()}).length`,
      () => `(({ n, ...rest }) => Object.keys(rest).length + (n > 1))(${o()})`,
      () => `[...spied([1, ${e()}])].length`,
      () => `spied((p) => T(p))(${e()})`,
      () => `new (spied(Ctor))(${e()}).a`,
    ])()
  }

  private key(e: () => string): string {
    return this.pick([
      "'n'",
      "'acc'",
      "'x1'",
      "keyed('acc')",
      "keyed('x1')",
      'exotic(1)',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: generated text
      '`x${1}`',
      `'x' + ${below(this.random, 3)}`,
      e(),
    ])
  }

  private object(depth: number): string {
    const e = (): string => this.e(depth - 1)
    return this.pick([
      () => 'o',
      () => 'o',
      () => `made(${e()})`,
      () => `spied(made(${e()}))`,
      () => `Object.create(spied(made(${e()})))`,
      () => `(T('o'), o)`,
    ])()
  }

  private iterable(e: () => string): string {
    return this.pick([
      () => `[${e()}, ${e()}]`,
      () => `gen(${e()})`,
      () => `iter(${e()})`,
      () => `iter(${e()}, ${below(this.random, 2)})`,
      () => `new Set([${e()}, 2])`,
      () => `w.subarray(0, 2)`,
      () => `List.of(${e()}, 1)`,
    ])()
  }
}
