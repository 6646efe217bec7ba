/**
 * Random programs of agents with promises, timers, immediates and waits, as text to explore and as they stand for a
 * plain search over all states, which shares nothing with the engine: neither who can go on nor which orders are the
 * same, and no helper threads.
 */

import { endsOfStates } from './states.ts'

/** A statement; `w` is a word, `ms` a time, endless without. */
export type Op =
  | { is: 'load' | 'notify'; w: number }
  | { is: 'store' | 'add'; w: number }
  /** `Atomics.wait`, or `waitAsync` whose promise is awaited. Those that are awaited stand in the thread's own body. */
  | { is: 'wait' | 'await'; w: number; value: number; ms: number | undefined }
  /** `await null` */
  | { is: 'rest' }
  | { is: 'microtask' | 'tick' | 'immediate'; ops: Op[] }
  | { is: 'timer'; ms: number; ops: Op[] }

export const AGENT_WORDS = 2
/** Words of each agent's own, in which it notes what it was answered. */
export const NOTES = 12

export function randomAgents(random: (below: number) => number): Op[][] {
  const w = () => random(AGENT_WORDS)
  const ms = () => 10 * (1 + random(2))
  const ops = (most: number, depth: number): Op[] => Array.from({ length: 1 + random(most) }, () => one(depth))
  const one = (depth: number): Op => {
    const kind = random(depth === 0 ? 22 : depth === 1 ? 13 : 10)
    if (kind < 3) return { is: 'load', w: w() }
    if (kind < 6) return { is: 'notify', w: w() }
    if (kind < 8) return { is: 'store', w: w() }
    if (kind < 9) return { is: 'add', w: w() }
    if (kind < 10) return { is: 'wait', w: w(), value: random(2), ms: random(3) > 0 ? ms() : undefined }
    if (kind < 11) return { is: random(2) === 0 ? 'microtask' : 'tick', ops: ops(1, depth + 1) }
    if (kind < 12) return { is: 'immediate', ops: ops(2, depth + 1) }
    if (kind < 13) return { is: 'timer', ms: ms(), ops: ops(2, depth + 1) }
    if (kind < 14) return { is: 'rest' }
    return { is: 'await', w: w(), value: 0, ms: random(2) > 0 ? ms() : undefined }
  }
  const agents = 2 + (random(4) === 0 ? 1 : 0)
  return Array.from({ length: agents }, () => [...ops(agents === 2 ? 4 : 2, 0), ...ops(agents === 2 ? 2 : 1, 0)])
}

const ANSWERS = ['ok', 'timed-out', 'not-equal']

/** The agents as JavaScript. */
export function agentsText(program: readonly (readonly Op[])[]): string {
  const time = (ms: number | undefined) => (ms === undefined ? '' : `, ${ms}`)
  const body = (ops: readonly Op[]): string => ops.map(statement).join('; ')
  const statement = (op: Op): string => {
    switch (op.is) {
      case 'load':
        return `note(Atomics.load(w, ${op.w}))`
      case 'notify':
        return `note(Atomics.notify(w, ${op.w}, 1))`
      case 'store':
        return `Atomics.store(w, ${op.w}, 1)`
      case 'add':
        return `note(Atomics.add(w, ${op.w}, 1))`
      case 'wait':
        return `note(ANSWERS.indexOf(Atomics.wait(w, ${op.w}, ${op.value}${time(op.ms)})))`
      case 'await':
        return `{ const r = Atomics.waitAsync(w, ${op.w}, ${op.value}${time(op.ms)}); note(ANSWERS.indexOf(r.async ? await r.value : r.value)) }`
      case 'rest':
        return 'await null'
      case 'microtask':
        return `queueMicrotask(() => { ${body(op.ops)} })`
      case 'tick':
        return `process.nextTick(() => { ${body(op.ops)} })`
      case 'immediate':
        return `setImmediate(() => { ${body(op.ops)} })`
      default:
        return `setTimeout(() => { ${body(op.ops)} }, ${op.ms})`
    }
  }
  const threads = program.map((ops, t) => {
    const from = AGENT_WORDS + t * NOTES
    return `async (w) => {\n  let n = ${from}\n  const note = (v) => { w[n++] = v + 1 }\n  ${ops.map(statement).join('\n  ')}\n}`
  })
  return `const ANSWERS = ${JSON.stringify(ANSWERS)}\nexport const threads = [${threads.join(', ')}]`
}

