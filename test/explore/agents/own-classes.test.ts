/**
 * A class with state of its own is each thread's own, and so are the objects of it that setup made.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { instrumented, withFiles } from '../support/source.ts'

const HIT = 'c.hit()'

/** Two threads that each give what `hit` gives. */
const both = (setup = 'new C()', hit = HIT): string => `
  const thread = ({ c, w }) => { Atomics.add(w, 0, 1); return ${hit} }
  export const both = {
    setup: () => ({ w: new Int32Array(new SharedArrayBuffer(16)), c: ${setup} }),
    threads: [thread, thread],
  }`

function expectOneEach(scenario: Scenario<unknown>): void {
  const { violation, exhaustive, outcomes } = check(scenario)
  expect(violation?.message).toBeUndefined()
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['1 | 1'])
  expect(exhaustive).toBe(true)
}

const N = 'static n = 0;'

/** A class, what setup makes of it, and what the threads do. */
const RIGHT: readonly (readonly [name: string, text: string, setup?: string, hit?: string])[] = [
  ['a private static field', 'class C { static #n = 0; hit() { return ++C.#n } }'],
  ['this.constructor', `class C { ${N} hit() { return ++this.constructor.n } }`],
  ['this instanceof', `class C { ${N} hit() { return this instanceof C ? ++C.n : -1 } }`],
  ['a field by name', `class C { ${N} hit() { return ++C.n } }`],
  ['a static method', `class C { ${N} static next() { return ++this.n } hit() { return C.next() } }`],
  ['the prototype', `class C { ${N} hit() { return ++C.n } }`, 'new C()', 'c.__proto__ === C.prototype ? c.hit() : -1'],
  ['an accessor', `class C { ${N} get hit() { return ++this.constructor.n } }`, 'new C()', 'c.hit'],
  ['a subclass', `class B { ${N} } class C extends B { hit() { return this instanceof B ? ++B.n : -1 } }`],
  ['super', `class B { ${N} hit() { return ++B.n } } class C extends B { hit() { return super.hit() } }`],
  ['a class expression', 'const C = class { static #n = 0; hit() { return ++C.#n } }'],
  ['a named class expression', 'const C = class D { static #n = 0; hit() { return ++D.#n } }'],
  ['a class expression’s heir', 'class B { static #n = 0; hit() { return ++B.#n } } const C = class extends B {}'],
  [
    'a class in an object',
    'const its = { C: class { static n = 0; hit() { return ++this.constructor.n } } }',
    'new its.C()',
  ],
  ['a class in a class', `class A { static C = class { ${N} hit() { return ++this.constructor.n } } }`, 'new A.C()'],
  ['an array', 'class C { static #n = 0; hit() { return ++C.#n } }', '[new C()]', 'c[0].hit()'],
  ['a Map', 'class C { static #n = 0; hit() { return ++C.#n } }', "new Map([['c', new C()]])", "c.get('c').hit()"],
  ['a Set', 'class C { static #n = 0; hit() { return ++C.#n } }', 'new Set([new C()])', '[...c][0].hit()'],
  ['a frozen object', 'class C { static #n = 0; hit() { return ++C.#n } }', 'Object.freeze(new C())'],
  ['private methods', 'class C { #m() { return 1 } hit() { return this.#m() } }'],
  ['private accessors', 'class C { get #m() { return 1 } hit() { return this.#m } }'],
  ['a private static name beside a field', 'class C { static #n = 0; #v = 0; hit() { return ++C.#n + this.#v } }'],
  ['a field that changes', `class C { ${N} #v = 0; hit() { C.n++; return ++this.#v } }`],
  ['#fields of this', `class C { ${N} #v = 0; hit() { return ++C.n + this.#v } }`],
  ['#fields, and this.constructor', `class C { ${N} #v = 0; hit() { return ++this.constructor.n + this.#v } }`],
  ['#fields, and instanceof', `class C { ${N} #v = 0; hit() { return this instanceof C ? ++C.n + this.#v : -1 } }`],
  [
    '#fields of a class, and instanceof another',
    `class B { ${N} #v = 0; v() { return this.#v } } class C extends B { hit() { return this instanceof B ? ++B.n : -1 } }`,
  ],
  [
    'a static name, asked by super',
    'class B { static #n = 0; hit() { return ++B.#n } } class C extends B { hit() { return super.hit() } }',
  ],
  // What can't be copied. (The rows above that have fields are tried so as well.)
  ['a closure beside it', `class C { ${N} f = () => 0; hit() { return ++this.constructor.n } }`],
  ['#fields in a Ring', 'class C { static made = 0; #v = 1; constructor() { C.made++ } hit() { return this.#v } }'],
  [
    '#fields beside a private count of those made',
    'class C { static #made = 0; #v = 1; constructor() { C.#made++ } static made() { return C.#made } hit() { return this.#v } }',
    'new C()',
    '(new C(), C.made() === 2 ? c.hit() : C.made())',
  ],
  [
    'a class expression’s base',
    `class B { ${N} hit() { return this instanceof B ? ++B.n : -1 } } const C = class extends B {}`,
  ],
  [
    'a local class’s base',
    `class B { ${N} hit() { return this instanceof B ? ++B.n : -1 } }`,
    'new (class extends B {})()',
  ],
  [
    'a mixin',
    `class B { ${N} } const mix = (A) => class extends A { hit() { return ++B.n } }; class C extends mix(B) {}`,
  ],
  ['a proxy', `class C { ${N} hit() { return this instanceof C ? ++C.n : -1 } }`, 'new Proxy(new C(), {})'],
  ['one that inherits from it', `class C { ${N} hit() { return ++this.constructor.n } }`, 'Object.create(new C())'],
  [
    'a function that holds it',
    `class C { ${N} hit() { return ++this.constructor.n } }`,
    'Object.assign(() => 0, { c: new C() })',
    'c.c.hit()',
  ],
  ['a Map’s heir', `class C extends Map { ${N} hit() { return this instanceof C ? ++this.constructor.n : -1 } }`],
  ['a brand of this', `class C { ${N} #v = 5; hit() { C.n++; return #v in this ? 1 : -1 } }`],
  ['new in the thread', `class C { ${N} #v = 1; hit() { C.n++; return this.#v } }`, 'new C()', 'new C().hit()'],
  [
    'no other object than those of the thread',
    `class C { ${N} #v = 5; static of(c) { return c.#v - 4 } }`,
    '{}',
    '(C.n++, C.of(new C()))',
  ],
]

