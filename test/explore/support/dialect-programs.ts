/**
 * Generated programs of the whole dialect: their statements, and the forms that only TypeScript has.
 */

import { below, createStream } from '../../../src/random/random.ts'
import { Expressions, NAMES, PRELUDE } from './dialect.ts'

/** A program in parts, each of which may be left out. */
export interface Program {
  readonly statements: readonly string[]
  /** With types, and what a compiler has to see first. */
  readonly typed: boolean
  readonly strict: boolean
  /** Its decorators are those that TypeScript had before the language. */
  readonly legacy: boolean
  /** The prelude stands in a file of its own, which exports it. */
  readonly apart: boolean
}

/** A decorator `d<name>` of the language: it tells what it is handed, and puts something in the place of it. */
const STANDARD = (name: string): string => `const d${name} = (tag: any) => (T(tag), (value: any, context: any): any => {
    print(context.kind, typeof context.name, context.static, context.private); T('applied')
    context.addInitializer?.(function (this: any) { T('initializer') })
    if (context.kind === 'method') return function (this: any, ...args: any[]) { T('around'); return value.apply(this, args) + w[1]++ }
    if (context.kind === 'getter') return function (this: any) { T('got'); return value.call(this) }
    if (context.kind === 'field') return (given: any) => (T('given'), given)
    if (context.kind === 'accessor') return { get(this: any) { T('get'); return value.get.call(this) }, set(this: any, v: any) { T('set'); value.set.call(this, v) }, init: (v: any) => (T('init'), v) }
    if (context.kind === 'class') return class extends value { extra = T('extra') }
  })`

/** The same as TypeScript had them first, and `p<name>` for parameters. */
const LEGACY = (
  name: string,
): string => `const p${name} = (target: any, key: any, at: any) => { print(typeof target, key, at) }
  const d${name} = (tag: any): any => (T(tag), (target: any, key: any, descriptor: any): any => {
    print(typeof target, typeof key, typeof descriptor); T('applied')
    if (key === undefined) return class extends target { extra = T('extra') }
    if (typeof descriptor?.value === 'function') return { ...descriptor, value(this: any, ...args: any[]) { T('around'); return descriptor.value.apply(this, args) } }
    if (descriptor?.get) return { ...descriptor, get(this: any) { T('got'); return descriptor.get.call(this) } }
  })`

class Statements extends Expressions {
  label = 0

  block(depth: number): string {
    const count = 1 + below(this.random, 2)
    return `{ ${Array.from({ length: count }, () => this.s(depth - 1)).join('; ')} }`
  }

  s(depth: number): string {
    const e = (): string => this.e(2)
    const block = (): string => (depth > 0 ? this.block(depth) : `{ print(${e()}) }`)
    const label = `L${this.label++}`
    return this.pick([
      () => `print(${this.e(4)})`,
      () => `print(${this.e(4)})`,
      () => `print(${this.e(3)}, ${this.e(3)})`,
      () => `if (${e()}) ${block()} else ${block()}`,
      () => `for (let i = 0; i < 3; i++) { if (i == ${e()}) continue; fs.push(() => i + T(i)); ${block()} }`,
      () => `for (const [q, r = ${e()}] of [[${e()}], [1, 2]]) { a = q; ${block()} }`,
      () =>
        `for (o.acc of ${this.pick(['gen(1)', 'iter(2)', 'iter(3, 1)', '[4, 5]'])}) { if (${e()}) break; ${block()} }`,
      () =>
        `for (const k in ${this.pick(['made(1)', '[5, 6]', '{ p: 1, __proto__: { q: 2 } }'])}) { print(k); ${block()} }`,
      () => `${label}: for (const q of [1, 2]) for (const r of gen(q)) { if (${e()}) continue ${label}; ${block()} }`,
      () => `${label}: { if (${e()}) break ${label}; ${block()} }`,
      () =>
        `switch (${e()}) { case ${e()}: ${block()} default: let q = ${e()}; print(q); break; case T(1): ${block()} }`,
      () => `try ${block()} catch { T('catch'); ${block()} } finally ${block()}`,
      () =>
        `try { ${this.s(0)}; throw [${e()}, ${e()}] } catch ([q, r = ${e()}]) { print(q, r) } finally { T('finally') }`,
      () => `try { ${block()} } catch (err) { print(err instanceof Error ? err.name : err) }`,
      () => `{ let n = 0; do { ${block()} } while (n++ < ${below(this.random, 3)}) }`,
      () => `{ let n = 0; while (n++ < 2) { if (n === 2) { ${this.s(0)} } } }`,
      () =>
        `{ const { n: p = ${e()}, list: [q, , ...r], acc, ...rest } = made(${e()}); print(p, q, r.length, acc, Object.keys(rest).join()) }`,
      () => `{ function inner(p = ${e()}) { ${this.s(0)}; return p + ${e()} } print(inner(), inner(${e()})) }`,
      () =>
        `{ var v${label} = ${e()}; print(typeof later${label}, v${label}); function later${label}() { return ${e()} } }`,
      () =>
        `{ const g = (function* (p) { const got = yield ${e()}; try { yield* ${this.pick(['gen(1)', 'iter(1, 1)', '[7]'])} } finally { print(got, p) } })(${e()}); for (let n = 0; n < 3; n++) print(g.next(n).done); print(g.return(${e()}).value) }`,
      () => `print(...fs.map((f) => f()))`,
      () => `print((function () { try { return ${e()} } finally { ${this.s(0)} } })())`,
      () => `{ const p${label} = (x) => x > 2 ? x : p${label}(x + 1) + T(x); print(p${label}(0)) }`,
    ])()
  }

