/**
 * What a twin can't follow is refused when it happens, with its place and the reason; nothing is skipped in silence.
 */

import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { RANGE_READ, RANGE_WRITE, READ } from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import { twinOf } from '../../../src/explore/runtime/twin.ts'
import { runPlain } from '../support/alone.ts'
import { instrumented, words } from '../support/source.ts'

/** Runs a twin and returns what was refused: the source text of the place, and the reason. */
function refusalOf(fn: unknown, args: readonly unknown[]): { source: string; reason: string } | undefined {
  let refused: { source: string; reason: string } | undefined
  const before = runtime.install({
    turn: () => true,
    op: () => true,
    plain() {},
    refuse(site, reason) {
      refused ??= { source: runtime.sites[site]?.source ?? 'no site', reason }
    },
  })
  runtime.running = true
  try {
    const twin = twinOf(fn)!(...args)
    while (!twin.next(true).done);
  } catch (error) {
    if (!refused) throw error
  } finally {
    runtime.running = false
    runtime.install(before)
  }
  return refused
}

/** The events of a twin that may always go on, as kind, index and first detail. */
function eventsOf(fn: unknown, view: Int32Array, returned: (value: unknown) => void = () => {}): unknown[] {
  const seen: unknown[] = []
  const before = runtime.install({
    turn: () => true,
    op: (kind, _site, _view, index, a) => seen.push([kind, index, a]) > 0,
    plain() {},
    refuse(_, reason) {
      throw new Error(reason)
    },
  })
  runtime.running = true
  try {
    const twin = twinOf(fn)!(view)
    for (let step = twin.next(true); ; step = twin.next(true)) {
      if (!step.done) continue
      returned(step.value)
      return seen
    }
  } finally {
    runtime.running = false
    runtime.install(before)
  }
}

interface Case {
  readonly what: string
  readonly source: string
  /** What set-up code has done with the module. */
  readonly before?: (its: unknown[], view: Int32Array) => void
  readonly at: string
  readonly reason: RegExp
}