/** Objects that can't be copied, of classes that ask a private name of more than `this`. */
const REFUSED: readonly (readonly [name: string, text: string])[] = [
  ['a field', `class C { ${N} #v = 5; static of(c) { return c.#v - 4 } hit() { C.n++; return C.of(this) } }`],
  ['a brand', `class C { ${N} #v = 5; static of(c) { return #v in c ? 1 : -1 } hit() { C.n++; return C.of(this) } }`],
  ['a static name', 'class C { static #n = 0; #v = 0; f = () => 0; hit() { return ++C.#n + this.#v } }'],
  ['a method', `class C { ${N} #m() { return 1 } static of(c) { return c.#m() } hit() { C.n++; return C.of(this) } }`],
  [
    'a static name, in a closure',
    'class C { static #n = 0; #v = 0; constructor() { this.hit = () => ++C.#n + this.#v } }',
  ],
  [
    'a static name of a local class’s base',
    'class B { static #n = 0; hit() { return ++B.#n } } function C() { return new (class extends B {})() }',
  ],
  [
    'a static name, asked by super',
    'class B { static #n = 0; hit() { return ++B.#n } } class C extends B { f = () => 0; hit() { return super.hit() } }',
  ],
  [
    'a name of the class it extends',
    `class B { ${N} #v = 5; static of(c) { return c.#v - 4 } } class C extends B { hit() { B.n++; return B.of(this) } }`,
  ],
]

