/**
 * The `@explore` tag: a call of a tagged function is one operation of that kind.
 */

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadInstrumented } from '../../../src/explore/load/load.ts'
import * as kinds from '../../../src/explore/runtime/kinds.ts'
import { runtime } from '../../../src/explore/runtime/runtime.ts'
import { isShared } from '../../../src/explore/runtime/shared-view.ts'
import { TWIN, twinOf } from '../../../src/explore/runtime/twin.ts'
import { parseTag } from '../../../src/explore/transform/tags.ts'
import { transform } from '../../../src/explore/transform/transform.ts'
import { instrumented, withFiles, words } from '../support/source.ts'

interface Op {
  kind: string
  site: string
  view: unknown
  index: number
  a: unknown
  b: unknown
}

/** Runs `run` with an engine that writes every operation down; `result` is what its primitives answer. */
function operations(
  fn: (...args: never[]) => unknown,
  args: unknown[],
  result?: unknown,
): { ops: Op[]; value: unknown } {
  const ops: Op[] = []
  const before = runtime.install({
    turn: () => true,
    op(kind, site, view, index, a, b) {
      if (kind < kinds.RANGE_READ && !isShared(view)) return true
      const { operation, line } = runtime.sites[site]
      ops.push({ kind: kinds.KINDS[kind].name, site: `${operation}:${line}`, view, index, a, b })
      runtime.result = result
      return ops.length % 2 === 0
    },
    plain() {},
    refuse() {},
  })
  runtime.running = true
  try {
    const twin = twinOf(fn)!(...args)
    for (;;) {
      const step = twin.next(true)
      if (step.done) return { ops, value: step.value }
    }
  } finally {
    runtime.running = false
    runtime.install(before)
  }
}

const locks = `
/** Takes it.
 * @explore lock cpu.words[lock] class='storage' */
export function spinLock(cpu, lock) { while (Atomics.compareExchange(cpu.words, lock, 0, cpu.id)); }
/** @explore unlock cpu.words[lock] */
export function spinUnlock(cpu, lock) { Atomics.store(cpu.words, lock, 0) }
/** @explore trylock cpu.words[lock] */
export function tryLock(cpu, lock) { return Atomics.compareExchange(cpu.words, lock, 0, 1) === 0 }
/** @explore lock cpu.words[lock] body=run returns=cpu.id */
export function noted(cpu, lock) { cpu.words[lock] = 7 }
/** @explore await words[at] until=(value) => value === 0 */
export const awaitZero = (words, at) => { while (Atomics.load(words, at)); }
`

