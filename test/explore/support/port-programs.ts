/**
 * Random programs of threads that post messages to each other, as text to explore and as they stand for a plain search
 * over all states, which shares nothing with the engine: neither who can go on nor which orders are the same.
 *
 * Each two agents have a channel; a port is told by the agent that has it and the one at its other end.
 */

import { endsOfStates } from './states.ts'

export type Op =
  | { is: 'load' | 'add'; w: number }
  /** Posts the next number of this agent; looks for a message, and takes it. */
  | { is: 'post' | 'receive'; to: number }
  /** From now on these are done for each message of that port, which are noted before. */
  | { is: 'listen'; to: number; ops: Op[] }
  /** Nobody listens to that port any more. */
  | { is: 'off'; to: number }
  /** Closes the port; a listener notes the end of the other one's. */
  | { is: 'close'; to: number }
  | { is: 'microtask' | 'immediate'; ops: Op[] }

export const PORT_WORDS = 2
/** Words of each agent's own, in which it notes what it finds. */
export const PORT_NOTES = 120
/** What is noted of the end of a channel. */
const ENDED = 77

export function randomPorts(random: (below: number) => number): Op[][] {
  const agents = 2 + (random(3) === 0 ? 1 : 0)
  return Array.from({ length: agents }, (_, self) => {
    const to = () => (self + 1 + random(agents - 1)) % agents
    const ops = (most: number, depth: number): Op[] => Array.from({ length: 1 + random(most) }, () => one(depth))
    const one = (depth: number): Op => {
      const kind = random(depth === 0 ? 16 : 8)
      if (kind < 2) return { is: 'load', w: random(PORT_WORDS) }
      if (kind < 4) return { is: 'add', w: random(PORT_WORDS) }
      if (kind < 7) return { is: 'post', to: to() }
      if (kind < 8) return { is: 'receive', to: to() }
      if (kind < 12) return { is: 'listen', to: to(), ops: ops(2, 1) }
      if (kind < 13) return { is: 'off', to: to() }
      if (kind < 14) return { is: 'close', to: to() }
      return { is: kind < 15 ? 'microtask' : 'immediate', ops: ops(1, 1) }
    }
    return [...ops(agents === 2 ? 4 : 2, 0), ...ops(agents === 2 ? 4 : 3, 0)]
  })
}

const nameOf = (self: number, to: number): string => `p${self}${to}`

/** What `setup` makes, and the threads, as JavaScript. */
export function portsText(program: readonly (readonly Op[])[]): string {
  const agents = program.length
  const pairs = program.flatMap((_, a) => program.map((__, b) => [a, b])).filter(([a, b]) => a < b)
  const made = pairs.map(([a, b]) => `const c${a}${b} = new MessageChannel()`).join('\n  ')
  const given = pairs.map(([a, b]) => `${nameOf(a, b)}: c${a}${b}.port1, ${nameOf(b, a)}: c${a}${b}.port2`).join(', ')
  const words = PORT_WORDS + agents * PORT_NOTES
  const threads = program.map((ops, t) => {
    const body = (its: readonly Op[]): string => its.map(statement).join('; ')
    const statement = (op: Op): string => {
      switch (op.is) {
        case 'load':
          return `note(Atomics.load(w, ${op.w}))`
        case 'add':
          return `note(Atomics.add(w, ${op.w}, 1))`
        case 'post':
          return `${nameOf(t, op.to)}.postMessage(++sent)`
        case 'receive':
          return `note(receiveMessageOnPort(${nameOf(t, op.to)})?.message ?? -1)`
        case 'off':
          return `${nameOf(t, op.to)}.removeAllListeners('message')`
        case 'close':
          return `${nameOf(t, op.to)}.close()`
        case 'listen':
          return `${nameOf(t, op.to)}.on('message', (m) => { note(m); ${body(op.ops)} })`
        default:
          return `${op.is === 'microtask' ? 'queueMicrotask' : 'setImmediate'}(() => { ${body(op.ops)} })`
      }
    }
    const ports = program.flatMap((_, to) => (to === t ? [] : [nameOf(t, to)])).join(', ')
    return `({ w, ${ports} }) => {
  let n = ${PORT_WORDS + t * PORT_NOTES}, sent = ${10 * (t + 1)}
  const note = (v) => { w[n++] = v + 2 }
  ${program.flatMap((_, to) => (to === t ? [] : [`${nameOf(t, to)}.on('close', () => note(${ENDED}))`])).join('; ')}
  ${body(ops)}
}`
  })
  return `import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
export const setup = () => {
  ${made}
  return { w: new Int32Array(new SharedArrayBuffer(${4 * words})), ${given} }
}
export const threads = [${threads.join(',\n')}]`
}

interface Inbox {
  /** Messages; 0 is the end of the channel. */
  queue: number[]
  receives: boolean
  closed: boolean
  listeners: (readonly Op[])[]
  /** A task is on its way that tells of the end. */
  ends: boolean
}