describe('an object of setup, of a class that each thread has for itself', () => {
  it.each(RIGHT)('is one of the thread’s class: %s', async (_, text, setup, hit) => {
    expectOneEach((await instrumented(text + both(setup, hit))).both)
  })

  it.each(RIGHT.filter(([name]) => name.startsWith('#fields')))(
    'is one of the thread’s class where a function keeps it from being copied: %s',
    async (_, text, _setup, hit) => {
      const setup = 'Object.assign(new C(), { f: () => 0 })'
      expectOneEach((await instrumented(text + both(setup, hit))).both)
    },
  )

  it.each(['source.ts', 'source.mjs', 'source.cjs'])('is so in %s', async (name) => {
    const text = `class C { static #n = 0; hit() { return ++C.#n } } ${both()}`
    const source = name.endsWith('cjs') ? text.replace('export const both', 'exports.both') : text
    expectOneEach((await instrumented(source, {}, name)).both)
  })

  it('is so where the class stands in another module', async () => {
    const files = {
      'base.mjs': 'export class B { static #n = 0; hit() { return ++B.#n } }',
      'heir.mjs': "import { B } from './base.mjs'\nexport default class C extends B { its = 0 }",
      'main.mjs': `import C from './heir.mjs'\n${both()}`,
    }
    const made = await withFiles(files, (folder) => loadInstrumented(join(folder, 'main.mjs')))
    expectOneEach((made as { both: Scenario<unknown> }).both)
  })

  it.each(REFUSED)('is refused where a private name would tell: %s', async (_, text) => {
    const { both: scenario } = await instrumented(text + both(), {}, 'told.ts')
    const { violation, exhaustive } = check(scenario as Scenario<unknown>)
    expect(violation).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(
        /object of class [BC] that can't be copied as one of the thread's, .* at \S*told\.ts:1:\d+ a private name/,
      ),
    })
    expect(exhaustive).toBe(false)
  })

  it.each([
    ['declared without a name', 'export default class extends B {}', 'c.hit()'],
    ['an expression', 'export default (class extends B {})', 'c.hit()'],
    [
      'with state of its own',
      'export default class extends B { static k = 0; hit() { return ++this.constructor.k } }',
      'c.hit()',
    ],
    [
      'told by its prototypes',
      'export default class extends B {}',
      'Object.getPrototypeOf(C.prototype) === B.prototype ? c.hit() : 0',
    ],
    ['by its name', 'export default class extends B {}', "C.name === 'default' ? c.hit() : C.name"],
  ])('is so where the class is exported by default: %s', async (_, heir, hit) => {
    const files = {
      'base.mjs': 'export class B { static #n = 0; hit() { return ++B.#n } }',
      'heir.mjs': `import { B } from './base.mjs'\n${heir}`,
      'main.mjs': `import C from './heir.mjs'\nimport { B } from './base.mjs'\n${both('new C()', hit)}`,
    }
    const made = await withFiles(files, (folder) => loadInstrumented(join(folder, 'main.mjs')))
    expectOneEach((made as { both: Scenario<unknown> }).both)
  })

  it('is refused where a method of the thread’s class is called on it', async () => {
    const text = `class C { ${N} #v = 0; hit() { return ++C.n + this.#v } }`
    const { both: scenario } = await instrumented(
      text + both('Object.assign(new C(), { f: () => 0 })', 'C.prototype.hit.call(c)'),
    )
    expect(check(scenario as Scenario<unknown>).violation).toMatchObject({ kind: 'refused' })
  })

  it.each([
    ['a catch', '(() => { try { return C.prototype.hit.call(c) } catch (error) { return error.message } })()'],
    ['a catch that names nothing', '(() => { try { return C.prototype.hit.call(c) } catch { return 0 } })()'],
    [
      'a catch with a pattern',
      '(() => { try { return C.prototype.hit.call(c) } catch ({ message }) { return message } })()',
    ],
    ['a promise', '(async () => C.prototype.hit.call(c))().catch(() => 0)'],
    ['a promise’s handler', 'Promise.resolve(c).then((o) => C.prototype.hit.call(o)).catch(() => 0)'],
  ])('is refused there though the author catches what comes of it: by %s', async (_, hit) => {
    const text = `class C { ${N} #v = 0; hit() { return ++C.n + this.#v } }`
    const { both: scenario } = await instrumented(text + both('Object.assign(new C(), { f: () => 0 })', hit))
    expect(check(scenario as Scenario<unknown>).violation).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/a private name tells the two apart/),
    })
  })

  it('leaves the class as it was once all is explored', async () => {
    const made = await instrumented(
      `export class C { ${N} f = () => 0; hit() { return ++this.constructor.n } } ${both()}`,
    )
    const before = Object.getOwnPropertyDescriptor(made.C.prototype, 'constructor')
    expectOneEach(made.both as Scenario<unknown>)
    expectOneEach(made.both as Scenario<unknown>)
    expect(Object.getOwnPropertyDescriptor(made.C.prototype, 'constructor')).toEqual(before)
  })

  it('is not looked for in closures and Maps, nor by its prototype', async () => {
    const text = `class C { ${N} #v = 0; hit() { return ++C.n + this.#v } }`
    const { both: closed } = await instrumented(
      text + both('(() => { const c = new C(); return () => c })()', 'c() instanceof C'),
    )
    expect(check(closed as Scenario<unknown>).outcomes).toMatchObject([{ outcome: 'false | false' }])
    const { both: inMap } = await instrumented(
      `const its = new Map([['C', class { ${N} hit() { return ++this.constructor.n } }]]) ${both("new (its.get('C'))()")}`,
    )
    expect(check(inMap as Scenario<unknown>).violation).toMatchObject({ kind: 'nondeterminism' })
    const { both: asked } = await instrumented(
      text + both('Object.assign(new C(), { f: () => 0 })', 'Object.getPrototypeOf(c) === C.prototype'),
    )
    expect(check(asked as Scenario<unknown>).outcomes).toMatchObject([{ outcome: 'false | false' }])
  })
})

describe('a file that uses the globals of a test runner', () => {
  it('registers again in each thread what a statement does that reads what is the thread’s own', async () => {
    const registered: string[] = []
    Object.assign(globalThis, { registers: (name: string) => registered.push(name) })
    const { both: scenario } = await instrumented(`
      let n = 0
      registers('n is ' + n)
      registers('nothing')
      ${both('{}', '++n')}`)
    expect(registered).toEqual(['n is 0', 'nothing'])
    expectOneEach(scenario as Scenario<unknown>)
    expect(registered.filter((name) => name === 'nothing')).toHaveLength(1)
    expect(registered.filter((name) => name === 'n is 0').length).toBeGreaterThan(2)
    Reflect.deleteProperty(globalThis, 'registers')
  })
})
