/**
 * Generated programs that wait in loops of every shape: as a small language, and printed in the dialect.
 *
 * The language is for a judge that steps through it by itself (plain-search.ts); the text is what gets explored.
 */

export type Expr =
  | number
  | { v: string }
  | { load: string }
  | { cas: string; from: Expr; to: Expr }
  | { add: string; by: number }
  | { try: string }
  | { op: '===' | '!==' | '<' | '+' | '&&'; l: Expr; r: Expr }

export type Stmt =
  | { set: string; to: Expr }
  | { store: string; value: Expr }
  | { lock: string }
  | { unlock: string }
  | { do: 'enter' | 'exit' | 'grace' | 'relax' | 'break' }
  | { if: Expr; yes: Stmt[]; no?: Stmt[] }
  | { while: Expr; body: Stmt[]; form: 'while' | 'for' | 'do' }
  /** A private counter that is no variable of the loop's function: in an object, an outer function, an array. */
  | { bump: string; kind: 'object' | 'closure' | 'array' }
  | { out: Expr }

export type Program = Stmt[][]

/** Where the words and locks of a program stand. What lies between two words that a loop reads is stored to as well. */
export const PLACES: Readonly<Record<string, number>> = { x: 0, z: 1, y: 2, m: 4, n: 5 }

export const WORDS = ['x', 'z', 'y']

const load = (word: string): Expr => ({ load: word })
const is = (l: Expr, r: Expr): Expr => ({ op: '===', l, r })
const isNot = (l: Expr, r: Expr): Expr => ({ op: '!==', l, r })
const both = (l: Expr, r: Expr): Expr => ({ op: '&&', l, r })
const less = (l: Expr, r: Expr): Expr => ({ op: '<', l, r })
const plus = (l: Expr, r: Expr): Expr => ({ op: '+', l, r })
const v = (name: string): Expr => ({ v: name })
const set = (name: string, to: Expr): Stmt => ({ set: name, to })
const relax: Stmt = { do: 'relax' }
const leave: Stmt = { do: 'break' }
const out = (value: Expr): Stmt => ({ out: value })
const forever = (body: Stmt[]): Stmt => ({ while: 1, body, form: 'for' })

/** Draws numbers from a seed (mulberry32). */
export function drawer(seed: number) {
  let state = seed | 0
  let counters = 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    below: (n: number) => Math.floor(next() * n),
    of: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)],
    /** A name for another counter. */
    counter: () => `i${counters++}`,
  }
}

type Draw = ReturnType<typeof drawer>

