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
  /** The prelude stands in a file of its own, which exports it. */
  readonly apart: boolean
}

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
  const typed = number % 5 === 4
  const count = 3 + below(statements.random, 5)
  const all = Array.from({ length: count }, () => statements.s(2))
  if (typed) for (let at = 0; at < 2; at++) all.push(statements.typed())
  return { statements: all, typed, strict: typed || number % 2 === 0, apart: number % 10 > 0 }
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
