/**
 * Random programs of a thread that starts workers: they post to each other, wait, sleep, set timers, and are ended. As
 * text to explore, and as they stand for a plain search over all states, which shares nothing with the engine: neither
 * who can go on nor which orders are the same, and no helper threads.
 */

import { endsOfStates } from './states.ts'

export type Op =
  | { is: 'load' | 'add' | 'notify'; w: number }
  /** `Atomics.wait`; `ms` is a time, endless without. */
  | { is: 'wait'; w: number; value: number; ms: number | undefined }
  /** `Atomics.waitAsync`; these are done when it has slept. */
  | { is: 'await'; w: number; ms: number | undefined; ops: Op[] }
  /** Posts the next number of this agent: to that worker, or to the one who started this one. */
  | { is: 'post'; to: number }
  /** From now on these are done for each message, which is noted before. */
  | { is: 'listen'; ops: Op[] }
  | { is: 'microtask' | 'immediate'; ops: Op[] }
  | { is: 'timer'; ms: number; ops: Op[] }
  | { is: 'terminate'; to: number }
  /** `process.exit(CODE)` */
  | { is: 'exit' }
  /** Throws, which ends the worker and is told to who started it. */
  | { is: 'throw' }
  /** Takes the next message, if one is there, and notes it. */
  | { is: 'look' }

/** What a program is: what the thread does, what it does for a message of each worker, and what these do. */
export interface Started {
  readonly main: Op[]
  readonly heard: Op[][]
  readonly workers: Op[][]
}

export const STARTED_WORDS = 2
/** Words of each agent's own, in which it notes what it finds. */
export const STARTED_NOTES = 24
const CODE = 7
/** What is noted of an exit code, beside that. */
const ENDED = 50
/** What is noted of an error of a worker, and where no message is there. */
const FAILED = 40
const NOTHING = -1

export function randomStarted(random: (below: number) => number): Started {
  const count = random(4) === 0 ? 2 : 1
  const w = () => random(STARTED_WORDS)
  const ms = () => 10 * (1 + random(2))
  const some = (most: number, depth: number, isMain: boolean): Op[] =>
    Array.from({ length: 1 + random(most) }, () => one(depth, isMain))
  const one = (depth: number, isMain: boolean): Op => {
    const kind = random(depth === 0 ? 24 : 14)
    const to = isMain ? random(count) : -1
    if (kind < 2) return { is: 'load', w: w() }
    if (kind < 4) return { is: 'add', w: w() }
    if (kind < 6) return { is: 'notify', w: w() }
    if (kind < 8) return { is: 'post', to }
    if (kind < 9) return { is: 'wait', w: w(), value: 0, ms: random(3) > 0 ? ms() : undefined }
    if (kind < 12) return isMain ? { is: 'terminate', to } : kind < 11 ? { is: 'post', to } : { is: 'exit' }
    if (kind < 14) return isMain ? { is: 'load', w: w() } : { is: kind < 13 ? 'look' : 'throw' }
    if (kind < 15) return { is: 'microtask', ops: some(1, 1, isMain) }
    if (kind < 17) return { is: 'immediate', ops: some(2, 1, isMain) }
    if (kind < 19) return { is: 'timer', ms: ms(), ops: some(2, 1, isMain) }
    if (isMain) return { is: 'await', w: w(), ms: random(2) > 0 ? ms() : undefined, ops: some(1, 1, isMain) }
    return { is: 'listen', ops: some(2, 1, isMain) }
  }
  const most = count === 1 ? 4 : 2
  return {
    main: some(most, 0, true),
    heard: Array.from({ length: count }, () => some(1, 1, true)),
    workers: Array.from({ length: count }, () => some(most, 0, false)),
  }
}

const time = (ms: number | undefined): string => (ms === undefined ? '' : `, ${ms}`)