describe('a tagged function', () => {
  it('is one operation on its place, at the place of the call, and its body is skipped', async () => {
    const source = `${locks}
      export function run(cpu) { spinLock(cpu, 3); cpu.words[0]++; spinUnlock(cpu, 3); const f = tryLock; return [f(cpu, 2), awaitZero(cpu.words, 1)] }`
    const { run } = await instrumented(source, {}, 'source.js')
    const cpu = { id: 1, words: words(4) }
    const { ops, value } = operations(run, [cpu], 42)
    expect(ops.map(({ kind, index, site }) => `${kind} ${index} ${site}`)).toEqual([
      'lock 3 spinLock:14',
      'read 0 read:14',
      'write 0 write:14',
      'unlock 3 spinUnlock:14',
      'trylock 2 f:14',
      'await 1 awaitZero:14',
    ])
    expect(ops.map(({ a }) => typeof a)).toEqual([
      'string',
      'undefined',
      'number',
      'undefined',
      'undefined',
      'function',
    ])
    expect(value).toEqual([42, 42])
    expect([...cpu.words]).toEqual([1, 0, 0, 0])
  })

  it('runs its body unseen if the tag says so', async () => {
    const { run } = await instrumented(`${locks} export function run(cpu) { return noted(cpu, 1) }`, {}, 'source.js')
    const cpu = { id: 5, words: words(2) }
    const { ops, value } = operations(run, [cpu])
    expect(ops.map(({ kind }) => kind)).toEqual(['lock'])
    expect(value).toBe(5)
    expect(cpu.words[1]).toBe(7)
  })

  it('is itself outside of a thread', async () => {
    const { tryLock } = await instrumented(locks, {}, 'source.js')
    const cpu = { id: 1, words: words(2) }
    expect([tryLock(cpu, 0), tryLock(cpu, 0), cpu.words[0]]).toEqual([true, false, 1])
  })

  it('is explored as it is implemented in raw mode, loads and allocators aside', async () => {
    const source = `${locks} /** @explore hint w[at] */ export function hint(w, at) { return w[at] }
      export function run(cpu) { spinLock(cpu, 1); return hint(cpu.words, 1) }`
    const { run } = await instrumented(source, { raw: true }, 'source.js')
    const { ops } = operations(run, [{ id: 9, words: words(2) }])
    expect(ops.map(({ kind }) => kind)).toEqual(['cas', 'hint'])
  })

  it('is inlined if it is a load, also across modules', async () => {
    const files = {
      'rcu.ts': `/** rcu_dereference.\n * @explore deref words[at]\n */\nexport function rcuDereference(words: Int32Array, at: number): number { return words[at]! }`,
      'use.ts': `import { rcuDereference } from './rcu.ts'\nexport function run(w: Int32Array): number { return rcuDereference(w, rcuDereference(w, 0) + 1) }`,
    }
    await withFiles(files, async (folder) => {
      const { run } = await loadInstrumented(join(folder, 'use.ts'))
      const { ops, value } = operations(run as never, [words(4, [1, 0, 8])])
      expect(value).toBe(8)
      expect(ops.map(({ kind, index, site }) => `${kind} ${index} ${site}`)).toEqual([
        'dereference 0 rcuDereference:2',
        'dereference 2 rcuDereference:2',
      ])
    })
    const imported = () => ({ tag: parseTag('@explore deref words[at]', false)!, parameters: ['words', 'at'] })
    const { code } = transform(files['use.ts'], 'use.ts', { imported })
    expect(code).not.toContain('yield*')
  })

  it('is inlined if it is a marked store, also across modules, and is a call where its place is no parameter', async () => {
    const files = {
      'rcu.ts': `/** WRITE_ONCE.\n * @explore write-once words[at] value=value\n */\nexport function writeOnce(words: Int32Array, at: number, value: number): void { words[at] = value }
        /** @explore write-once view[index + 1] value=value */\nexport function behind(view: Int32Array, index: number, value: number): void { view[index + 1] = value }`,
      'use.ts': `import { behind, writeOnce } from './rcu.ts'\nexport function run(w: Int32Array): void { writeOnce(w, 2, w[0]! + 1); behind(w, 2, 9) }`,
    }
    await withFiles(files, async (folder) => {
      const { run } = await loadInstrumented(join(folder, 'use.ts'))
      const shared = words(4, [1, 0, 8])
      const { ops } = operations(run as never, [shared])
      expect(ops.map(({ kind, index, a }) => `${kind} ${index} ${a}`)).toEqual([
        'read 0 undefined',
        'write once 2 2',
        'write once 3 9',
      ])
      expect([...shared]).toEqual([1, 0, 2, 9])
    })
    const imported = () => ({
      tag: parseTag('@explore write-once words[at] value=value', false)!,
      parameters: ['words', 'at', 'value'],
    })
    const { code } = transform(
      `import { writeOnce } from './rcu.ts'\nexport function run(w) { writeOnce(w, 2, 3) }`,
      'use.js',
      { imported },
    )
    expect(code).not.toContain('yield*')
    expect(() => parseTag('@explore write-once words[at]', false)).toThrow('write-once: value=... is missing')
  })

  it('marks what an allocator hands out and takes back, and lets its own work be seen', async () => {
    const source = `
      const SIZES = [4, 8]
      /** @explore alloc cpu.words[result] size=SIZES[cls] kind='elem' */
      export function kmalloc(cpu, cls) { const at = cpu.words[0]; if (at > 4) return 0; cpu.words[0] = at + SIZES[cls]; return at }
      /** @explore free cpu.words[at] */
      export function kfree(cpu, at) { cpu.words[0] = at }
      /** @explore arena cpu.words[4] to=cpu.words.length */
      export function init(cpu) { cpu.words[0] = 4 }
      export function run(cpu) { init(cpu); const a = kmalloc(cpu, 0), b = kmalloc(cpu, 1); kfree(cpu, a); return [a, b] }
      export const setup = (cpu) => { init(cpu); return kmalloc(cpu, 1) }`
    const { run, setup } = await instrumented(source, {}, 'source.js')
    const { ops, value } = operations(run, [{ words: words(16) }])
    expect(value).toEqual([4, 0])
    const shown = ops.map(({ kind, index, a, b }) => [kind, index, a, b].filter((each) => each !== undefined).join(' '))
    expect(shown).toEqual([
      'write 0 4',
      'arena 4 16',
      'allocator begins 0',
      'read 0',
      'write 0 8',
      'alloc 4 4 elem',
      'allocator begins 0',
      'read 0',
      'allocator ends 0',
      'free 4',
      'write 0 4',
      'allocator ends 0',
    ])
    // Set-up code, too, tells the engine what it allocates.
    const told: string[] = []
    const before = runtime.install({
      turn: () => true,
      op(kind, _site, view) {
        if (kind > kinds.RANGE_READ || isShared(view)) told.push(kinds.KINDS[kind].name)
        return true
      },
      plain() {},
      refuse() {},
    })
    expect(setup({ words: words(16) })).toBe(4)
    runtime.install(before)
    expect(told).toEqual(['write', 'arena', 'allocator begins', 'read', 'write', 'alloc'])
  })

  it('may leave out the body of a free inside a thread, and runs it in set-up code', async () => {
    const source = `
      /** @explore free words[at] body=skip */
      export function kfree(words: Int32Array, at: number): void { words[0]!++ }
      export function run(words: Int32Array): void { kfree(words, 4) }`
    const { run } = await instrumented(source)
    const w = words(8)
    expect(operations(run, [w]).ops.map(({ kind, index }) => `${kind} ${index}`)).toEqual([
      'free 4',
      'allocator ends 0',
    ])
    expect(w[0]).toBe(0)
    run(w)
    expect(w[0]).toBe(1)
  })

  it('hands a callback over as a function that starts its generator', async () => {
    const source = `
      export const callbacks = [(cpu, head) => { cpu.words[head]++ }]
      /** @explore callback callbacks[kind](cpu, head) */
      export function callRcu(cpu, head, kind) { cpu.queue.push([head, kind]) }
      /** @explore grace-period */
      export function synchronize() { throw new Error('not run') }
      class Reader { /** @explore read-enter */ lock() { throw new Error('not run') } /** @explore read-exit */ unlock() {} }
      /** @explore pause */ const relax = () => {}
      export function run(cpu) { const r = new Reader(); r.lock(); r.unlock(); callRcu(cpu, 1, 0); synchronize(); relax() }`
    const { run } = await instrumented(source, {}, 'source.js')
    const cpu = { words: words(2) }
    const { ops } = operations(run, [cpu])
    const names = ops.map(({ kind }) => kind)
    expect(names).toEqual(['read-section enter', 'read-section exit', 'queue callback', 'grace period', 'pause'])
    const start = ops[2].view as () => Generator<unknown, unknown, boolean>
    expect(
      operations(
        Object.assign(() => 0, { [TWIN]: start }),
        [],
      ).ops.map(({ kind }) => kind),
    ).toEqual(['read', 'write'])
    expect(cpu.words[1]).toBe(1)
  })
})

