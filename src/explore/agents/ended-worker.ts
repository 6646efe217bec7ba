/**
 * Workers that are ended by the one who started them: `terminate()`.
 */

import { POST } from '../runtime/kinds.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import { refuse } from '../twins/refuse.ts'
import { currentAgent } from './agent.ts'
import { hooks } from './event-loop.ts'
import { known, type Port } from './port.ts'
import { put } from './ports.ts'
import { PARENT, type Worker, workersOf } from './worker.ts'

/**
 * `terminate()`: the worker ends at some moment from now on, which may come between any two of its steps. Where it only
 * waits and nobody else can reach it, it makes no difference when that is, and it ends at once.
 */
export function* terminated(site: number, worker: Worker): Twin<void> {
  const engine = hooks(site)
  const { agent, number } = worker
  worker.keeps = true
  if (worker.task !== undefined) engine.keep(worker.task, true)
  runtime.changes++
  const me = currentAgent()
  const isOurs = ({ closed, other }: Port): boolean => closed || other.agent === me || other.agent === agent
  if (
    agent === undefined ||
    agent.hearsAll ||
    !engine.isQuiet(number) ||
    !portsOf(worker).every((each) => isOurs(each))
  )
    engine.ends(number, `end of ${worker.name}`, site, () => cut(site, worker))
  else if (!worker.ended) {
    engine.end(number)
    yield* cut(site, worker)
  }
}

/** The ports that a worker has, or would have as soon as it asked for them. */
const portsOf = ({ agent, given }: Worker): Port[] => [
  ...(agent === undefined ? [] : ([...agent.ports] as Port[]).filter((each) => each.agent === agent)),
  ...given.map((each) => known.get(each)!).filter((each) => each.agent === undefined),
]

const PRINTS =
  'terminate() of a worker that prints: whether that is still printed is not explored; post it, and end the worker when it has come'

/** It has been ended, wherever it was, and will not tell so itself. */
function* cut(site: number, worker: Worker): Twin<void> {
  const { agent } = worker
  if (worker.told === 'code') return
  worker.ended = true
  if (agent !== undefined && workersOf(agent).length > 0) refuse(site, PARENT)
  if (hooks(site).hasPrintedLast(worker.number)) refuse(site, PRINTS)
  const { told } = worker
  worker.told = 'code'
  for (const port of portsOf(worker)) yield* lose(site, port, worker)
  worker.ends.length = told === 'error' ? 1 : 0
  worker.ends.push({ code: worker.up ? 1 : 0 })
  if (!runtime.op(POST, site, undefined, worker.end, worker.ends.length)) yield
}

/** A port of an agent that was ended: who has the other one hears of it, and so do those who wait for ports in it. */
function* lose(site: number, port: Port, worker: Worker): Twin<void> {
  if (port.closed) return
  port.closed = true
  for (const item of port.queue.slice(port.head))
    if ('ports' in item) for (const each of item.ports) yield* lose(site, known.get(each)!, worker)
  const { other } = port
  const isIts = other === worker.port || (worker.agent !== undefined && other.agent === worker.agent)
  if (!other.closed && !isIts) yield* put(site, other, { closes: true })
}
