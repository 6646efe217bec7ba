/**
 * Random programs that sleep with timeouts, as text to explore and as they stand for a plain search.
 *
 * The search goes through all states and shares nothing with the engine: neither who can go on nor which orders are the
 * same. Time passes, to the earliest end of a sleep, when no thread can go on; or a sleep may end at any moment.
 */

/** A statement; `w` is a word, `ms` the timeout of a wait, which is endless without. */
export type Timed =
  | { is: 'load'; w: number }
  | { is: 'notify'; w: number }
  | { is: 'store'; w: number; value: number }
  | { is: 'add'; w: number; value: number }
  | { is: 'wait'; w: number; value: number; ms: number | undefined }
  /** While the word is 0, sleep on it. */
  | { is: 'poll'; w: number; ms: number }
  /** Until the word goes from 0 to 1, sleep on a word that nobody wakes; then it is 0 again. */
  | { is: 'lock'; w: number; ms: number }

export const TIMED_WORDS = 2
/** A word that nobody wakes. */
const NEVER = TIMED_WORDS

export function randomTimed(random: (below: number) => number): Timed[][] {
  const w = () => random(TIMED_WORDS)
  // Few lengths, so that sleeps often end together.
  const ms = () => 10 * (1 + random(2))
  const one = (): Timed => {
    const kind = random(16)
    if (kind < 3) return { is: 'load', w: w() }
    if (kind < 6) return { is: 'notify', w: w() }
    if (kind < 8) return { is: 'store', w: w(), value: 1 }
    if (kind < 10) return { is: 'add', w: w(), value: 1 }
    if (kind < 14) return { is: 'wait', w: w(), value: random(3) >> 1, ms: random(5) > 0 ? ms() : undefined }
    return kind < 15 ? { is: 'poll', w: w(), ms: ms() } : { is: 'lock', w: w(), ms: ms() }
  }
  return Array.from({ length: 2 + random(2) }, () => Array.from({ length: 1 + random(3) }, one))
}

/** The programs' threads as JavaScript. Each returns what its statements answered. */
export function timedText(program: readonly (readonly Timed[])[]): string {
  const statement = (s: Timed): string => {
    if (s.is === 'load') return `out += Atomics.load(w, ${s.w})`
    if (s.is === 'notify') return `out += Atomics.notify(w, ${s.w}, 1)`
    if (s.is === 'store') return `Atomics.store(w, ${s.w}, ${s.value})`
    if (s.is === 'add') return `out += Atomics.add(w, ${s.w}, ${s.value})`
    if (s.is === 'wait') return `out += Atomics.wait(w, ${s.w}, ${s.value}${s.ms === undefined ? '' : `, ${s.ms}`})[0]`
    if (s.is === 'poll') return `while (Atomics.load(w, ${s.w}) === 0) Atomics.wait(w, ${s.w}, 0, ${s.ms})`
    return `while (Atomics.compareExchange(w, ${s.w}, 0, 1) !== 0) Atomics.wait(w, ${NEVER}, 0, ${s.ms})\n  Atomics.store(w, ${s.w}, 0)`
  }
  const threads = program.map(
    (body) => `(w) => {\n  let out = 't'\n  ${body.map(statement).join('\n  ')}\n  return out\n}`,
  )
  return `export const threads = [${threads.join(', ')}]`
}

interface Thread {
  /** Statement, and how far in it. */
  at: number
  part: number
  out: string
  /** Where it sleeps, until when (-1: for ever), and whether it was woken. */
  asleep: { w: number; until: number; woken: boolean } | null
}

interface State {
  words: number[]
  queues: number[][]
  threads: Thread[]
}

/** What a program can come to. */
export interface TimedVerdict {
  /** How executions end, as the explorer tells it. */
  readonly outcomes: ReadonlySet<string>
  /** From some state there is no end, though nobody is stuck. */
  readonly forEver: boolean
}

/**
 * All that a program can come to; undefined if it has more states than that. `atAnyTime`: each timeout may run out
 * whenever it likes.
 */