/** What an agent runs: statements, of its own body or of a callback. */
interface Job {
  readonly main: boolean
  readonly ops: readonly Op[]
}

interface Agent {
  /** What is left of the job that runs; null: none does. */
  job: Job | null
  /** It is in a task: until its jobs have run, it takes no other. */
  busy: boolean
  phase: 'ticks' | 'jobs'
  ticks: Job[]
  jobs: Job[]
  /** Callbacks of the task that runs, which come one after the other. */
  batch: Job[]
  immediates: Job[]
  timers: { at: number; job: Job }[]
  /** What its own body is woken with; null: it does not await, or sleeps still. */
  woken: { answer: number; until: number; job: Job } | null
  asleep: { w: number; until: number; answer: number } | null
  settled: boolean
  /** Its own time, where timeouts run out at any moment. */
  own: number
  notes: number[]
}

interface Sleeper {
  readonly agent: number
  readonly until: number
  /** What goes on then; null: the agent itself sleeps. */
  readonly job: Job | null
}

type Timeouts = 'idle' | boolean

interface State {
  timeouts: Timeouts
  now: number
  words: number[]
  queues: Sleeper[][]
  agents: Agent[]
}

const FOR_EVER = 1e9

/** All that a program can come to, as the explorer tells it; undefined if it has more states than that. */
export function agentsSearch(
  program: readonly (readonly Op[])[],
  limit: number,
  timeouts: Timeouts = 'idle',
): ReadonlySet<string> | undefined {
  const first: State = {
    timeouts,
    now: 0,
    words: new Array<number>(AGENT_WORDS).fill(0),
    queues: Array.from({ length: AGENT_WORDS }, () => []),
    agents: program.map((ops) => ({
      job: { main: true, ops },
      busy: true,
      phase: 'ticks',
      ticks: [],
      jobs: [],
      batch: [],
      immediates: [],
      timers: [],
      woken: null,
      asleep: null,
      settled: false,
      own: 0,
      notes: [],
    })),
  }
  return endsOfStates(first, successors, told, limit)
}

function told({ words, agents, timeouts }: State): string {
  const notes = agents.flatMap(({ notes }) => Array.from({ length: NOTES }, (_, at) => (notes[at] ?? -1) + 1))
  const stuck = agents.some(({ settled, busy, timers }) => !settled || busy || (!timeouts && timers.length > 0))
  return `${[...words, ...notes].join()}${stuck ? ' (blocked)' : ''}`
}

function successors(state: State): State[] {
  const nexts: State[] = []
  const take = (change: (copy: State) => void) => {
    const copy = structuredClone(state)
    change(copy)
    nexts.push(copy)
  }
  const { queues, timeouts } = state
  const now = timeouts === true ? FOR_EVER - 1 : timeouts ? state.now : -1
  for (const [a, agent] of state.agents.entries()) {
    if (agent.asleep !== null) {
      if (agent.asleep.answer >= 0) take((copy) => wakeUp(copy.agents[a]))
    } else if (agent.busy) take((copy) => step(copy, a))
    else {
      if (agent.woken !== null) take(({ agents }) => goOn(agents[a]))
      if (agent.immediates.length > 0) take(({ agents }) => begin(agents[a], agents[a].immediates.splice(0)))
      if (agent.timers.length > 0 && agent.timers[0].at <= now)
        take(({ agents }) => {
          // What has slept longer comes to all timers of that time at once.
          const until = timeouts === true ? Math.max(agents[a].own, agents[a].timers[0].at) : now
          const due = agents[a].timers.filter(({ at }) => at <= until)
          agents[a].own = Math.max(agents[a].own, until)
          agents[a].timers.splice(0, due.length)
          begin(
            agents[a],
            due.map(({ job }) => job),
          )
        })
    }
  }
  for (const [w, queue] of queues.entries())
    for (const [k, { until }] of queue.entries())
      if (until <= now) take((copy) => wake(copy, copy.queues[w].splice(k, 1)[0], 1))
  if (nexts.length > 0) return nexts
  const ends = [
    ...queues.flat().map(({ until }) => until),
    ...state.agents.flatMap(({ timers }) => timers.map(({ at }) => at)),
  ]
  if (timeouts !== 'idle') return nexts
  const next = Math.min(FOR_EVER, ...ends.filter((end) => end > now))
  const goesOn = state.agents.some(({ settled, busy, timers }) => !settled || busy || timers.length > 0)
  if (next < FOR_EVER && goesOn) take((copy) => void (copy.now = next))
  return nexts
}

