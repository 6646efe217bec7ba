/**
 * Agents: threads of the program, each with the helper threads that run its tasks.
 *
 * A task is run by a helper thread of its own, which first waits for what it is about and then takes the agent as one
 * takes a lock: so all orders are explored in which tasks of one agent may come, and tasks of one agent never run
 * beside each other.
 */
import type { AgentHooks } from '../runtime/engine.ts'
import { ARRIVES, DUE, ENDS, TIMED } from '../runtime/kinds.ts'
import { start } from './execution.ts'
import { locksOf } from './held-locks.ts'
import { baseOfMade, place, shapeOf, TIMERS } from './memory.ts'
import { isDue } from './pending.ts'
import { allPrintedBefore, endAgent, hasPrintedLast, isQuiet, latestOf } from './quiet.ts'
import { type Execution, nameOfThread, type Position } from './state.ts'
import { agentOf, awaitsNotify, createTask, createWorker, isIdle, mayHear, nameTask, waiting } from './tasks.ts'
import { DONE } from './thread-status.ts'

/** The word that the tasks of an agent lock. */
function lockOf(x: Execution, agent: number): Int32Array {
  const known = x.agents.locks[agent]
  if (known !== undefined) return known
  const lock = new Int32Array(new SharedArrayBuffer(4))
  x.agents.locks[agent] = lock
  x.primitives.locks.hidden.add(shapeOf(x.memory, lock)!.base)
  return lock
}

/** The address that stands for what is known by that name, or made by setup. */
export function placeOf({ agents, memory }: Execution, key: string | object, bytes: number): number {
  let at = agents.places.get(key)
  if (at === undefined) agents.places.set(key, (at = place(memory, bytes)))
  return at
}

/**
 * An agent has ended, and keeps itself: none of its tasks takes it any more. They still come, and wait for it in vain,
 * so that the search sees that they might have had it before. Time does not pass for them.
 */
function leave(x: Execution, agent: number): void {
  const { status }: Position = x.position
  x.agents.left.add(agent)
  for (const t of waiting(x, agent)) if (x.position.pending[t].kind === DUE && !isDue(x, t)) status[t] = DONE
}

/** Answers to what twins ask of agents. */
export function agentsOf(x: Execution): AgentHooks {
  const { agents, primitives, position, program } = x
  const current = () => agentOf(x, position.current)
  return {
    current,
    name: (agent) => nameOfThread(x, agent),
    lock: () => lockOf(x, current()),
    now: () => (program.timeouts === true ? (primitives.slept[current()] ?? 0) : primitives.now),
    runsOut(deadline, keeps) {
      if (program.timeouts !== true) return true
      if (!keeps && !agents.unsettled.has(current()) && isIdle(x, current())) return false
      primitives.slept[current()] = Math.max(this.now(), deadline)
      return true
    },
    task(what, site, body, deadline) {
      const helper = createTask(x, what, site, body)
      if (deadline === undefined) start(x, helper)
      else {
        const at = TIMERS + 4 * helper
        const kind = program.timeouts === true ? TIMED : DUE
        Object.assign(position.pending[helper], { kind, start: at, end: at + 4, a: { late: true, deadline }, b: 0 })
        primitives.deadlines[helper] = deadline
        agents.keeps[helper] = true
        if (program.timeouts === 'idle') x.totals.slept = true
      }
      return helper
    },
    worker(name, body) {
      const helper = createWorker(x, name, body)
      start(x, helper)
      return helper
    },
    isIdle: () => isIdle(x, current()),
    awaitsNotify: () => awaitsNotify(x, current()),
    leave: () => leave(x, current()),
    isQuiet: (agent) => isQuiet(x, agent),
    mayHear: (except) => mayHear(x, current(), except),
    hasPrintedLast: (agent) => hasPrintedLast(x, agent),
    end: (agent) => endAgent(x, agent),
    ends(agent, what, site, body) {
      const helper = createTask(x, what, site, body)
      agents.keeps[helper] = true
      Object.assign(position.pending[helper], { kind: ENDS, start: 0, end: 0, a: { agent, threads: [] }, b: 0 })
    },
    over() {
      agents.over = true
      return allPrintedBefore(x)
    },
    isOver: () => agents.over,
    printed() {
      agents.printed[position.current] = latestOf(x, position.current)
    },
    stop() {
      const running: Position = position
      running.status[position.current] = DONE
    },
    rearm(helper, deadline, keeps) {
      agents.keeps[helper] = keeps
      // It may come at any moment, and may be waiting for its agent already.
      if (program.timeouts === true) return
      primitives.deadlines[helper] = deadline
      position.pending[helper].a = { late: true, deadline }
    },
    receiver(what, site, body, address, posted, keeps) {
      const helper = createTask(x, what, site, body)
      agents.keeps[helper] = keeps
      agents.hears[helper] = true
      Object.assign(position.pending[helper], { kind: ARRIVES, start: address, end: address + 4, a: posted, b: 0 })
      return helper
    },
    keep(helper, keeps) {
      agents.keeps[helper] = keeps
    },
    rename: (helper, what, site) => nameTask(x, helper, what, site),
    place(bytes) {
      const thread = position.current
      const turn = x.memory.made[thread] ?? 0
      x.memory.made[thread] = turn + 1
      return baseOfMade(x.memory, thread, turn, bytes)
    },
    call(address, bytes, what) {
      agents.called.set(address, { what, bytes })
    },
    placeOf: (name, bytes) => placeOf(x, name, bytes),
    placeOfMade: (port) => agents.places.get(port),
    posted: (address, messages) => primitives.posted.set(address, messages),
    holds: () => primitives.nesting[position.current] > 0 || locksOf(primitives.locks, position.current).length > 0,
    settle(value) {
      const agent = current()
      position.results[agent] = value
      agents.unsettled.delete(agent)
    },
    began() {
      agents.latestJob = position.step
      agents.jobs[position.current] = undefined
    },
    comes(what, site) {
      agents.jobs[position.current] = what === undefined ? undefined : [what, site]
    },
    unsettled: (site) => agents.unsettled.set(current(), site),
  }
}