/** The shapes of loops, by name. Each gives the statements of one of them. */
export const SHAPES: Readonly<Record<string, (d: Draw) => Stmt[]>> = {
  unbounded: (d) => [spin(d, isNot(load(word(d)), value(d)))],
  'two words': (d) => {
    const [a, b] = d.of([
      ['x', 'y'],
      ['y', 'x'],
      ['x', 'z'],
    ])
    return [spin(d, both(is(load(a), 0), is(load(b), d.below(2))))]
  },
  bounded: (d) => bounded(d, d.of(['while', 'for'] as const)),
  'bounded, remembering what it saw': (d) => {
    const [a, turns, wanted, i] = [word(d), 1 + d.below(4), value(d), d.counter()]
    return [
      set('got', 0),
      set('seen', load(a)),
      set(i, 0),
      {
        while: less(v(i), turns),
        form: 'for',
        body: [
          { if: is(v('seen'), wanted), yes: [set('got', 1), leave] },
          relax,
          set('seen', load(a)),
          set(i, plus(v(i), 1)),
        ],
      },
      out(v('got')),
      out(v('seen')),
    ]
  },
  'bounded, adding up what it saw': (d) => {
    const [a, turns, i] = [word(d), 1 + d.below(3), d.counter()]
    const body = [set('sum', plus(v('sum'), load(a))), relax, set(i, plus(v(i), 1))]
    return [set('sum', 0), set(i, 0), { while: less(v(i), turns), form: 'for', body }, out(v('sum'))]
  },
  'bounded, telling the turn': (d) => {
    const [a, turns, wanted, i] = [word(d), 1 + d.below(3), value(d), d.counter()]
    const body: Stmt[] = [{ if: is(load(a), wanted), yes: [leave] }, relax, set(i, plus(v(i), 1))]
    return [set(i, 0), { while: less(v(i), turns), form: 'while', body }, out(v(i))]
  },
  'bounded by what is no variable': (d) => {
    const [a, turns, kind] = [word(d), 1 + d.below(3), d.of(['object', 'closure', 'array'] as const)]
    const body: Stmt[] = [
      { if: is(load(a), 1), yes: [set('got', 1), leave] },
      relax,
      { bump: 'count', kind },
      { if: less(turns, v(`count.${kind}`)), yes: [leave] },
    ]
    return [set('got', 0), set(`count.${kind}`, 0), forever(body), out(v('got'))]
  },
  trylock: (d) => {
    const lock = mutex(d)
    return [spin(d, is({ try: lock }, 0)), ...simple(d), { unlock: lock }]
  },
  'one trylock': (d) => {
    const lock = mutex(d)
    return [{ if: { try: lock }, yes: [...simple(d), { unlock: lock }], no: [out(7)] }]
  },
  'bounded trylock': (d) => {
    const [lock, turns, i] = [mutex(d), 1 + d.below(3), d.counter()]
    const tried: Stmt = { if: { try: lock }, yes: [{ unlock: lock }, set('got', 1), leave] }
    const body: Stmt[] = [tried, relax, set(i, plus(v(i), 1))]
    return [set('got', 0), set(i, 0), { while: less(v(i), turns), form: 'while', body }, out(v('got'))]
  },
  'test-and-set': (d) => [spin(d, isNot({ cas: 'x', from: 0, to: 1 }, 0)), ...simple(d), { store: 'x', value: 0 }],
  'polling under a spin lock': (d) => polling(d, [spin(d, isNot({ cas: 'x', from: 0, to: 1 }, 0))]),
  'polling under a test-and-test-and-set lock': (d) =>
    polling(d, [
      forever([spin(d, isNot(load('x'), 0)), { if: is({ cas: 'x', from: 0, to: 1 }, 0), yes: [leave] }, relax]),
    ]),
  ticket: (d) => [
    set('mine', { add: 'z', by: 1 }),
    spin(d, isNot(load('y'), v('mine'))),
    ...simple(d),
    set('was', { add: 'y', by: 1 }),
  ],
  'store before loop': (d) => [{ store: word(d), value: value(d) }, spin(d, isNot(load(word(d)), value(d)))],
  'loop after loop': (d) => [spin(d, is(load('x'), 0)), spin(d, isNot(load('y'), value(d)))],
  'under a lock': (d) => {
    const [lock, a, wanted] = [mutex(d), word(d), value(d)]
    const last: Stmt = { if: is(v('saw'), wanted), yes: [leave] }
    return [forever([{ lock }, set('saw', load(a)), { unlock: lock }, last, relax])]
  },
  'letting the lock go': (d) => {
    const [lock, a, wanted] = [mutex(d), word(d), value(d)]
    const body: Stmt[] = [{ unlock: lock }, relax, { lock }]
    return [{ lock }, { while: isNot(load(a), wanted), form: 'while', body }, { unlock: lock }]
  },
  'holding a lock': (d) => {
    const lock = mutex(d)
    return [{ lock }, spin(d, isNot(load(word(d)), value(d))), { unlock: lock }]
  },
  'in a section': (d) => {
    const last: Stmt = { if: is(v('saw'), value(d)), yes: [leave] }
    return [forever([{ do: 'enter' }, set('saw', load(word(d))), { do: 'exit' }, last, relax])]
  },
  'letting the section go': (d) => {
    const body: Stmt[] = [{ do: 'exit' }, relax, { do: 'enter' }]
    return [{ do: 'enter' }, { while: isNot(load(word(d)), value(d)), form: 'while', body }, { do: 'exit' }]
  },
  'with a store': () => [
    forever([{ store: 'z', value: 1 }, { if: isNot(load('x'), 0), yes: [leave] }, { store: 'z', value: 0 }, relax]),
  ],
  nested: (d) => {
    const [i, turns] = [d.counter(), 1 + d.below(4)]
    const body: Stmt[] = [{ if: is(load('x'), 1), yes: [set('got', 1), leave] }, relax, set(i, plus(v(i), 1))]
    const inner: Stmt = { while: less(v(i), turns), form: 'for', body }
    return [set('got', 0), forever([set(i, 0), inner, { if: v('got'), yes: [leave] }, relax])]
  },
}