describe('a tag that is wrong', () => {
  const cases: [string, RegExp][] = [
    ['@explore lokc words[at]', /a\.js:2: @explore lokc: no such kind; there are deref, /],
    ['@explore lock', /the place is missing/],
    ['@explore lock words', /words is not a place such as words\[at\]/],
    ['@explore lock words[', /is not an expression/],
    ['@explore await words[0]', /until=\.\.\. is missing/],
    ['@explore alloc words[result]', /size=\.\.\. is missing/],
    ['@explore callback head', /head is not a call/],
    ['@explore lock words[at] body=maybe', /body is maybe; it may be run or skip/],
  ]
  it.each(cases)('is refused when the module is loaded: %s', (tag, message) => {
    expect(() => transform(`let x\n/** ${tag} */\nfunction f(words, at) {}`, 'a.js')).toThrow(message)
  })

  it.each([
    ['@explore free words[ut]', 'ut'],
    ['@explore lock words[at] class=kind', 'kind'],
    ['@explore alloc words[at] size=sizes[at].bytes', 'sizes'],
    ['@explore callback table[at](words)', 'table'],
    ['@explore lock words[result]', 'result'],
  ])('is refused for a name that nothing binds there: %s', (tag, name) => {
    // Bound in another function, which is no help.
    const text = `let x\n/** ${tag} */\nexport function f(words, at) {}\nconst g = (ut, kind) => { const sizes = 0 }`
    expect(() => transform(text, 'a.js')).toThrow(`there is no ${name} where this function stands`)
  })

  it.each([
    '@explore lock words[at] class=module.kind',
    '@explore lock this.words[Math.min(at, LIMIT)] class=names[at] returns={ at, x: named.x }',
    '@explore await words[at] until=(value) => value === at',
    '@explore alloc words[result] size=imported(words).size',
    "@explore callback table[at].run(words, 'a')",
  ])('is fine for names of the function, its module and the language: %s', (tag) => {
    const text = `import imported, { named } from './b.js'\nconst LIMIT = 4, { names, table } = {}\nclass C { /** ${tag} */\n f(words, at = 0) {} }`
    expect(() => transform(text, 'a.mjs')).not.toThrow()
  })

  it('is refused if no function follows it', () => {
    expect(() => transform('/** @explore pause */\nlet x = 1', 'a.js')).toThrow(/a\.js:1: .*no function follows/)
  })
})
