/**
 * Array patterns that are left half way: generated ones, plainly by Node, and in both forms of instrumented code. Who
 * is asked for `next` and `return`, and when, which error wins, and what the names are afterwards.
 */

import { expect, it } from 'vitest'
import { instrumentText } from '../../../src/explore/load/instrument-text.ts'
import '../../../src/explore/agents/install.ts'
import { knownOf } from '../../../src/explore/transform/transform.ts'
import { below, createStream, type Random } from '../../../src/random/random.ts'
import { LONG, seedOf } from '../../share.ts'
import { runPlain, runTwin } from '../support/alone.ts'
import { words } from '../support/source.ts'

const COUNT = LONG ? 20_000 : 150

const PRELUDE = `
let w, log
const T = (value) => { log.push(value, w[0]++); return value }
const X = (value) => { log.push('X'); throw value }
const RETURNS = [() => ({}), () => X('return'), () => 1, undefined, null, () => (w[1]++, {})]
const it = (values, how, fails) => ({
  [Symbol.iterator]() { T('open'); let at = 0; const its = {
    next() { T('next'); if (at === fails) X('next'); return { get done() { if (fails === 9) X('done'); return at >= values.length }, get value() { if (fails === 8) X('value'); return values[at++] } } } }
    if (how === 6) Object.defineProperty(its, 'return', { get() { return X('get return') } })
    else if (RETURNS[how] !== undefined) its.return = (...args) => { T('return'); log.push(args.length); return RETURNS[how]() }
    return its } })
function* gen(values, fails) { try { for (const each of values) { if (fails === 1) X('in gen'); yield each } } finally { T('finally'); if (fails === 2) X('finally'); if (fails === 3) yield 'more'; if (fails === 4) return 5 } }
const tried = (f) => { try { return f() } catch (error) { log.push(typeof error === 'object' ? error.name : error) } }
const o = { get p() { return T('get p') }, set p(value) { T('set p') }, set bad(value) { X('set bad') }, list: [1, 2, 3], get bad() { return X('get bad') } }
const frozen = Object.freeze([1])
const begin = (words, its) => { w = words; log = its }
`
const NAMES = 'begin, T, X, it, gen, tried, o, frozen'

class Patterns {
  readonly random: Random
  names = 0

  constructor(random: Random) {
    this.random = random
  }

  pick<Item>(all: readonly Item[]): Item {
    return all[below(this.random, all.length)]
  }

  value(depth: number): string {
    return this.pick([
      () => `${below(this.random, 4)}`,
      () => 'undefined',
      () => 'undefined',
      () => (depth > 0 ? this.iterable(depth - 1) : '[]'),
      () => (depth > 0 ? `{ p: ${this.value(depth - 1)}, q: ${this.value(depth - 1)} }` : '{}'),
      () => 'null',
      () => "'ab'",
      () => 'o',
    ])()
  }

  iterable(depth: number): string {
    const count = below(this.random, 4)
    const values = `[${Array.from({ length: count }, () => this.value(depth))}]`
    return this.pick([
      () => `it(${values}, ${below(this.random, 7)}${this.pick(['', '', '', ', 0', ', 1', ', 8', ', 9'])})`,
      () => `it(${values}, ${below(this.random, 7)})`,
      () => `it(${values}, 0)`,
      () => `gen(${values}${this.pick(['', '', ', 1', ', 2', ', 3', ', 4'])})`,
      () => values,
      () => 'w.subarray(2, 5)',
      () => `new Set(${values})`,
    ])()
  }

  fallback(depth: number, declares: boolean): string {
    const earlier = declares && this.names > 0 ? `n${below(this.random, this.names)}` : 'T(1)'
    return this.pick([
      () => '7',
      () => `T(${below(this.random, 5)})`,
      () => "X('default')",
      () => `[T(2), X('default')]`,
      () => earlier,
      () => '(() => 3)',
      () => 'this?.field ?? T(4)',
      () => 'arguments.length',
      () => 'null.x',
      () => 'w[3]++',
      () => (depth > 0 ? this.iterable(depth - 1) : '[]'),
      () => `tried(() => { const [inner = X('inside')] = ${this.iterable(0)}; return inner })`,
      () => this.yielded(),
    ])()
  }

