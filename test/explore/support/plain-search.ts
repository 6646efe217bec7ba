/**
 * A plain search through all states of a program (spin-programs.ts), with its loops as they stand: `relax` does
 * nothing.
 *
 * It shares nothing with the engine, neither who can go on nor which orders are the same. States are finite in number,
 * since loops either count or come back to where they were.
 */

import { type Expr, PLACES, type Program, type Stmt, WORDS } from './spin-programs.ts'

/** One instruction. Those that others can see are steps; the others happen along with the step before. */
type Code =
  | { is: 'number'; into: string; value: number }
  | { is: 'copy'; into: string; from: string }
  | { is: 'op'; into: string; op: string; l: string; r: string }
  | { is: 'jump'; to: number; unless?: string }
  | { is: 'out'; from: string }
  | { is: 'load' | 'add' | 'cas' | 'try'; into: string; word: string; a: string; b: string }
  | { is: 'store'; word: string; a: string }
  | { is: 'lock' | 'unlock'; word: string }
  | { is: 'enter' | 'exit' | 'grace' | 'wait' }

const STEPS = new Set(['load', 'add', 'cas', 'try', 'store', 'lock', 'unlock', 'enter', 'exit', 'grace', 'wait'])

function compile(body: readonly Stmt[]): Code[] {
  const code: Code[] = []
  let temps = 0
  const expression = (e: Expr): string => {
    if (typeof e !== 'number' && 'v' in e) return e.v
    const into = `t${temps++}`
    if (typeof e === 'number') code.push({ is: 'number', into, value: e })
    else if ('load' in e) code.push({ is: 'load', into, word: e.load, a: '', b: '' })
    else if ('add' in e) {
      const by = expression(e.by)
      code.push({ is: 'add', into, word: e.add, a: by, b: '' })
    } else if ('cas' in e) {
      const [a, b] = [expression(e.from), expression(e.to)]
      code.push({ is: 'cas', into, word: e.cas, a, b })
    } else if ('try' in e) code.push({ is: 'try', into, word: e.try, a: '', b: '' })
    else if (e.op === '&&') {
      code.push({ is: 'copy', into, from: expression(e.l) })
      const jump = { is: 'jump' as const, to: 0, unless: into }
      code.push(jump)
      code.push({ is: 'copy', into, from: expression(e.r) })
      jump.to = code.length
    } else {
      const l = expression(e.l)
      // A variable is read where it stands: what comes after may change it.
      const kept = `t${temps++}`
      code.push({ is: 'copy', into: kept, from: l })
      code.push({ is: 'op', into, op: e.op, l: kept, r: expression(e.r) })
    }
    return into
  }
  const statements = (list: readonly Stmt[], breaks: { to: number }[]) => {
    for (const s of list) statement(s, breaks)
  }
  const statement = (s: Stmt, breaks: { to: number }[]) => {
    if ('set' in s) code.push({ is: 'copy', into: s.set, from: expression(s.to) })
    else if ('store' in s) code.push({ is: 'store', word: s.store, a: expression(s.value) })
    else if ('lock' in s) code.push({ is: 'lock', word: s.lock })
    else if ('unlock' in s) code.push({ is: 'unlock', word: s.unlock })
    else if ('bump' in s) {
      const name = `count.${s.kind}`
      const one = expression(1)
      code.push({ is: 'op', into: name, op: '+', l: name, r: one })
    } else if ('out' in s) code.push({ is: 'out', from: expression(s.out) })
    else if ('do' in s) {
      if (s.do === 'break') {
        const jump = { is: 'jump' as const, to: 0 }
        code.push(jump)
        breaks.push(jump)
      } else if (s.do === 'grace') code.push({ is: 'grace' }, { is: 'wait' })
      else if (s.do !== 'relax') code.push({ is: s.do })
    } else if ('if' in s) {
      const jump = { is: 'jump' as const, to: 0, unless: expression(s.if) }
      code.push(jump)
      statements(s.yes, breaks)
      const end = { is: 'jump' as const, to: 0 }
      code.push(end)
      jump.to = code.length
      statements(s.no ?? [], breaks)
      end.to = code.length
    } else {
      const head = code.length
      const inner: { to: number }[] = []
      const jump = { is: 'jump' as const, to: 0, unless: expression(s.while) }
      code.push(jump)
      statements(s.body, inner)
      code.push({ is: 'jump', to: head })
      jump.to = code.length
      for (const each of inner) each.to = code.length
    }
  }
  statements(body, [])
  return code
}

