/**
 * A page as the first agent of a program: its module script is evaluated, and then it has tasks for ever.
 */

import { QUEUE_BYTES } from '../runtime/message-port.ts'
import { runtime } from '../runtime/runtime.ts'
import type { Native } from '../twins/native-table.ts'
import { currentAgent } from './agent.ts'
import { beginInBrowser, filesHere } from './agent-modules.ts'
import { tellError, tellRejection, uncaught } from './browser-errors.ts'
import { createScope } from './browser-scope.ts'
import { inBrowser, reporting } from './dedicated-worker.ts'
import { hooks } from './event-loop.ts'
import { ends } from './port.ts'
import { createPair } from './ports.ts'
import { keepPrints, print } from './prints.ts'
import { beginProgram, MAIN } from './program.ts'
import { twinned } from './promise.ts'

/** The thread that a page begins with, whose script is that file. */
export function pageThread(file: string): Native {
  return twinned(function* () {
    const agent = currentAgent()
    beginProgram()
    keepPrints()
    const url = filesHere(-1).url(file)
    const members = { reportError: reporting }
    const tell = (stream: 'stdout' | 'stderr', text: string): void => print(MAIN, stream, text)
    const self = createScope({ kind: 'page', url, name: '', print: tell, members })
    const at = hooks(-1).place(2 * QUEUE_BYTES)
    // It is listened to as a port is, and nobody has the other one of the pair.
    const [port] = createPair(self, at, {}, at + QUEUE_BYTES)
    port.agent = agent
    ends.add(self)
    const report = function* (error: unknown) {
      return (yield* tellError(-1, port, uncaught(error), true)).heard
    }
    agent.browser = inBrowser(agent, { isPage: true, self, url, report })
    agent.failing = {
      goesOn: true,
      thrown: report,
      *rejected(state) {
        state.agent.unheard.delete(state)
        return (yield* tellRejection(-1, port, state)).heard
      },
    }
    runtime.changes++
    yield* beginInBrowser(-1, { globals: {}, builtins: {}, instances: new Map(), scope: self }, file)
  }, 0)
}