function statement(op: Op): string {
  const body = (ops: readonly Op[]): string => ops.map(statement).join('; ')
  switch (op.is) {
    case 'load':
      return `note(Atomics.load(w, ${op.w}))`
    case 'add':
      return `note(Atomics.add(w, ${op.w}, 1))`
    case 'notify':
      return `note(Atomics.notify(w, ${op.w}, 1))`
    case 'wait':
      return `note(ANSWERS.indexOf(Atomics.wait(w, ${op.w}, ${op.value}${time(op.ms)})))`
    case 'await':
      return `{ const r = Atomics.waitAsync(w, ${op.w}, 0${time(op.ms)}); if (r.async) r.value.then((v) => { note(ANSWERS.indexOf(v)); ${body(op.ops)} }) }`
    case 'post':
      return op.to < 0 ? 'parentPort.postMessage(++sent)' : `if (!dead[${op.to}]) started[${op.to}].postMessage(++sent)`
    case 'listen':
      return `if (!listens) { listens = true; parentPort.on('message', (m) => { note(m); ${body(op.ops)} }) }`
    case 'timer':
      return `setTimeout(() => { ${body(op.ops)} }, ${op.ms})`
    case 'terminate':
      return `if (!dead[${op.to}]) { dead[${op.to}] = true; started[${op.to}].terminate() }`
    case 'exit':
      return `process.exit(${CODE})`
    case 'throw':
      return 'throw 1'
    case 'look':
      return `{ const m = receiveMessageOnPort(parentPort); note(m === undefined ? ${NOTHING} : m.message) }`
    default:
      return `${op.is === 'microtask' ? 'queueMicrotask' : 'setImmediate'}(() => { ${body(op.ops)} })`
  }
}

const agentText = (ops: readonly Op[], self: number): string => `const ANSWERS = ['ok', 'timed-out', 'not-equal']
  let n = ${STARTED_WORDS + self * STARTED_NOTES}, sent = ${10 * (self + 1)}, listens = false
  const note = (v) => { w[n++] = v + 2 }
  ${ops.map(statement).join('\n  ')}`

/** The files of a program: `main.mjs`, which exports a scenario of one thread, and a worker's file for each. */
export function startedFiles({ main, heard, workers }: Started): Record<string, string> {
  const starts = heard.map(
    (ops, k) => `started.push(new Worker(new URL('./worker${k}.mjs', import.meta.url), { workerData: w }))
  started[${k}].on('message', (m) => { note(m); ${ops.map(statement).join('; ')} })
  started[${k}].on('error', () => note(${FAILED}))
  started[${k}].on('exit', (code) => note(${ENDED} + code))`,
  )
  const words = STARTED_WORDS + (workers.length + 1) * STARTED_NOTES
  const text = agentText(main, 0).replace('const note', `const started = [], dead = []\n  const note`)
  const [head, body] = [text.slice(0, text.indexOf('v + 2 }') + 7), text.slice(text.indexOf('v + 2 }') + 7)]
  return {
    'main.mjs': `import { Worker } from 'node:worker_threads'
export const setup = () => new Int32Array(new SharedArrayBuffer(${4 * words}))
export const threads = [(w) => {
  ${head}
  ${starts.join('\n  ')}${body}
}]`,
    ...Object.fromEntries(
      workers.map((ops, k) => [
        `worker${k}.mjs`,
        `import { parentPort, receiveMessageOnPort, workerData as w } from 'node:worker_threads'\n${agentText(ops, k + 1)}`,
      ]),
    ),
  }
}

/** A piece of work: a number to be noted first, if there is one, and statements. */
interface Job {
  readonly note: number | null
  readonly ops: readonly Op[]
}

interface Agent {
  /** A worker that is ended before it has begun tells the code 0. */
  up: boolean
  /** A worker begins, runs, tells of its end, and has told it. */
  stage: 'runs' | 'ends' | 'over'
  code: number
  /** It ends by what it threw, tells so, and its parent has heard of it. */
  error: 'none' | 'thrown' | 'told' | 'heard'
  /** It is to be ended at some moment. */
  doomed: boolean
  /** Its parent has heard of its end. */
  told: boolean
  busy: boolean
  job: Job | null
  jobs: Job[]
  batch: Job[]
  immediates: Job[]
  timers: { at: number; job: Job }[]
  woken: Job[]
  asleep: { answer: number } | null
  listens: readonly Op[] | null
  /** Messages that have come: of the worker, or of the thread by worker. */
  inbox: number[][]
  sent: number
  notes: number[]
}

interface Sleeper {
  readonly agent: number
  readonly until: number
  /** What goes on then; null: the agent itself sleeps. */
  readonly ops: readonly Op[] | null
}

interface State {
  now: number
  words: number[]
  queues: Sleeper[][]
  agents: Agent[]
}

const FOR_EVER = 1e9

/** All that a program can come to, as the explorer tells it; undefined if it has more states than that. */
export function startedSearch(program: Started, limit: number): ReadonlySet<string> | undefined {
  const { main, workers, heard } = program
  const agent = (ops: readonly Op[], t: number): Agent => ({
    ...{
      up: t === 0,
      stage: 'runs',
      code: 0,
      error: 'none',
      doomed: false,
      told: false,
      busy: true,
      job: { note: null, ops },
      jobs: [],
      batch: [],
    },
    ...{ immediates: [], timers: [], woken: [], asleep: null, listens: null },
    inbox: t === 0 ? workers.map(() => []) : [[]],
    ...{ sent: 10 * (t + 1), notes: [] },
  })
  const first: State = {
    now: 0,
    words: new Array<number>(STARTED_WORDS).fill(0),
    queues: Array.from({ length: STARTED_WORDS }, () => []),
    agents: [main, ...workers].map(agent),
  }
  return endsOfStates(first, (state) => successors(state, heard), told, limit)
}