const word = (d: Draw) => d.of(WORDS)
const mutex = (d: Draw) => d.of(['m', 'm', 'm', 'n'])
const value = (d: Draw) => d.of([0, 1, 1, 1, 2])

function spin(d: Draw, condition: Expr): Stmt {
  const form = d.of(['while', 'for', 'do', 'forever'] as const)
  if (form !== 'forever') return { while: condition, body: [relax], form }
  return forever([{ if: condition, yes: [], no: [leave] }, relax])
}

/** Looks at a word until it has a value, each time with x as a lock, which is taken as these statements say. */
function polling(d: Draw, take: Stmt[]): Stmt[] {
  const last: Stmt = { if: is(v('saw'), value(d)), yes: [leave] }
  return [forever([...take, set('saw', load(d.of(['y', 'z'] as const))), { store: 'x', value: 0 }, last, relax])]
}

function bounded(d: Draw, form: 'while' | 'for'): Stmt[] {
  const [a, turns, wanted, i] = [word(d), 1 + d.below(5), value(d), d.counter()]
  const body: Stmt[] = [{ if: is(load(a), wanted), yes: [set('got', 1), leave] }, relax, set(i, plus(v(i), 1))]
  return [set('got', 0), set(i, 0), { while: less(v(i), turns), form, body }, out(v('got'))]
}

function simple(d: Draw): Stmt[] {
  const what = d.below(5)
  if (what < 2) return [{ store: word(d), value: value(d) }]
  if (what === 2) return [out(load(word(d)))]
  if (what === 3) return [set('was', { add: word(d), by: 1 })]
  return []
}

/** Statements without loops. */
function plain(d: Draw): Stmt[] {
  const what = d.below(8)
  if (what < 5) return simple(d)
  if (what < 7) {
    const lock = mutex(d)
    return [{ lock }, ...simple(d), { unlock: lock }]
  }
  return d.below(2) === 0 ? [{ do: 'grace' }] : [{ do: 'enter' }, ...simple(d), { do: 'exit' }]
}

/** A program of two or three threads, at least one of which loops. Also the names of its shapes. */
export function drawProgram(d: Draw): { program: Program; shapes: string[] } {
  const shapes: string[] = []
  const loop = () => {
    const name = d.of(Object.keys(SHAPES))
    shapes.push(name)
    return SHAPES[name](d)
  }
  const threads = Array.from({ length: 2 + (d.below(3) === 0 ? 1 : 0) }, (_, t) => {
    const parts: Stmt[] = []
    const count = 1 + d.below(t < 2 ? 3 : 2)
    const at = t === 0 ? d.below(count) : d.below(count * 2)
    for (let k = 0; k < count; k++) parts.push(...(k === at ? loop() : plain(d)))
    return parts
  })
  // The looping thread is not always the first one: the search prefers those.
  return { program: d.below(2) === 0 ? threads : threads.reverse(), shapes }
}

