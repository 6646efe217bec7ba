/**
 * Operators that call back, plainly and in a twin: results, errors, the order of calls, and what is left behind.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { expectTheSame } from '../support/same.ts'
import { instrumented } from '../support/source.ts'

/** Objects that note who asks them for what, and read and store shared words meanwhile. */
const ASKED = `
    const log = []
    const num = (n) => ({ valueOf() { log.push('v' + n); return n + w[0]++ }, toString() { log.push('s' + n); w[1]++; return 't' + n } })
    const exotic = (n) => ({ [Symbol.toPrimitive](hint) { log.push(hint + n); return w[2]++ + n } })
    const tried = (f) => { try { return f() } catch (e) { return log.push(e.name), 'threw' } }`

const BODIES = {
  'arithmetic and comparisons': `${ASKED}
    const a = num(1), b = num(2), c = exotic(3)
    return [a + b, a - b, c * a, a / b, b % a, a ** c, a & b, a | c, a ^ b, a << b, a >> b, a >>> b, a < b, a > b, a <= b, c >= b, a == 1, 4 != c, a == a, a == null, a != undefined, a == true, a === b, log]`,
  'of one operand': `${ASKED}
    const a = num(1), c = exotic(3); let x = a, y = c, z = num(4)
    return [+a, -c, ~a, !a, typeof a, void a, x++, ++y, --z, x, y, z, log]`,
  'that assign': `${ASKED}
    let x = num(1), y = exotic(2); const o = { p: num(3), q: exotic(4), [5]: num(5) }, list = [num(6)]; let k = 'p'
    x += 1; y *= num(2); o.p -= y; o.q++; --o[5]; list[0] += 'z'; o[k] **= exotic(2); o.p ||= num(8); o.none ??= num(9)
    return [x, y, o.q, o[5], list, o.p, typeof o.none, log]`,
  'templates and strings': `${ASKED}
    const a = num(1), c = exotic(2)
    return [\`\${a}-\${c}\${log.length}\${a}\`, 'x' + a, a + 'x', [a] + '', '' + { toString: null, valueOf: () => w[3]++ }, log]`,
  'that are refused what they want': `${ASKED}
    const bad = { valueOf() { w[3]++; return {} }, toString() { log.push('toString'); return {} } }
    const sym = { [Symbol.toPrimitive]() { w[4]++; return Symbol('s') } }, no = { [Symbol.toPrimitive]: 5 }
    return [tried(() => bad + 1), tried(() => sym - num(2)), tried(() => sym + num(3)), tried(() => no * 2), tried(() => \`\${sym}\`), tried(() => 5n + num(1)), tried(() => +{ valueOf: () => w[5]++ * 0n }), log]`,
  'names of members': `${ASKED}
    const k = (n) => ({ toString() { log.push('k' + n); w[0]++; return 'x' + n }, valueOf: null })
    const o = { x1: 1, m: 0, [k(5)]: 5, get [k(6)]() { return w[1]++ } }
    o[k(1)] += 1; o[k(1)]++; o[k(2)] = log.length; o[k(3)] ??= 3; delete o[k(2)]; o[k(3)] &&= 7
    const { [k(1)]: p, [k(9)]: q = w[2]++, ...rest } = o
    const A = class { [k(7)] = w[3]++; static [k(8)]() { return 8 } }
    return [{ ...o }, p, q, rest, new A(), A.x8(), k(1) in o, o?.[k(3)], tried(() => null[k(1)]), tried(() => { null[k(1)] = log.push('value') }), log]`,
  'a name that is a symbol': `${ASKED}
    const s = Symbol('s'), k = { [Symbol.toPrimitive](hint) { log.push(hint); w[0]++; return s } }
    const o = { [k]: 1 }; o[k]++; return [o[s], log]`,
  'getters that hold the answers': `${ASKED}
    const o = { get valueOf() { log.push('get'); w[0]++; return () => w[1]++ }, get [Symbol.toPrimitive]() { log.push('prim'); return undefined } }
    return [o + 1, o * 2, log]`,
  'answers that are inherited, or touch nothing': `${ASKED}
    class A { constructor(n) { this.n = n } valueOf() { return this.n } }
    class B extends A { toString() { return 'B' + w[0]++ } }
    const a = new A(1), b = new B(2); return [a + b, \`\${b}\`, a < b, Math.max(a, b), Number(b), String(b), [b, a].join()]`,
  'that give a class its say': `${ASKED}
    const Even = class { static [Symbol.hasInstance](n) { log.push(n); return (n + w[0]++) % 2 === 0 } }
    const Odd = class {}
    const bound = Odd.bind(null)
    return [2 instanceof Even, 2 instanceof Even, new Odd() instanceof Odd, new Odd() instanceof bound, {} instanceof Odd, tried(() => 1 instanceof 5), tried(() => 1 instanceof { [Symbol.hasInstance]: 5 }), tried(() => ({}) instanceof (() => 1)), log]`,
  'dates and tags': `${ASKED}
    const tagged = { get [Symbol.toStringTag]() { log.push('tag'); return 'T' + w[0]++ } }
    return [\`\${tagged}\`, tagged + '', String(tagged), new Date(num(5)).getTime(), new Date(0) - num(1), log]`,
  'natives that are handed such objects': `${ASKED}
    const view = new Int8Array(4)
    return [Number(num(1)), String(num(2)), Math.max(num(3), exotic(4)), parseInt(num(5)), isNaN(num(6)), 'abc'.charAt(exotic(0) % 3), 'ab'.repeat(num(1)), BigInt(num(2)), [1, 2, 3].at(exotic(-4)), view.fill(num(1), exotic(0) % 2), Atomics.add(w, num(1), exotic(5)), Object.is(num(1), 1), new Error(num(7)).message, Reflect.has({ t8: 1 }, num(8)), log]`,
}