function told({ words, agents }: State): string {
  const notes = agents.flatMap(({ notes }) => Array.from({ length: STARTED_NOTES }, (_, at) => (notes[at] ?? -2) + 2))
  return `${[...words, ...notes].join()}${agents.some(({ asleep }) => asleep !== null) ? ' (blocked)' : ''}`
}

function successors(state: State, heard: readonly (readonly Op[])[]): State[] {
  const nexts: State[] = []
  const take = (change: (copy: State) => void) => {
    const copy = structuredClone(state)
    change(copy)
    nexts.push(copy)
  }
  for (const [a, agent] of state.agents.entries()) {
    if (agent.doomed && agent.stage !== 'over') take((copy) => end(copy, a))
    // Whoever has told of its end too late to be ended has nothing left to do.
    if (agent.stage !== 'over') for (const change of choices(state, a)) take(change)
    if (a === 0 || agent.told || isTaken(state.agents[0])) continue
    if (agent.error === 'told') {
      take(({ agents }) => {
        agents[a].error = 'heard'
        begin(agents[0], [{ note: FAILED, ops: [] }])
      })
      continue
    }
    if (agent.stage !== 'over') continue
    take(({ agents }) => {
      // What was posted before is told first.
      agents[a].told = true
      const messages = agents[0].inbox[a - 1].splice(0).map((note) => ({ note, ops: heard[a - 1] }))
      begin(agents[0], [...messages, { note: ENDED + agents[a].code, ops: [] }], true)
    })
  }
  for (const [a, messages] of state.agents[0].inbox.entries())
    if (messages.length > 0 && !isTaken(state.agents[0]))
      take(({ agents }) => begin(agents[0], [{ note: agents[0].inbox[a].shift()!, ops: heard[a] }]))
  for (const [w, queue] of state.queues.entries())
    for (const [k, { until }] of queue.entries())
      if (until <= state.now) take((copy) => wake(copy, copy.queues[w].splice(k, 1)[0], 1))
  return nexts.length > 0 ? nexts : passing(state, take, nexts)
}

const isTaken = ({ busy, asleep }: Agent): boolean => busy || asleep !== null

/** Nobody can go on: time passes to the next end of a sleep or of a timer. */
function passing(state: State, take: (change: (copy: State) => void) => void, nexts: State[]): State[] {
  const ends = [
    ...state.queues.flat().map(({ until }) => until),
    ...state.agents.flatMap(({ timers }) => timers.map(({ at }) => at)),
  ]
  const next = Math.min(FOR_EVER, ...ends.filter((at) => at > state.now))
  // A waitAsync keeps nobody; who waits for the end of a worker is there as long.
  const waits = state.queues.flat().some(({ ops }) => ops !== null)
  const isWaiting = state.agents.some(({ told }, a) => a > 0 && !told)
  const goesOn = state.agents.some(({ timers, asleep }) => timers.length > 0 || asleep !== null) || (waits && isWaiting)
  if (goesOn && next < FOR_EVER) take((copy) => void (copy.now = next))
  return nexts
}

/** What an agent may do next. */
function choices({ agents, now }: State, a: number): ((copy: State) => void)[] {
  const agent = agents[a]
  if (!agent.up) return [({ agents }) => void (agents[a].up = true)]
  if (agent.asleep !== null) return agent.asleep.answer < 0 ? [] : [({ agents }) => wakeUp(agents[a])]
  if (agent.stage === 'ends') return [(copy) => tellEnd(copy.agents[a])]
  if (agent.busy) return [(copy) => step(copy, a)]
  const all: ((copy: State) => void)[] = []
  for (const [k] of agent.woken.entries()) all.push(({ agents }) => begin(agents[a], agents[a].woken.splice(k, 1)))
  if (agent.immediates.length > 0) all.push(({ agents }) => begin(agents[a], agents[a].immediates.splice(0)))
  if (agent.timers.length > 0 && agent.timers[0].at <= now)
    all.push(({ agents }) => {
      const due = agents[a].timers.filter(({ at }) => at <= now)
      agents[a].timers.splice(0, due.length)
      begin(
        agents[a],
        due.map(({ job }) => job),
      )
    })
  if (agent.listens !== null && agent.inbox[0].length > 0)
    all.push(({ agents }) => begin(agents[a], [{ note: agents[a].inbox[0].shift()!, ops: agents[a].listens! }]))
  return all
}