const cases: readonly Case[] = [
  {
    what: "an object that is made of a method of the host's",
    source:
      'export function run(w) { try { return new Buffer.prototype.toString(w) } catch (error) { return error.message } }',
    at: 'new Buffer.prototype.toString(w)',
    reason: /^toString is handed shared memory, .* no code that can be followed/,
  },
  {
    what: 'a constructor that a native calls',
    source:
      'let v; class Q { constructor() { this.first = v[0] } } export function run(w) { v = w; return Array.of.call(Q).first }',
    at: 'v[0]',
    reason: /^the constructor of Q touches shared memory/,
  },
  {
    what: 'a field initializer',
    source: 'export function run(w) { class Q { first = w[0] } return Array.of.call(Q).first }',
    at: 'w[0]',
    reason: /^a field of Q touches shared memory/,
  },
  {
    what: 'Atomics in a constructor',
    source:
      'let v; class Q { constructor() { Atomics.add(v, 0, 1) } } export function run(w) { v = w; Array.of.call(Q); return 0 }',
    at: 'Atomics.add(v, 0, 1)',
    reason: /^the constructor of Q hands shared memory to add/,
  },
  {
    what: 'a native in a constructor',
    source:
      'let v; class Q { constructor() { v.fill(1) } } export function run(w) { v = w; Array.of.call(Q); return 0 }',
    at: 'v.fill(1)',
    reason: /^the constructor of Q hands shared memory to fill/,
  },
  {
    what: 'iteration in a constructor',
    source:
      'let v; class Q { constructor() { for (const x of v); } } export function run(w) { v = w; Array.of.call(Q); return 0 }',
    at: 'v',
    reason: /^the constructor of Q touches/,
  },
  {
    what: 'a function called by a constructor',
    source:
      'let v; const first = () => v[0]; class Q { constructor() { this.first = first() } } export function run(w) { v = w; return Array.of.call(Q).first }',
    at: 'v[0]',
    reason: /can't be interrupted there$/,
  },
  {
    what: 'a setter that a native calls',
    source: "export function run(w) { const o = { set x(v) { w[0] = v } }; Reflect.set(o, 'x', 1); return w[0] }",
    at: 'w[0] = v',
    reason: /^the setter x touches/,
  },
  {
    what: 'a getter that a native calls',
    source: 'export function run(w) { const o = { get x() { return w[0] } }; return structuredClone(o).x }',
    at: 'w[0]',
    reason: /^the getter x touches/,
  },
  {
    what: 'a function that an operator calls by a name that stands nowhere',
    source: "export function run(w) { return +{ ['value' + 'Of']: () => w[0] } }",
    at: 'w[0]',
    reason: /called by a native/,
  },
  {
    what: 'a method that instanceof calls by a name that stands nowhere',
    source:
      "export function run(w) { return w instanceof class { static [Symbol['has' + 'Instance']]() { return Atomics.load(w, 0) } } }",
    at: 'Atomics.load(w, 0)',
    reason: /called by a native/,
  },
  {
    what: 'a frozen class with fields that extends another',
    source:
      'class A { constructor(w) { this.x = w[0] } } class B extends A { y = 1 } Object.freeze(B); export function run(w) { return new B(w).x }',
    at: 'new B(w)',
    reason: /^the class B is frozen/,
  },
  {
    what: 'a generator consumed by a native',
    source: 'export function run(w) { function* g() { yield w[0] } return new AggregateError(g()).errors.length }',
    at: 'w[0]',
    reason: /called by a native/,
  },
  {
    what: 'an unknown native that is handed a view',
    source: 'export function run(w) { return Object.entries(Object.defineProperty(w, "x", { value: 1 })) }',
    at: 'Object.defineProperty(w, "x", { value: 1 })',
    reason: /^defineProperty is handed a view of shared memory/,
  },
  {
    what: 'a view that an operator makes a string of',
    source: "export function run(w) { w[0]; return w + '' }",
    at: 'no site',
    reason: /^a view of shared memory becomes a string here/,
  },
  {
    what: 'a view in a template',
    source: `export function run(w) { w[0]; return \`\${w}\` }`,
    at: 'no site',
    reason: /^a view of shared memory becomes a string here/,
  },
  {
    what: 'a view compared with a string',
    source: "export function run(w) { w[0]; return w == '1,2' }",
    at: 'no site',
    reason: /^a view of shared memory becomes a string here/,
  },
  {
    what: 'a view inside an array that an operator makes a string of',
    source: "export function run(w) { w[0]; return [w] + '' }",
    at: 'no site',
    reason: /^a view of shared memory becomes a string here/,
  },
  {
    what: 'a step of an iterator made outside',
    source: 'export function run(w, { its }) { return (its.pop() ?? w.values()).next().value }',
    before: (its, w) => its.push(w.values()),
    at: '(its.pop() ?? w.values()).next()',
    reason: /^this iterator over shared memory was made where no thread runs/,
  },
  {
    what: 'a loop over an iterator made outside',
    source: 'export function run(w, { its }) { for (const x of its.pop() ?? [1]) return x }',
    before: (its, w) => its.push(w.entries()),
    at: 'its.pop() ?? [1]',
    reason: /^this iterator over shared memory was made where no thread runs/,
  },
  {
    what: 'a native that steps an iterator made outside',
    source: 'export function run(w, { its }) { return new Set(its.pop() ?? [1]).size }',
    before: (its, w) => its.push(w.values()),
    at: 'new Set(its.pop() ?? [1])',
    reason: /^this iterator over shared memory was made where no thread runs/,
  },
  {
    what: 'a native that steps an iterator over a view',
    source: 'export function run(w) { return new AggregateError(w.entries()).errors.length }',
    at: 'w.entries()',
    reason: /called by a native/,
  },
  {
    what: 'a method of an object with a view inside that nobody instrumented',
    source: 'export function run(w, o) { return new o.Queue({ list: [w] }).first() }',
    at: 'new o.Queue({ list: [w] })',
    reason: /^Queue isn't instrumented, and a view of shared memory hides inside/,
  },
  {
    what: 'a foreign method whose object holds a view',
    source: 'export function run(w, o) { o.inside = { w }; return o.first() }',
    at: 'o.first()',
    reason: /^first isn't instrumented, and a view of shared memory hides inside/,
  },
  {
    what: 'a foreign method called by a constructor',
    source:
      'class Q { constructor(o) { this.first = o.first() } } export function run(w, o) { o.inside = { w }; return new Q(o).first }',
    at: 'o.first()',
    reason: /^first isn't instrumented, and a view of shared memory hides inside/,
  },
  {
    what: 'a promise that is made where a native calls',
    source:
      "const r = /a/; r.exec = function exec(...[s]) { Promise.resolve(s); return null }; export function run(w) { w[0]; r.test('a') }",
    at: 'Promise.resolve(s)',
    reason: /^the function exec calls resolve, and what that has done later would run/,
  },
  {
    what: 'a trap of a proxy that for-in asks',
    source:
      "export function run(w) { const p = new Proxy({}, { ownKeys: () => ['k' + w[0]] }); for (const k in p) return k }",
    at: 'w[0]',
    reason: /^the ownKeys trap of a proxy touches shared memory, and can't be interrupted where it is called/,
  },
  {
    what: 'a trap of a proxy that is given several members at once',
    source:
      'export function run(w) { return Object.defineProperties(new Proxy({}, { defineProperty: (...all) => (w[0], Reflect.defineProperty(...all)) }), { a: { value: 1 }, b: { value: 2 } }).b }',
    at: 'w[0]',
    reason: /^the defineProperty trap of a proxy touches shared memory/,
  },
  {
    what: 'a call of a proxy with an apply trap around a frozen function',
    source: 'export function run(w) { return new Proxy(Object.freeze((n) => n), { apply: () => w[0] })(1) }',
    at: 'new Proxy(Object.freeze((n) => n), { apply: () => w[0] })',
    reason: /^a proxy with an apply trap stands around a frozen function/,
  },
  {
    what: 'indirect eval',
    source: "export function run(w) { return (0, eval)('1') }",
    at: "(0, eval)('1')",
    reason: /^what is compiled from a string can't be followed/,
  },
  {
    what: 'new Function',
    source: "export function run(w) { return new Function('return 1')() }",
    at: "new Function('return 1')",
    reason: /^what is compiled from a string can't be followed/,
  },
  {
    what: 'an unknown function that is handed a view',
    source: 'export function run(w, o) { return o.foreign(w) }',
    at: 'o.foreign(w)',
    reason: /^foreign is handed a view of shared memory/,
  },
]