interface Agent {
  /** What is left of the function that runs, and those of the same task that come after it. */
  job: Op[] | null
  busy: boolean
  jobs: Op[][]
  /** Listeners of the message that is told, which come one after the other, without jobs in between. */
  batch: { message: number; ops: readonly Op[]; to: number }[]
  /** Callbacks of `setImmediate`, and those of them that the task that runs has still to do. */
  immediates: Op[][]
  due: Op[][]
  sent: number
  notes: number[]
  /** By the agent at the other end. */
  ports: Inbox[]
}

interface State {
  words: number[]
  agents: Agent[]
}

/** All that a program can come to, as the explorer tells it; undefined if it has more states than that. */
export function portsSearch(program: readonly (readonly Op[])[], limit: number): ReadonlySet<string> | undefined {
  const inbox = (): Inbox => ({ queue: [], receives: false, closed: false, listeners: [], ends: false })
  const first: State = {
    words: new Array<number>(PORT_WORDS).fill(0),
    agents: program.map((ops, t) => ({
      job: [...ops],
      busy: true,
      jobs: [],
      batch: [],
      immediates: [],
      due: [],
      sent: 10 * (t + 1),
      notes: [],
      ports: program.map(inbox),
    })),
  }
  return endsOfStates(first, successors, told, limit)
}

const told = ({ words, agents }: State): string =>
  [
    ...words,
    ...agents.flatMap(({ notes }) => Array.from({ length: PORT_NOTES }, (_, at) => (notes[at] ?? -2) + 2)),
  ].join()

function successors(state: State): State[] {
  const nexts: State[] = []
  const take = (change: (copy: State) => void) => {
    const copy = structuredClone(state)
    change(copy)
    nexts.push(copy)
  }
  for (const [a, agent] of state.agents.entries()) {
    if (agent.busy) {
      take((copy) => step(copy, a))
      continue
    }
    if (agent.immediates.length > 0)
      take(({ agents }) => {
        agents[a].busy = true
        agents[a].due = agents[a].immediates.splice(0)
      })
    for (const [to, port] of agent.ports.entries()) {
      if (port.ends) take(({ agents }) => tellEnd(agents[a], to))
      if (port.closed || port.queue.length === 0) continue
      if (port.queue[0] === 0) take(({ agents }) => end(agents[a].ports[to]))
      else if (port.receives)
        take(({ agents }) => {
          const its = agents[a].ports[to]
          const message = its.queue.shift()!
          agents[a].busy = true
          agents[a].batch = its.listeners.map((ops) => ({ message, ops, to }))
        })
    }
  }
  return nexts
}

function end(port: Inbox): void {
  port.closed = true
  port.ends = true
}

function tellEnd(agent: Agent, to: number): void {
  agent.ports[to].ends = false
  agent.notes.push(ENDED)
}

/** One step of a task: an operation, or the next function of it. */
function step(state: State, a: number): void {
  const agent = state.agents[a]
  if (agent.job === null || agent.job.length === 0) {
    next(agent)
    return
  }
  const op = agent.job.shift()!
  switch (op.is) {
    case 'load':
      agent.notes.push(state.words[op.w])
      return
    case 'add':
      agent.notes.push(state.words[op.w]++)
      return
    case 'post': {
      const { closed } = agent.ports[op.to]
      agent.sent++
      if (!closed) state.agents[op.to].ports[a].queue.push(agent.sent)
      return
    }
    case 'receive': {
      const port = agent.ports[op.to]
      if (port.closed || port.queue.length === 0) agent.notes.push(-1)
      else if (port.queue[0] === 0) {
        end(port)
        agent.notes.push(-1)
      } else agent.notes.push(port.queue.shift()!)
      return
    }
    case 'listen':
      agent.ports[op.to].listeners.push(op.ops)
      if (agent.ports[op.to].listeners.length === 1) agent.ports[op.to].receives = true
      return
    case 'off':
      agent.ports[op.to].receives &&= agent.ports[op.to].listeners.length === 0
      agent.ports[op.to].listeners = []
      agent.batch = agent.batch.filter(({ to }) => to !== op.to)
      return
    case 'close':
      if (agent.ports[op.to].closed) return
      end(agent.ports[op.to])
      state.agents[op.to].ports[a].queue.push(0)
      return
    default:
      ;(op.is === 'microtask' ? agent.jobs : agent.immediates).push([...op.ops])
  }
}

/** What comes when a function is through: the next listener, then the jobs, then the next callback, then the end. */
function next(agent: Agent): void {
  agent.job = null
  const told = agent.batch.shift()
  if (told !== undefined) {
    agent.notes.push(told.message)
    agent.job = [...told.ops]
  } else if (agent.jobs.length > 0) agent.job = agent.jobs.shift()!
  else if (agent.due.length > 0) agent.job = agent.due.shift()!
  else agent.busy = false
}
