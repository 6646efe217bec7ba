/**
 * What a thread sees of modules is what Node itself shows a process: a variable that each thread has for itself is the
 * same one under all names by which modules pass it on, and what stands at the top is evaluated in Node's order.
 */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/explore.ts'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import type { Scenario } from '../../../src/explore/scenario.ts'
import { withFiles } from '../support/source.ts'

const LIBRARY = `
  export let n = 0
  export function bump() { n++ }
  export { n as alias, bump as default }
  let other = 0
  export { other as 'a string', other }
  export const its = { n: 0 }
  export class Kind { static made = 0; constructor() { Kind.made++ } }
  export { Kind as Sort }
  export * as inner from './library.mjs'`

const PASSING_ON = `
  export { n as m, alias as again, default as bumpToo } from './library.mjs'
  export * from './library.mjs'
  export * as space from './library.mjs'
  import { n, its as kept } from './library.mjs'
  import * as all from './library.mjs'
  export { n as imported, kept, all }`

const DEFAULTS = `
  let state = { n: 0 }
  export const get = () => state, set = (value) => { state = value }
  export default state`

const COUNTED = `
  export class Kind { static count = 0; static deep = { at: 1 } }
  export default class { static made = 7 }
  export const change = (C) => { C.count++; [C.swapped = 1] = []; Reflect.set(C, 'set', 2); delete C.gone }`

/** What modules import, and what a thread then does and gives. */
const CASES: [what: string, imports: string, body: string][] = [
  ['renamed in a namespace', `import * as L from './library.mjs'`, `L.bump(); return [L.n, L.alias, L['al' + 'ias']]`],
  [
    'under a string',
    `import * as L from './library.mjs'; import { 'a string' as text } from './library.mjs'`,
    `L.bump(); return [text, L['a string'], L.n]`,
  ],
  [
    'passed on, by name',
    `import { n, m, again, imported, bump, bumpToo } from './passing-on.mjs'`,
    'bump(); bumpToo(); return [n, m, again, imported]',
  ],
  [
    'passed on, by namespace',
    `import * as P from './passing-on.mjs'`,
    `P.bump(); P.bumpToo(); P.kept.n++
    return [P.n, P.m, P.again, P.imported, P.space.n, P.space.alias, P.all.alias, P.its.n, P.all.its.n, P.kept === P.its]`,
  ],
  [
    'a namespace that is passed on',
    `import { space, all as whole, bump } from './passing-on.mjs'`,
    'bump(); return [space.n, whole.alias, space.inner.inner.alias, space === whole, space === space.inner]',
  ],
  [
    'a class under its other name',
    `import * as L from './library.mjs'; import { Sort } from './library.mjs'`,
    `new Sort(); return [L.Kind.made, L.Sort.made, Sort === L.Kind, new L.Sort() instanceof Sort, Sort.made]`,
  ],
  [
    'a namespace as a value',
    `import * as L from './library.mjs'; const pick = (from, name) => from[name]; const held = { L }`,
    `L.bump()
    const { alias, ...rest } = L
    return [pick(L, 'alias'), held.L.alias, alias, rest.n, { ...L }.alias, Object.keys(L), JSON.stringify({ ...L, inner: 0 }),
      Reflect.get(L, 'n'), 'alias' in L, Object.prototype.toString.call(L)]`,
  ],
  [
    'a namespace that nobody stores to',
    `import * as L from './library.mjs'`,
    `L.bump(); try { L.n = 7 } catch (error) { return [error.name, L.n] }`,
  ],
  [
    'what a module says of itself',
    `import * as self from './it.mjs'; let own = 0; export { own as mine }; export const step = () => own++`,
    'self.step(); step(); return [self.mine, own]',
  ],
  [
    'a static member that another file stores to',
    `import { Kind } from './counted.mjs'`,
    'Kind.count++; Kind.deep.at = 2; return [Kind.count, Kind.deep, new Kind() instanceof Kind]',
  ],
  [
    'a static member that is stored to through a namespace',
    `import * as C from './counted.mjs'`,
    '[C.Kind.count] = [5]; delete C.default.made; return [C.Kind.count, C.default.made]',
  ],
  [
    'a static member that only a function stores to which is handed the class',
    'class K { static count = 0 } class Sub extends K {} const bump = (C) => { C.count++ }',
    'bump(K); bump(Sub); return [K, Sub].map((C) => C.count)',
  ],
  [
    'static members that a function of another file stores to which is handed the class',
    `import { change } from './counted.mjs'
    class K { static count = 0; static swapped = 0; static set = 0; static gone = 0 } const list = [K]`,
    `const read = (C) => [C.count, C.swapped, C.set, 'gone' in C]; for (const C of list) change(C); return read(list[0])`,
  ],
  [
    'a member of a function that only a function stores to which is handed it',
    'function F() {} F.count = 0; const bump = (C) => ++C.count',
    'return [bump(F), bump(F)]',
  ],
  [
    'static members that name their class',
    `class K {
      static all = [1]; static count = K.all.length; static [\`k\${1}\`] = typeof K; static add = () => K.all.push(3)
      static { K.all.push(2); K.made = (() => K.all.length)() }
    }`,
    'K.add(); return [K.all, K.count, K.k1, K.made]',
  ],
  [
    'static members that are objects of their class',
    `import * as self from './it.mjs'; export default class K {
      static A = new K('a'); static B = new K('b'); static all = [K.A, K.B]
      constructor(n) { this.n = n }
      static named(n) { return K.all.find((each) => each.n === n) }
    }`,
    `const K = self.default; K.all.reverse(); return [K.named('a') === K.A, K.all[0].n, K.B instanceof K]`,
  ],
  [
    'a function that is called above its declaration',
    `const first = note('a'); for (const each of ['b', 'c']) note(each)
    function note(what) { return (note.all ??= []).push(what) }`,
    `note('d'); return [note.all, first]`,
  ],
  [
    'exported by default before it is assigned to',
    `import def, { get, set } from './defaults.mjs'; import * as D from './defaults.mjs'`,
    'def.n++; set({ n: 50 }); return [def.n, D.default.n, get().n, D.default === def]',
  ],
]

/** What a fresh process gives that imports the file and runs its thread. */
function plainly(file: string): string {
  const script = `import { run } from ${JSON.stringify(pathToFileURL(file).href)}
  process.stdout.write(JSON.stringify(run(new Int32Array(new SharedArrayBuffer(4)))))`
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
}

it.each(CASES)('is what it is in Node: %s', { timeout: 600_000 }, async (_, imports, body) => {
  const files = {
    'library.mjs': LIBRARY,
    'passing-on.mjs': PASSING_ON,
    'defaults.mjs': DEFAULTS,
    'counted.mjs': COUNTED,
    'it.mjs': `${imports}
      export const run = (w) => { Atomics.add(w, 0, 1); ${body} }
      const thread = (w) => JSON.stringify(run(w))
      export const it = { setup: () => new Int32Array(new SharedArrayBuffer(4)), threads: [thread, thread] }`,
  }
  await withFiles(files, async (folder) => {
    const file = join(folder, 'it.mjs')
    const { it } = (await loadInstrumented(file)) as { it: Scenario<unknown> }
    const { violation, exhaustive, outcomes } = check(it)
    expect(violation).toBeNull()
    expect(exhaustive).toBe(true)
    // Each thread is alone with its modules, as a process is.
    const plain = plainly(file)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([`${plain} | ${plain}`])
  })
})