describe('inside a thread', () => {
  it.each<Case>(cases)('$what is refused with its place and reason', async ({ source, before, at, reason }) => {
    const { run } = await instrumented(source, {}, 'source.js')
    const its: unknown[] = []
    before?.(its, words(2, [1, 2]))
    const given = {
      its,
      foreign: (w: Int32Array) => w[0],
      inside: undefined as { w: Int32Array } | undefined,
      first() {
        return this.inside?.w[0]
      },
      Queue: class Queue {
        readonly inside: { list: Int32Array[] }
        constructor(inside: { list: Int32Array[] }) {
          this.inside = inside
        }
        first() {
          return this.inside.list[0]?.[0]
        }
      },
    }
    const refused = refusalOf(run, [words(2, [1, 2]), given])
    expect(refused).toEqual({ source: at, reason: expect.stringMatching(reason) })
    // Outside of a thread all of it works.
    expect(runPlain(run, [words(2, [1, 2]), given]).error).toBeUndefined()
  })

  it('the same constructs are left alone when they touch nothing shared', async () => {
    const { run } = await instrumented(
      `class Q { constructor(w) { this.w = w; this.a = [1, 2]; this.a[0]++; this.a.fill(3) } get a0() { return this.a[0] } set a0(v) { this.a[0] = v } }
       export function run(w) { const q = new Q(w); q.a0 = 7; return [2, 1].sort((a, b) => a - b).concat(q.a0, [...new Set(function* () { yield 1 }())], 'x'.replace('x', () => 'y')) }`,
      {},
      'source.js',
    )
    expect(refusalOf(run, [words(1)])).toBeUndefined()
    expect(run(words(1))).toEqual([1, 2, 7, 1, 'y'])
  })

  it.each([
    ['Object.assign(w, [5])', [[RANGE_WRITE, 0, 1]]],
    ['Object.assign({}, w)', [[RANGE_READ, 0, 2]]],
    ['Reflect.construct(Int32Array, [w])', [[RANGE_READ, 0, 2]]],
    ['String.raw({ raw: w })', [[RANGE_READ, 0, 2]]],
    ['[w].toLocaleString()', [[RANGE_READ, 0, 2]]],
    ['[[3, 4]].forEach(w.set, w)', [[RANGE_WRITE, 0, 2]]],
    [
      '[0, 1].map((at) => w[at])',
      [
        [READ, 0, undefined],
        [READ, 1, undefined],
      ],
    ],
  ] as [string, unknown[]][])('%s is seen, with the range it touches', async (expression, events) => {
    const { run } = await instrumented(`export function run(w) { ${expression} }`, {}, 'source.js')
    expect(eventsOf(run, words(2, [1, 2]))).toEqual(events)
  })

  it('views inside of what is printed or made JSON of are read, with an event each', async () => {
    const { run } = await instrumented(
      'export function run(w) { return JSON.stringify({ list: [w, { deep: w }], other: 1 }) }',
      {},
      'source.js',
    )
    let result: unknown
    const seen = eventsOf(run, words(2, [1, 2]), (value) => {
      result = value
    })
    expect(JSON.parse(result as string)).toEqual({ list: [{ 0: 1, 1: 2 }, { deep: { 0: 1, 1: 2 } }], other: 1 })
    expect(seen).toEqual([[RANGE_READ, 0, 2]])
  })
})

it.each([
  ["exports.run = function run(w) { return eval('w[0]') }", "1:40: what eval compiles can't be followed"],
  ['exports.run = function run(w) { return w[0] > 2 ? 1 : arguments.callee(w) }', '1:55: arguments.callee would be'],
  [
    'exports.run = function run(w, f = () => [x, w[0]]) { var x = 5; return [f(), x] }; let x = 1',
    '1:42: x is one thing here and another in the body',
  ],
])('%s is refused where a thread enters its function', async (text, reason) => {
  const { run } = await instrumented(text, {}, 'source.cjs')
  const { violation } = check({ setup: () => words(1), threads: [run, run] })
  expect(violation).toMatchObject({ kind: 'refused', message: expect.stringContaining(`source.cjs:${reason}`) })
  expect(violation?.message).toContain('run stands in')
})