/** Begins a task: callbacks one after the other, jobs after each; or at the end only, where listeners are told. */
function begin(agent: Agent, batch: Job[], atOnce = false): void {
  agent.busy = true
  agent.batch = atOnce ? [] : batch
  if (atOnce) agent.jobs.unshift(...batch)
  agent.job = (atOnce ? agent.jobs : agent.batch).shift() ?? null
}

function wakeUp(agent: Agent): void {
  const { answer } = agent.asleep!
  agent.asleep = null
  agent.job = { note: answer, ops: agent.job!.ops }
}

/** Somebody is taken off a queue, with that answer. */
function wake({ agents }: State, { agent, ops }: Sleeper, answer: number): void {
  if (ops === null) agents[agent].asleep!.answer = answer
  else agents[agent].woken.push({ note: answer, ops })
}

/** A worker tells of its end: first of what it threw. */
function tellEnd(agent: Agent): void {
  if (agent.error === 'thrown') agent.error = 'told'
  else over(agent)
}

/** A worker has told of its end. */
function over(agent: Agent): void {
  agent.stage = 'over'
  agent.job = null
  agent.busy = false
  // Time does not pass for it any more.
  agent.timers = []
}

/** A worker is ended, wherever it is. */
function end(state: State, a: number): void {
  const agent = state.agents[a]
  over(agent)
  agent.code = agent.up ? 1 : 0
  agent.asleep = null
  for (const queue of state.queues) queue.splice(0, queue.length, ...queue.filter(({ agent }) => agent !== a))
}

/** One step of a task: a note, a statement, or the next job. */
function step(state: State, a: number): void {
  const agent = state.agents[a]
  const { job } = agent
  if (job === null || (job.note === null && job.ops.length === 0)) {
    next(agent, a)
    return
  }
  if (job.note !== null) {
    agent.notes.push(job.note)
    agent.job = { note: null, ops: job.ops }
    return
  }
  const [op, ...ops] = job.ops
  perform(state, a, op, ops)
}

function perform(state: State, a: number, op: Op, ops: readonly Op[]): void {
  const { words, queues, now } = state
  const agent = state.agents[a]
  agent.job = { note: null, ops }
  const noting = (note: number): void => void (agent.job = { note, ops })
  switch (op.is) {
    case 'load':
      noting(words[op.w])
      return
    case 'add':
      noting(words[op.w]++)
      return
    case 'notify': {
      const [first] = queues[op.w].splice(0, 1)
      if (first !== undefined) wake(state, first, 0)
      noting(first === undefined ? 0 : 1)
      return
    }
    case 'wait':
      if (words[op.w] !== op.value) {
        noting(2)
        return
      }
      queues[op.w].push({ agent: a, until: op.ms === undefined ? FOR_EVER : now + op.ms, ops: null })
      agent.asleep = { answer: -1 }
      return
    case 'await':
      if (words[op.w] === 0)
        queues[op.w].push({ agent: a, until: op.ms === undefined ? FOR_EVER : now + op.ms, ops: op.ops })
      return
    case 'post': {
      if (a > 0) state.agents[0].inbox[a - 1].push(++agent.sent)
      else if (!state.agents[op.to + 1].doomed) state.agents[op.to + 1].inbox[0].push(++agent.sent)
      return
    }
    case 'listen':
      agent.listens ??= op.ops
      return
    case 'terminate':
      state.agents[op.to + 1].doomed = true
      return
    case 'exit':
      agent.stage = 'ends'
      agent.code = CODE
      return
    case 'throw':
      agent.stage = 'ends'
      agent.code = 1
      agent.error = 'thrown'
      return
    case 'look':
      noting(agent.inbox[0].shift() ?? NOTHING)
      return
    case 'timer':
      agent.timers.push({ at: now + op.ms, job: { note: null, ops: op.ops } })
      agent.timers.sort((x, y) => x.at - y.at)
      return
    default:
      ;(op.is === 'microtask' ? agent.jobs : agent.immediates).push({ note: null, ops: op.ops })
  }
}

/** What comes when a job is through: the jobs, then the next callback of the task, or its end. */
function next(agent: Agent, a: number): void {
  if (agent.jobs.length > 0) agent.job = agent.jobs.shift()!
  else if (agent.batch.length > 0) agent.job = agent.batch.shift()!
  else {
    agent.job = null
    agent.busy = false
    const keeps = agent.timers.length > 0 || agent.immediates.length > 0 || agent.listens !== null
    if (a > 0 && !keeps) agent.stage = 'ends'
  }
}