  /** In generators. */
  inGenerator = false
  yielded(): string {
    return this.inGenerator ? `(yield T('yield'))` : "T('no yield')"
  }

  /** V8 asks what stands in a member's place before it finds that there is no object to take it from. */
  inObject = false

  inMethod = false

  target(depth: number, declares: boolean): string {
    if (this.inObject && !declares) return this.pick(['x', 'y', 'o.p', 'o.bad', 'fixed'])
    if (depth > 0 && below(this.random, 3) === 0) return this.pattern(depth - 1, declares)
    if (declares) return `n${this.names++}`
    return this.pick([
      () => 'x',
      () => 'y',
      () => 'o.p',
      () => 'o.bad',
      () => 'o.list[T(1)]',
      () => "o[X('key')]",
      () => 'null.x',
      () => 'fixed',
      () => 'frozen[0]',
      () => 'w[4]',
      () => "X('object').p",
      () => `o[${this.yielded()}]`,
      () => (this.inMethod ? this.pick(['super.p', "super['bad']", 'super[T(0)]', 'this.p']) : 'o.q'),
    ])()
  }

  element(depth: number, declares: boolean): string {
    const target = this.target(depth, declares)
    return below(this.random, 2) === 0 ? target : `${target} = ${this.fallback(depth, declares)}`
  }

  pattern(depth: number, declares: boolean): string {
    if (below(this.random, 4) === 0) {
      const names = this.pick([['p'], ['p', 'q'], ["[T('p')]"], ["[X('name')]"], ['bad']])
      const outer = this.inObject
      this.inObject = true
      const parts = names.map((name) => `${name}: ${this.element(depth, declares)}`)
      this.inObject = outer
      // No rest: V8 may ask for a property in front of it once more, in a pattern of `catch`, which ECMA-262 does not.
      return `{ ${parts.join(', ')} }`
    }
    const parts = Array.from({ length: below(this.random, 4) }, () =>
      below(this.random, 5) === 0 ? '' : this.element(depth, declares),
    )
    if (below(this.random, 4) === 0) parts.push(`...${this.target(depth, declares)}`)
    // A hole at the end needs a comma of its own.
    return `[${parts.join(', ')}${parts.at(-1) === '' ? ',' : ''}]`
  }

  /** An array pattern, its value, and the names that it declares. */
  whole(declares: boolean): { pattern: string; value: string; told: string } {
    this.names = 0
    const inner = Array.from({ length: 1 + below(this.random, 3) }, () => this.element(2, declares))
    const names = Array.from({ length: this.names }, (_, at) => `n${at}`)
    const told = `log.push([${declares ? names.map((name) => `typeof ${name}`) : 'typeof x, typeof y'}].join())`
    return { pattern: `[${inner.join(', ')}]`, value: this.iterable(2), told }
  }

  statement(): string {
    const declared = (): { pattern: string; value: string; told: string } => this.whole(true)
    const assigned = (): { pattern: string; value: string; told: string } => this.whole(false)
    return this.pick([
      () => {
        const { pattern, value, told } = declared()
        return `${this.pick(['const', 'let', 'var'])} ${pattern} = ${value}; ${told}`
      },
      () => {
        const { pattern, value, told } = assigned()
        return `log.push(typeof (${pattern} = ${value})); ${told}`
      },
      () => {
        const { pattern, value, told } = declared()
        return `for (const ${pattern} of it([${value}, ${value}], ${below(this.random, 7)})) { ${told}; if (T(1) > 2) break }`
      },
      () => {
        const { pattern, value, told } = assigned()
        return `for (${pattern} of it([${value}], ${below(this.random, 7)})) { ${told} }`
      },
      () => {
        const { pattern, value, told } = declared()
        return `try { throw ${value} } catch (${pattern}) { ${told} } finally { T('author') }`
      },
      () => {
        const { pattern, value, told } = assigned()
        return `try { ${pattern} = ${value}; ${told} } catch (error) { T('caught'); log.push(typeof error === 'object' ? error.name : error) } finally { T('author') }`
      },
    ])()
  }