const PROXIES = {
  'every trap, by operators': `
    const log = []; const note = (name) => (...args) => { log.push(name + String(typeof args[1] === 'string' ? args[1] : '')); w[0]++; return Reflect[name](...args) }
    const names = ['get', 'set', 'has', 'deleteProperty', 'ownKeys', 'getOwnPropertyDescriptor', 'defineProperty', 'getPrototypeOf', 'setPrototypeOf', 'isExtensible', 'preventExtensions', 'apply', 'construct']
    const handler = Object.fromEntries(names.map((name) => [name, note(name)]))
    class K { constructor(n) { this.n = n } }
    const p = new Proxy({ a: 1, b: 2 }, handler), f = new Proxy((a) => a + 1, handler), C = new Proxy(K, handler)
    const out = ['a' in p, delete p.b, p.a, (p.c = 3), (p.a += 1), p.a++, { ...p }, p instanceof K, f(1), f.call(null, 2), f.apply(null, [3]), new C(4).n, new C() instanceof C, [...Object.keys(p)]]
    const { a, ...rest } = p; const d = Reflect.construct(C, [5], K)
    return [out, a, rest, d.n, d instanceof K, log]`,
  'every trap, by natives': `
    const log = []; const note = (name) => (...args) => { log.push(name); w[0]++; return Reflect[name](...args) }
    const names = ['get', 'set', 'has', 'deleteProperty', 'ownKeys', 'getOwnPropertyDescriptor', 'defineProperty', 'getPrototypeOf', 'setPrototypeOf', 'isExtensible', 'preventExtensions']
    const p = new Proxy({ a: 1, b: 2 }, Object.fromEntries(names.map((name) => [name, note(name)])))
    const out = [Reflect.has(p, 'a'), Reflect.ownKeys(p), Object.keys(p), Object.entries(p), Reflect.get(p, 'a'), Reflect.set(p, 'a', 4), Reflect.defineProperty(p, 'z', { value: 1, configurable: true }), Object.getOwnPropertyDescriptor(p, 'z'), Reflect.deleteProperty(p, 'z'), Object.getPrototypeOf(p) === Object.prototype, Object.isExtensible(p), JSON.stringify(p), Object.hasOwn(p, 'b'), Object.assign({}, p)]
    Object.setPrototypeOf(p, null); Object.preventExtensions(p)
    return [out, Object.isFrozen(p), Object.getPrototypeOf(p), log]`,
  'no trap but a target with accessors': `
    const p = new Proxy({ get x() { return w[0]++ }, set x(v) { w[1] = v }, y: 1 }, {})
    p.x = 3; p.y = 2; return [p.x, p.y, 'x' in p, { ...p }, Object.keys(p), delete p.y, p.y]`,
  'stores that come back to the proxy': `
    const log = []
    const p = new Proxy({ a: 1 }, { getOwnPropertyDescriptor(t, k) { log.push('own ' + k); w[0]++; return Reflect.getOwnPropertyDescriptor(t, k) }, defineProperty(t, k, d) { log.push('define ' + k + Object.keys(d)); w[1]++; return Reflect.defineProperty(t, k, d) } })
    p.a = 2; p.b = 3; p.a++; return [p.a, p.b, log]`,
  'what the language checks of an answer': `
    const log = []; const tried = (f) => { try { return f() } catch (e) { return log.push(e.name), 'threw' } }
    const t = Object.freeze({ a: 1 }), p = new Proxy(t, { get: () => w[0]++, has: () => (w[1]++, false), ownKeys: () => (w[2]++, []), deleteProperty: () => (w[3]++, true), getPrototypeOf: () => (w[4]++, {}) })
    return [tried(() => p.a), tried(() => p.b), tried(() => 'a' in p), tried(() => Object.keys(p)), tried(() => delete p.a), tried(() => p instanceof Object), tried(() => new (new Proxy(class {}, { construct: () => w[5]++ }))()), log]`,
  'a handler that is a proxy, and one that changes': `
    const log = []; const handler = new Proxy({}, { get(_, trap) { log.push(trap); w[0]++; return undefined } })
    const p = new Proxy({ a: 1 }, handler); const out = [p.a, 'a' in p, (p.b = 2), delete p.b, Object.keys(p)]
    const h = {}, q = new Proxy({ a: 1 }, h); out.push(q.a); h.get = () => w[1]++; out.push(q.a, q.a); h.get = null; out.push(q.a)
    return [out, log]`,
  'of an array': `
    const log = []; const p = new Proxy([3, 1, 2], { get(t, k, r) { if (typeof k === 'string') log.push(k); w[0]++; return Reflect.get(t, k, r) } })
    return [[...p], p.map((x) => x + 1), p.length, p.indexOf(2), [0].concat(p), p.slice(1), (([a, ...b]) => [a, b])(p), Math.max(...p), Array.isArray(p), p.at(-1), log.length]`,
  'that was made revocable': `
    const log = []; const { proxy, revoke } = Proxy.revocable({ a: 1 }, { get: (t, k) => (w[0]++, t[k]) })
    const out = [proxy.a]; revoke(); try { proxy.a } catch (e) { out.push(e.name) } return out`,
}