export function timedSearch(
  program: readonly (readonly Timed[])[],
  limit: number,
  atAnyTime = false,
): TimedVerdict | undefined {
  const first: State = {
    words: new Array<number>(TIMED_WORDS + 1).fill(0),
    queues: Array.from({ length: TIMED_WORDS + 1 }, () => []),
    threads: program.map(() => ({ at: 0, part: 0, out: 't', asleep: null })),
  }
  const states = [first]
  const numbers = new Map([[JSON.stringify(first), 0]])
  const edges: number[][] = []
  const outcomes = new Set<string>()
  const ends: number[] = []
  for (let s = 0; s < states.length; s++) {
    if (states.length > limit) return undefined
    const nexts = successors(program, states[s], atAnyTime)
    if (nexts.length === 0) {
      outcomes.add(told(program, states[s]))
      ends.push(s)
    }
    edges.push(
      nexts.map((next) => {
        const key = JSON.stringify(next)
        let to = numbers.get(key)
        if (to === undefined) {
          numbers.set(key, (to = states.length))
          states.push(next)
        }
        return to
      }),
    )
  }
  return { outcomes, forEver: !allReach(edges, ends) }
}

function successors(program: readonly (readonly Timed[])[], from: State, atAnyTime: boolean): State[] {
  const nexts = from.threads.flatMap((thread, t) => {
    const { asleep } = thread
    const sleepsOn = asleep !== null && !asleep.woken && (atAnyTime ? asleep.until < 0 : asleep.until !== 0)
    if (sleepsOn || (asleep === null && thread.at >= program[t].length)) return []
    const next = structuredClone(from)
    step(program[t], next, t)
    return [next]
  })
  if (nexts.length > 0) return nexts
  // Times are told from now on, so that states which differ in nothing else are one.
  const ends = from.threads.flatMap(({ asleep }) => (asleep !== null && asleep.until > 0 ? [asleep.until] : []))
  if (ends.length === 0) return []
  const next = structuredClone(from)
  for (const { asleep } of next.threads) if (asleep !== null && asleep.until > 0) asleep.until -= Math.min(...ends)
  return [next]
}

/** Thread `t` makes its next step. */
function step(body: readonly Timed[], state: State, t: number): void {
  const { words, queues } = state
  const mine = state.threads[t]
  const s = body[mine.at]
  const done = (out: number | string = '') => Object.assign(mine, { at: mine.at + 1, part: 0, out: mine.out + out })
  const sleep = (w: number, ms: number | undefined) => {
    queues[w].push(t)
    mine.asleep = { w, until: ms ?? -1, woken: false }
  }
  if (mine.asleep !== null) {
    const { w, woken } = mine.asleep
    if (!woken) queues[w] = queues[w].filter((u) => u !== t)
    mine.asleep = null
    if (s.is === 'wait') done(woken ? 'o' : 't')
    else mine.part = 0
  } else if (s.is === 'load') done(words[s.w])
  else if (s.is === 'store') {
    words[s.w] = s.value
    done()
  } else if (s.is === 'add') {
    done(words[s.w])
    words[s.w] += s.value
  } else if (s.is === 'notify') {
    const u = queues[s.w].shift()
    if (u !== undefined) state.threads[u].asleep!.woken = true
    done(u === undefined ? 0 : 1)
  } else if (s.is === 'wait') {
    if (words[s.w] === s.value) sleep(s.w, s.ms)
    else done('n')
  } else if (s.is === 'poll') {
    if (mine.part === 0) words[s.w] === 0 ? (mine.part = 1) : done()
    else if (words[s.w] === 0) sleep(s.w, s.ms)
    else mine.part = 0
  } else if (mine.part === 2) {
    words[s.w] = 0
    done()
  } else if (mine.part === 1) sleep(NEVER, s.ms)
  else if (words[s.w] === 0) {
    words[s.w] = 1
    mine.part = 2
  } else mine.part = 1
}

function told(program: readonly (readonly Timed[])[], { threads }: State): string {
  const outs = threads.map(({ at, out }, t) => (at >= program[t].length ? out : 'undefined'))
  const stuck = outs.includes('undefined')
  const text = outs.every((out) => out === 'undefined') ? '' : outs.join(' | ')
  return stuck ? `${text} (blocked)`.trim() : text
}

/** Whether one of the ends is reached from every state. */
function allReach(edges: readonly (readonly number[])[], ends: readonly number[]): boolean {
  const back: number[][] = edges.map(() => [])
  for (const [s, its] of edges.entries()) for (const to of its) back[to].push(s)
  const seen = new Set(ends)
  const open = [...ends]
  for (let s = open.pop(); s !== undefined; s = open.pop()) {
    for (const before of back[s]) {
      if (seen.has(before)) continue
      seen.add(before)
      open.push(before)
    }
  }
  return seen.size === edges.length
}