  /** Statements that stand in a function, which is called. */
  called(): string {
    this.inGenerator = below(this.random, 3) === 0
    if (this.inGenerator) {
      const body = this.statement()
      this.inGenerator = false
      const how = this.pick(['next(6)', "throw('sent')", "return('sent')", "return('sent')"])
      return `tried(() => { const g = (function* () { ${body} }).call(o, 1); log.push(g.next().done); log.push(tried(() => g.${how}.value)); log.push(tried(() => g.${how}.done)) })`
    }
    const parameters = (): string => {
      const { pattern, value, told } = this.whole(true)
      return this.pick([
        () => `(function (${pattern}) { ${told} }).call(o, ${value})`,
        () => `((${pattern}) => { ${told} })(${value})`,
        () => `({ m(${pattern} = ${value}) { ${told} } }).m()`,
        () => `new (class { constructor(${pattern}) { ${told}; this.field = 1 } })(${value})`,
        () => `(function (a, ...${pattern}) { ${told} })(1, ${value})`,
      ])()
    }
    this.inMethod = below(this.random, 4) === 0
    if (this.inMethod) {
      const body = this.statement()
      this.inMethod = false
      return `tried(() => ({ __proto__: o, m() { ${body} } }).m())`
    }
    return this.pick([
      () => `tried(() => ${parameters()})`,
      () => `tried(() => (function () { ${this.statement()} }).call(o, 1, 2))`,
      () => `tried(() => { ${this.statement()} })`,
      () => `tried(() => new (class { constructor() { ${this.statement()} } })())`,
    ])()
  }
}

function textOf(seed: number, number: number): string {
  const patterns = new Patterns(createStream(seed, number))
  return `'use strict'; const { ${NAMES} } = require('./prelude.cjs'); const fixed = 1
exports.run = function (w, log) { begin(w, log); let x, y
  ${Array.from({ length: 3 }, () => patterns.called()).join('\n  ')}
  log.push(typeof x, typeof y, typeof o.list[1]) }`
}

type Run = (w: Int32Array, log: unknown[]) => unknown

function evaluated(code: string, required?: object): { run: Run } {
  const module = { exports: {} as { run: Run } }
  new Function('exports', 'module', 'require', code)(module.exports, module, () => required)
  return module.exports
}

const COMMONJS = { format: 'commonjs' as const }
const APART = `'use strict'\n${PRELUDE}\nmodule.exports = { ${NAMES} }`
const [plainPrelude, twinPrelude] = [APART, instrumentText(APART, '/prelude.cjs', COMMONJS).code].map((code) =>
  evaluated(code),
)
const { accessors } = knownOf(APART, '/prelude.cjs')

function plainly(run: Run): unknown {
  const w = words(8, [0, 0, 3, 1, 4])
  const log: unknown[] = []
  const { error } = runPlain(run, [w, log])
  return { log, error, memory: [...w] }
}

/** Undefined: it was refused. */
function inTwin(run: Run): unknown {
  const w = words(8, [0, 0, 3, 1, 4])
  const log: unknown[] = []
  let refused = false
  const { error } = runTwin(run, [w, log], undefined, undefined, () => void (refused = true))
  return refused ? undefined : { log, error, memory: [...w] }
}

it(`${COUNT} generated array patterns close their iterators as Node does`, { timeout: 3_600_000 }, () => {
  const seed = seedOf(`${COUNT} array patterns`)
  let closed = 0
  let refused = 0
  for (let number = 0; number < COUNT; number++) {
    const text = textOf(seed, number)
    let plain: unknown
    try {
      plain = plainly(evaluated(text, plainPrelude).run)
    } catch (error) {
      expect(error, text).toBeInstanceOf(SyntaxError)
      continue
    }
    if (JSON.stringify(plain).includes('"return"')) closed++
    const { code } = instrumentText(text, '/patterns.cjs', { ...COMMONJS, accessors: () => accessors })
    const { run } = evaluated(code, twinPrelude)
    const where = `pattern ${number} of SEED=${seed}:\n${text}`
    expect(plainly(run), `plainly: ${where}`).toEqual(plain)
    const twin = inTwin(run)
    if (twin === undefined) refused++
    else expect(twin, `twin: ${where}`).toEqual(plain)
  }
  // Those in which an element becomes a view.
  expect(refused).toBeLessThan(COUNT / 10)
  expect(closed).toBeGreaterThan(COUNT / 10)
})