/** What all printed programs share: locks and their like, declared by tags. */
export const PRELUDE = `
/** @explore lock w[at] */ function lock(w, at) {}
/** @explore unlock w[at] */ function unlock(w, at) {}
/** @explore trylock w[at] */ function tryLock(w, at) {}
/** @explore read-enter */ function enter() {}
/** @explore read-exit */ function exit() {}
/** @explore grace-period */ function grace() {}
/** @explore pause */ function relax() {}
`

const COUNTERS: Readonly<Record<string, { make: string; bump: string; read: string }>> = {
  object: { make: 'o.n = 0', bump: 'o.n++', read: 'o.n' },
  closure: { make: 'outer = 0', bump: 'bump()', read: 'outer' },
  array: { make: 'list.length = 0', bump: 'list.push(0)', read: 'list.length' },
}

function printExpr(e: Expr): string {
  if (typeof e === 'number') return String(e)
  if ('v' in e) return e.v.startsWith('count.') ? COUNTERS[e.v.slice(6)].read : e.v
  if ('load' in e) return `Atomics.load(w, ${PLACES[e.load]})`
  if ('cas' in e) return `Atomics.compareExchange(w, ${PLACES[e.cas]}, ${printExpr(e.from)}, ${printExpr(e.to)})`
  if ('add' in e) return `Atomics.add(w, ${PLACES[e.add]}, ${e.by})`
  if ('try' in e) return `+tryLock(w, ${PLACES[e.try]})`
  return `(${printExpr(e.l)} ${e.op} ${printExpr(e.r)})`
}

function printStmt(s: Stmt): string {
  if ('set' in s) {
    if (isStep(s)) return `${s.set}++;`
    if (s.set.startsWith('count.')) return `${COUNTERS[s.set.slice(6)].make};`
    return `${s.set} = ${printExpr(s.to)};`
  }
  if ('store' in s) return `Atomics.store(w, ${PLACES[s.store]}, ${printExpr(s.value)});`
  if ('lock' in s) return `lock(w, ${PLACES[s.lock]});`
  if ('unlock' in s) return `unlock(w, ${PLACES[s.unlock]});`
  if ('do' in s) return s.do === 'break' ? 'break;' : `${s.do}();`
  if ('if' in s) {
    const otherwise = s.no === undefined ? '' : ` else { ${printStmts(s.no)} }`
    return `if (${printExpr(s.if)}) { ${printStmts(s.yes)} }${otherwise}`
  }
  if ('bump' in s) return `${COUNTERS[s.kind].bump};`
  if ('out' in s) return `out += ${printExpr(s.out)};`
  const condition = printExpr(s.while)
  if (s.form === 'do') return `if (${condition}) do { ${printStmts(s.body)} } while (${condition});`
  const last = s.body.at(-1)
  if (s.form === 'for' && last !== undefined && 'set' in last && isStep(last))
    return `for (; ${condition}; ${last.set}++) { ${printStmts(s.body.slice(0, -1))} }`
  return s.form === 'for'
    ? `for (; ${condition === '1' ? '' : condition};) { ${printStmts(s.body)} }`
    : `while (${condition}) { ${printStmts(s.body)} }`
}

const isStep = (s: { set: string; to: Expr }) => /^i\d/.test(s.set) && typeof s.to !== 'number'

const printStmts = (list: readonly Stmt[]): string => list.map(printStmt).join(' ')

/** The text of a program: an array of functions that take the words and return what they put out. */
export function printProgram(program: Program): string {
  const threads = program.map((body) => {
    const counters = new Set(JSON.stringify(body).match(/\bi\d+\b/g))
    const names = ['got', 'seen', 'saw', 'sum', 'mine', 'was', 'outer', ...counters]
    const locals = `let out = '', ${names.map((name) => `${name} = 0`).join(', ')}`
    const helpers = 'const o = { n: 0 }, list = []; const bump = () => { outer++ }'
    return `function (w) {
    ${locals}; ${helpers}
    ${printStmts(body)} return out }`
  })
  return `[${threads.join(',\n  ')}]`
}
