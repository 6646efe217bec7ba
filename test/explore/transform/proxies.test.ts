/**
 * Proxies, plain and in a twin.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { expectTheSame } from '../support/same.ts'
import { instrumented } from '../support/source.ts'

const BODIES = {
  'with traps for get and set': `
    const p = new Proxy({}, { get: (_, key) => (typeof key === 'string' ? key + w[0]++ : 0), set(_, key, v) { w[1] = v; return true } })
    p.x = 3; p[7] = p.y; const k = 'z'; const { a, ...rest } = { a: p.a }; return [p.x, p[k], p[0], p['q'], a, rest, (p.x += 1)]`,
  'around an object with accessors': `
    class A { n = 4; get x() { return this.n + w[0]++ } set x(v) { w[1] = v + this.n } m() { return this.x } }
    const p = new Proxy(new A(), {}); p.x = 2; return [p.x, p.m(), p.n]`,
  'that is inherited from': `
    const o = Object.create(new Proxy({}, { get(target, key, receiver) { return key === 'x' ? receiver.n + w[0]++ : target[key] } }))
    o.n = 7; return [o.x, o.n]`,
  'around a proxy': `
    const inner = new Proxy({ a: 1 }, { get: (t, k) => (k in t ? t[k] + w[0]++ : undefined) })
    const outer = new Proxy(inner, {}); return [outer.a, outer.b]`,
  'whose trap says no': `
    'use strict'
    const p = new Proxy({}, { set() { w[0]++; return false } })
    p.x = 1`,
  'around a frozen function or class': `
    const f = new Proxy(Object.freeze(function (n) { return [this?.at, n + w[0]++] }), {})
    class A { constructor(n) { this.n = n + w[1]++ } }
    const Made = new Proxy(Object.freeze(A), { get: (target, key, self) => Reflect.get(target, key, self) })
    return [f(2), { at: 3, f }.f(4), f.call({ at: 5 }, 6), new Made(7).n, new Made(8).n, Object.isFrozen(f)]`,
  'that is frozen or sealed': `
    const log = [], s = Symbol('s')
    const noting = (answers) => Object.fromEntries(['preventExtensions', 'ownKeys', 'getOwnPropertyDescriptor', 'defineProperty', 'isExtensible'].map((trap) =>
      [trap, (...all) => { log.push(trap, String(all[1]), JSON.stringify(all[2]), w[0]++); return trap in answers ? answers[trap] : Reflect[trap](...all) }]))
    const made = () => ({ a: 1, [s]: 2, get g() { return 3 }, 7: 4 })
    const tried = (f) => { try { return f() } catch (e) { return e.constructor.name + e.message } }
    const [p, q] = [new Proxy(made(), noting({})), new Proxy(made(), noting({}))]
    const bad = [{ preventExtensions: false }, { defineProperty: false }].map((no) => new Proxy(made(), noting(no)))
    const out = [Object.freeze(p) === p, Object.seal(q) === q, Object.isFrozen(p), Object.isFrozen(q), Object.isSealed(q)]
    for (const each of bad) out.push(tried(() => Object.freeze(each) === each), tried(() => Object.seal(each) === each))
    return [out, Object.freeze(5), tried(() => Object.freeze(w) === w), log]`,
  'that was revoked': `
    w[0]++
    const { proxy, revoke } = Proxy.revocable({ x: 1 }, {}); const x = proxy.x; revoke(); return x`,
}

describe('a proxy, in a twin, does what it does plainly', () => {
  it.each(Object.entries(BODIES))('%s', (_, body) => expectTheSame(body))
})

it('is asked nothing by who looks through what setup returned', async () => {
  const { proxied } = await instrumented(`
    const refuse = () => { throw new Error('asked') }
    const handler = new Proxy({}, { get: () => refuse })
    export const proxied = {
      setup: () => ({ words: new Int32Array(new SharedArrayBuffer(8)), proxy: new Proxy({}, handler) }),
      threads: [({ words }) => Atomics.add(words, 0, 1), ({ words }) => Atomics.add(words, 0, 1)],
    }`)
  expect(check(proxied)).toMatchObject({ violation: null, exhaustive: true, complete: 2 })
})

it('around a view hides its elements, and is refused', async () => {
  const { seen } = await instrumented(`
    const setup = () => { const words = new Int32Array(new SharedArrayBuffer(8)); return { words, proxy: new Proxy(words, {}) } }
    export const seen = { setup, threads: [({ proxy }) => proxy[0], ({ words }) => { words[0] = 1 }] }`)
  expect(check(seen).violation).toMatchObject({ kind: 'refused', message: expect.stringContaining('around a view') })
})

it('cannot lead calls of a frozen function to its trap, and is refused where it would', async () => {
  const { trapped } = await instrumented(`
    const setup = () => ({ words: new Int32Array(new SharedArrayBuffer(8)) })
    const add = Object.freeze((words) => Atomics.add(words, 0, 1))
    const proxy = new Proxy(add, { apply: (target, _, args) => 1 + target(...args) })
    export const trapped = { setup, threads: [({ words }) => proxy(words), ({ words }) => proxy(words)] }`)
  const message = expect.stringContaining('a proxy with an apply trap stands around a frozen function')
  expect(check(trapped).violation).toMatchObject({ kind: 'refused', message })
})
