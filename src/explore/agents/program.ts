/**
 * A whole program: its main file is the first agent, evaluated as it stands, and ends as Node ends it.
 */

import { runtime } from '../runtime/runtime.ts'
import type { Twin } from '../runtime/twin.ts'
import type { Native } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { type Agent, currentAgent, drain } from './agent.ts'
import { modulesOf } from './agent-builtins.ts'
import { beginWith } from './agent-modules.ts'
import { hooks } from './event-loop.ts'
import { failingOf } from './failing.ts'
import { emit } from './native-events.ts'
import { keepPrints, print, printsKept, TOLD } from './prints.ts'
import { twinned } from './promise.ts'
import { endsNow } from './worker.ts'

/** What the main agent is called. */
export const MAIN = 'main'

interface Main {
  process: { exitCode?: unknown; readonly env: Readonly<Record<string, string | undefined>> }
  ended: boolean
}

let latest: Main = { process: { env: {} }, ended: false }

/** A program begins of which the main agent has no end and no exit code of its own. */
export function beginProgram(): void {
  latest = { process: { env: {} }, ended: false }
}

/** The thread that a program begins with. */
export function programThread(file: string, argv: readonly string[]): Native {
  return twinned(function* () {
    const agent = currentAgent()
    const main: Main = { process: { env: {} }, ended: false }
    latest = main
    keepPrints()
    const { process: host } = globalThis as unknown as { process: NodeJS.Process }
    const modules = modulesOf(
      {
        ...{ argv: [host.argv[0], file, ...argv], execArgv: [], env: host.env },
        exit: (code) => exit(main, code),
        print: (stream, text) => print(MAIN, stream, text),
      },
      { isMainThread: true, threadId: 0, parentPort: null, workerData: null },
    )
    main.process = agent.process = modules.globals.process as Main['process']
    agent.failing = failingOf(-1, main.process)
    agent.life = (work) => within(agent, main, work)
    yield* beginWith(-1, modules, file)
  }, 0)
}

/** What each agent printed, and the exit code if it says that something is wrong. */
export function programOutcome(): Record<string, unknown> {
  const code = Number(latest.process.exitCode ?? 0)
  // In the same order, whoever printed first.
  const all = [...printsKept()].sort(([a], [b]) => (a === MAIN || (b !== MAIN && a < b) ? -1 : 1))
  return { ...Object.fromEntries(all), ...(code !== 0 && { 'exit code': code }) }
}

/** A task of the main agent: that nothing is left to do is the end of the program. */
function* within(agent: Agent, main: Main, work: Twin<void>): Twin<void> {
  yield* work
  const engine = hooks(-1)
  if (!endsNow(-1)) return
  yield* tell(main, 'beforeExit')
  yield* drain(agent)
  if (!engine.isIdle()) return
  yield* hearExit(main)
  yield* end(main)
}

function* tell({ process }: Main, event: string): Twin {
  return yield* emit(-1, (process as { emit?: () => void }).emit!, process, [event, Number(process.exitCode ?? 0)])
}

/** The program ends in the task that its main agent is in, which keeps itself. */
function* end(main: Main): Twin<never> {
  // A listener for `exit` may end it as well: none is called after that.
  if (!main.ended) yield* hearExit(main)
  const engine = hooks(-1)
  engine.leave()
  engine.settle(undefined)
  if (!engine.over()) refuse(-1, TOLD)
  runtime.changes++
  engine.stop()
  for (;;) yield
}

function* hearExit(main: Main): Twin<void> {
  main.ended = true
  yield* tell(main, 'exit')
}

/** `process.exit(code)` */
function* exit(main: Main, code: unknown): Twin {
  if (code !== undefined) main.process.exitCode = code
  return yield* end(main)
}