interface Thread {
  pc: number
  /** Private values. Those that are 0 are left out. */
  vars: Record<string, number>
  out: string
  inside: number
  /** Threads in whose sections it waits. */
  waits: number[]
}

interface State {
  words: Record<string, number>
  /** Lock to its owner. */
  locks: Record<string, number>
  threads: Thread[]
}

/** What a program can come to. */
export interface Verdict {
  /** How executions end: what each thread put out, and the words. */
  outcomes: Set<string>
  /** How executions get stuck, told by what the threads that have ended put out. Spinning for ever in vain is stuck. */
  stuck: Set<string>
  /** Some threads can go round for ever, each getting its turns, though they could come to an end. */
  goesRound: boolean
}

const KEYS = Object.keys(PLACES)

/** Runs a thread over what nobody sees, up to its next step or its end. */
function settle(code: readonly Code[], t: Thread): void {
  const get = (name: string) => t.vars[name] ?? 0
  const put = (name: string, value: number) => {
    if (value === 0) delete t.vars[name]
    else t.vars[name] = value
  }
  for (;;) {
    const c = code[t.pc]
    if (c === undefined || STEPS.has(c.is)) return
    t.pc++
    if (c.is === 'number') put(c.into, c.value)
    else if (c.is === 'copy') put(c.into, get(c.from))
    else if (c.is === 'op') put(c.into, compute(c.op, get(c.l), get(c.r)))
    else if (c.is === 'out') t.out += get(c.from)
    else if (c.is === 'jump' && (c.unless === undefined || get(c.unless) === 0)) t.pc = c.to
  }
}

function compute(op: string, l: number, r: number): number {
  if (op === '===') return l === r ? 1 : 0
  if (op === '!==') return l !== r ? 1 : 0
  if (op === '<') return l < r ? 1 : 0
  return l + r
}

/** The state after thread `t` has made its step; undefined if it can't. */
function step(codes: readonly (readonly Code[])[], from: State, t: number): State | undefined {
  const c = codes[t][from.threads[t].pc]
  if (c === undefined) return undefined
  if (c.is === 'lock' && from.locks[c.word] !== undefined) return undefined
  if (c.is === 'wait' && from.threads[t].waits.length > 0) return undefined
  const next = structuredClone(from)
  const mine = next.threads[t]
  const get = (name: string) => mine.vars[name] ?? 0
  const answer = (name: string, value: number) => {
    if (value === 0) delete mine.vars[name]
    else mine.vars[name] = value
  }
  mine.pc++
  if (c.is === 'load') answer(c.into, next.words[c.word])
  else if (c.is === 'add') {
    answer(c.into, next.words[c.word])
    next.words[c.word] += get(c.a)
  } else if (c.is === 'cas') {
    const was = next.words[c.word]
    if (was === get(c.a)) next.words[c.word] = get(c.b)
    answer(c.into, was)
  } else if (c.is === 'try') {
    const free = next.locks[c.word] === undefined
    if (free) next.locks[c.word] = t
    answer(c.into, free ? 1 : 0)
  } else if (c.is === 'store') next.words[c.word] = get(c.a)
  else if (c.is === 'lock') next.locks[c.word] = t
  else if (c.is === 'unlock') delete next.locks[c.word]
  else if (c.is === 'enter') mine.inside++
  else if (c.is === 'exit') {
    if (--mine.inside === 0) for (const other of next.threads) other.waits = other.waits.filter((u) => u !== t)
  } else if (c.is === 'grace') mine.waits = next.threads.flatMap(({ inside }, u) => (inside > 0 ? [u] : []))
  settle(codes[t], mine)
  return next
}