/** Begins a task: callbacks one after the other. */
function begin(agent: Agent, batch: Job[]): void {
  agent.busy = true
  agent.phase = 'ticks'
  agent.batch = batch
  agent.job = agent.batch.shift() ?? null
}

/** The body goes on behind what it has awaited. */
function goOn(agent: Agent): void {
  const { answer, until, job } = agent.woken!
  if (answer === 1) agent.own = Math.max(agent.own, until)
  agent.woken = null
  agent.notes.push(answer)
  begin(agent, [job])
  // It is a job of a promise itself.
  agent.phase = 'jobs'
}

function wakeUp(agent: Agent): void {
  agent.notes.push(agent.asleep!.answer)
  if (agent.asleep!.answer === 1) agent.own = agent.asleep!.until
  agent.asleep = null
}

/** Somebody is taken off a queue, with that answer. */
function wake({ agents }: State, { agent, until, job }: Sleeper, answer: number): void {
  const its = agents[agent]
  if (job === null) its.asleep!.answer = answer
  else its.woken = { answer, until, job }
}

/** One step of a task: a statement, or the next job. */
function step(state: State, a: number): void {
  const agent = state.agents[a]
  const { job } = agent
  if (job === null) {
    nextJob(agent)
    return
  }
  if (job.ops.length === 0) {
    if (job.main) agent.settled = true
    agent.job = null
    return
  }
  const [op, ...ops] = job.ops
  agent.job = { ...job, ops }
  const { words, queues } = state
  const now = state.timeouts === 'idle' ? state.now : agent.own
  switch (op.is) {
    case 'load':
      agent.notes.push(words[op.w])
      return
    case 'store':
      words[op.w] = 1
      return
    case 'add':
      agent.notes.push(words[op.w]++)
      return
    case 'notify': {
      const [first] = queues[op.w].splice(0, 1)
      if (first !== undefined) wake(state, first, 0)
      agent.notes.push(first === undefined ? 0 : 1)
      return
    }
    case 'wait':
    case 'await': {
      if (words[op.w] !== op.value) {
        agent.notes.push(2)
        return
      }
      const until = op.ms === undefined ? FOR_EVER : now + op.ms
      queues[op.w].push({ agent: a, until, job: op.is === 'await' ? agent.job : null })
      if (op.is === 'await') agent.job = null
      else agent.asleep = { w: op.w, until, answer: -1 }
      return
    }
    case 'rest':
      agent.jobs.push(agent.job)
      agent.job = null
      return
    case 'microtask':
      agent.jobs.push({ main: false, ops: op.ops })
      return
    case 'tick':
      agent.ticks.push({ main: false, ops: op.ops })
      return
    case 'immediate':
      agent.immediates.push({ main: false, ops: op.ops })
      return
    case 'timer': {
      agent.timers.push({ at: now + op.ms, job: { main: false, ops: op.ops } })
      agent.timers.sort((x, y) => x.at - y.at)
    }
  }
}

/** What comes when a job is through: all ticks, all jobs, and so on; then the next callback of the task, or its end. */
function nextJob(agent: Agent): void {
  const { ticks, jobs } = agent
  if (agent.phase === 'jobs' && jobs.length > 0) agent.job = jobs.shift()!
  else if (ticks.length > 0) {
    agent.phase = 'ticks'
    agent.job = ticks.shift()!
  } else if (jobs.length > 0) {
    agent.phase = 'jobs'
    agent.job = jobs.shift()!
  } else if (agent.batch.length > 0) {
    agent.phase = 'ticks'
    agent.job = agent.batch.shift()!
  } else agent.busy = false
}