describe('an operator, in a twin, does what it does plainly', () => {
  it.each(Object.entries(BODIES))('%s', (_, body) => expectTheSame(body))
})

describe('a proxy, in a twin, does what it does plainly', () => {
  it.each(Object.entries(PROXIES))('%s', (_, body) => expectTheSame(body))
})

it('what an operator, a trap or instanceof runs is interrupted like other code', async () => {
  const { each } = await instrumented(`
    const setup = () => new Int32Array(new SharedArrayBuffer(4))
    const bumping = (w) => { const was = Atomics.load(w, 0); Atomics.store(w, 0, was + 1); return was }
    const after = (w) => w[0] === 2
    export const each = [
      (w) => +{ valueOf: () => bumping(w) },
      (w) => \`\${{ toString: () => bumping(w) }}\`,
      (w) => ({})[{ toString: () => bumping(w) }],
      (w) => 1 instanceof class { static [Symbol.hasInstance]() { return bumping(w) } },
      (w) => 'x' in new Proxy({}, { has: () => bumping(w) < 0 }),
      (w) => delete new Proxy({}, { deleteProperty: () => bumping(w) < 9 }).x,
      (w) => Object.keys(new Proxy({}, { ownKeys: () => (bumping(w), []) })),
      (w) => new (new Proxy(class {}, { construct: () => ({ was: bumping(w) }) }))(),
      (w) => new Proxy(() => 0, { apply: () => bumping(w) })(),
      (w) => Math.max({ valueOf: () => bumping(w) }),
    ].map((thread) => ({ setup, threads: [thread, thread], after }))`)
  for (const scenario of each) expect(check(scenario).violation).toMatchObject({ kind: 'assertion' })
})