const keyOf = ({ words, locks, threads }: State) =>
  JSON.stringify([
    KEYS.map((name) => [words[name], locks[name] ?? -1]),
    threads.map(({ pc, vars, out, inside, waits }) => [pc, Object.entries(vars).sort(), out, inside, waits]),
  ])

/** All that a program can come to; undefined if it has more states than that. */
export function plainSearch(program: Program, limit: number): Verdict | undefined {
  const codes = program.map(compile)
  const first: State = {
    words: Object.fromEntries(KEYS.map((name) => [name, 0])),
    locks: {},
    threads: program.map(() => ({ pc: 0, vars: {}, out: '', inside: 0, waits: [] })),
  }
  for (const [t, thread] of first.threads.entries()) settle(codes[t], thread)
  const numbers = new Map<string, number>([[keyOf(first), 0]])
  const states = [first]
  /** By state: which thread leads where. */
  const edges: [thread: number, to: number][][] = []
  for (let s = 0; s < states.length; s++) {
    if (states.length > limit) return undefined
    const leads: [number, number][] = []
    for (let t = 0; t < program.length; t++) {
      const next = step(codes, states[s], t)
      if (next === undefined) continue
      const key = keyOf(next)
      let to = numbers.get(key)
      if (to === undefined) {
        to = states.length
        numbers.set(key, to)
        states.push(next)
      }
      leads.push([t, to])
    }
    edges.push(leads)
  }
  return judge(codes, states, edges)
}

function judge(codes: readonly (readonly Code[])[], states: readonly State[], edges: [number, number][][]): Verdict {
  const ended = (s: State, t: number) => s.threads[t].pc >= codes[t].length
  const verdict: Verdict = { outcomes: new Set(), stuck: new Set(), goesRound: false }
  for (const component of components(edges)) {
    const inside = new Set(component)
    const state = states[component[0]]
    const all = component.flatMap((s) => edges[s])
    const alive = state.threads.flatMap((_, t) => (ended(state, t) ? [] : [t]))
    if (alive.length === 0) {
      verdict.outcomes.add(`${told(state, alive)} ${WORDS.map((name) => state.words[name]).join('')}`)
      continue
    }
    if (all.every(([, to]) => inside.has(to))) {
      verdict.stuck.add(told(state, alive))
      if (component.some((s) => WORDS.some((name) => states[s].words[name] !== state.words[name])))
        verdict.goesRound = true
      continue
    }
    const stays = (t: number) => component.some((s) => edges[s].some(([by, to]) => by === t && inside.has(to)))
    const waits = (t: number) => component.some((s) => !edges[s].some(([by]) => by === t))
    if (all.some(([, to]) => inside.has(to)) && alive.every((t) => stays(t) || waits(t))) verdict.goesRound = true
  }
  return verdict
}

const told = ({ threads }: State, alive: readonly number[]) =>
  threads.map(({ out }, t) => (alive.includes(t) ? '?' : out)).join('|')

/** The strongly connected components of a graph (Tarjan, without recursion). */
function components(edges: readonly (readonly [number, number][])[]): number[][] {
  const index = new Int32Array(edges.length).fill(-1)
  const low = new Int32Array(edges.length)
  const open = new Uint8Array(edges.length)
  const stack: number[] = []
  const found: number[][] = []
  let count = 0
  const path: { s: number; k: number }[] = [{ s: 0, k: 0 }]
  while (path.length > 0) {
    const at = path[path.length - 1]
    const { s } = at
    if (at.k === 0) {
      index[s] = low[s] = count++
      stack.push(s)
      open[s] = 1
    }
    if (at.k < edges[s].length) {
      const to = edges[s][at.k++][1]
      if (index[to] < 0) path.push({ s: to, k: 0 })
      else if (open[to] === 1) low[s] = Math.min(low[s], index[to])
      continue
    }
    path.pop()
    const up = path.at(-1)
    if (up !== undefined) low[up.s] = Math.min(low[up.s], low[s])
    if (low[s] !== index[s]) continue
    const component: number[] = []
    for (;;) {
      const top = stack.pop()!
      open[top] = 0
      component.push(top)
      if (top === s) break
    }
    found.push(component)
  }
  return found
}