  /** A class with decorators on all that may have them. */
  decorated(legacy: boolean): string {
    const e = (): string => this.e(2)
    const name = `D${this.label++}`
    const d = (what: string): string => (below(this.random, 4) === 0 ? '' : `@d${name}('${what}') `)
    const parameter = legacy ? `@p${name} a: any` : 'a: any'
    const accessor = legacy
      ? ''
      : `${d('accessor')}accessor y: any = ${e()}; ${d('static accessor')}static accessor z: any = 1;`
    return `${legacy ? LEGACY(name) : STANDARD(name)}
  ${d('class')}class ${name} { ${d('field')}f: any = ${e()}; ${d('static field')}static s: any = ${e()}; ${accessor}
    ${d('first')}${d('second')}m(${parameter}): any { T('body'); return [a, ${e()}].length } ${d('static method')}static sm(): any { return ${e()} }
    ${d('getter')}get g(): any { return ${e()} } ${d('computed')}[${this.pick(["'k'", "keyed('k')", 'T(1)'])}](): any { return w[0]++ }
    ${legacy ? '' : `${d('private')}#h(): any { return T(7) } h(): any { return this.#h() }`} }
  { const made: any = new ${name}(), kind: any = ${name}; print(made.m(${e()}), made.g, made.f, kind.s, kind.sm(), made.k?.(), made.h?.(), ${legacy ? '' : `made.y = ${e()}, made.y, kind.z++`}) }`
  }

  /** What a compiler has to see first, or what it takes away. */
  typed(): string {
    const e = (): string => this.e(2)
    const name = `N${this.label++}`
    return this.pick([
      () =>
        `enum ${name} { A, B = 5, C = A + 3, D = 'd'.length }; print(${name}.C, ${name}[5], ${name}.D, Object.keys(${name}).join())`,
      () => `const enum ${name} { A = 1 << 2, B }; print(${name}.A + ${name}.B)`,
      () =>
        `class ${name} { constructor(readonly p: number = ${e()} as any, private q?: unknown) { T('body') } get(): any { return [this.p, (this as any).q].length } }; print(new ${name}(${e()} as any).get())`,
      () =>
        `abstract class ${name}<X> extends (Val as any) { declare phantom: X; override valueOf(this: any): any { return super.valueOf() } abstract none(): void }; print(new (${name} as any)(${e()}) + 1)`,
      () => `print((${e()} as any)!, <any>${e()}, (${e()}) satisfies any)`,
      () =>
        `function ${name}<X>(p: X): p is X; function ${name}(p: any, q = ${e()} as any) { return p + q }; print(${name}(${e()}))`,
      () => `print(((p?: number, ...r: any[]): number => r.length + (p ?? (${e()} as any)))(undefined, ${e()}))`,
      () =>
        `class ${name} { static accessor x = 1; accessor y: any = ${e()}; #z = 1; inc() { return this.y = [this.#z++] } }; print(++${name}.x, new ${name}().inc().length)`,
    ])()
  }
}

/** The program of that number of that seed. */
export function programOf(seed: number, number: number): Program {
  const statements = new Statements(createStream(seed, number))
  // A compiler takes longer than all the rest.
  const typed = number % 10 === 4
  const count = 3 + below(statements.random, 5)
  const all = Array.from({ length: count }, () => statements.s(2))
  const legacy = number % 20 === 4
  if (typed) for (let at = 0; at < 2; at++) all.push(statements.typed())
  if (typed) all.push(statements.decorated(legacy))
  return { statements: all, typed, strict: typed || number % 2 === 0, legacy, apart: number % 25 > 0 }
}

/** The prelude as a file of its own. */
export const APART = `'use strict'\n${PRELUDE}\nmodule.exports = { ${NAMES.join(', ')} }`

/** Its text: a CommonJS file that exports `run`. */
export function textOf({ statements, typed, strict, apart }: Program): string {
  const any = typed ? ': any' : ''
  const prelude = apart ? `const { ${NAMES.join(', ')} } = require('./prelude.cjs')` : PRELUDE
  return `${strict ? "'use strict'\n" : ''}${typed ? '// @ts-nocheck\n' : ''}${prelude}
exports.run = function (w${any}, print${any}) {
  begin(w, print)
  let a${any} = 1, b${any} = 2
  const o${any} = made(4), fs${any} = []
  ${statements.join('\n  ')}
  return [a, b]
}`
}
