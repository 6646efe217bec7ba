/**
 * What an agent has for itself of `process` and `console`: its arguments and environment, its end, what it prints.
 */

import { isSharedMemory } from '../runtime/shared-view.ts'
import type { Twin } from '../runtime/twin.ts'
import { within } from '../twins/kept-functions.ts'
import { reads } from '../twins/native-events.ts'
import { ofThreads } from '../twins/native-table.ts'
import { refuse } from '../twins/refuse.ts'
import { carriesShared } from '../twins/strangers.ts'
import { atOnce, twinned } from './promise.ts'

/** What an agent is to its own code. */
export interface Self {
  readonly argv: readonly string[]
  readonly execArgv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** `process.exit(code)` */
  exit(code: unknown): Twin
  /** It has printed that, whole lines or parts of them. */
  print(stream: 'stdout' | 'stderr', text: string): void
}

type Members = Record<PropertyKey, unknown>

const { process: host } = globalThis as unknown as { process: NodeJS.Process & Members }

/** Events of a process that the agent itself tells, and those that nobody tells in an exploration. */
const HEARD = /^(exit|beforeExit|uncaughtException|unhandledRejection|warning|disconnect|SIG[A-Z0-9]+)$/

/** A method of that process, which Node's own `once` calls as well. */
const listeningTo = (name: string, process: () => object) =>
  twinned(
    atOnce((...args: unknown[]) => {
      const [event] = args
      if (!HEARD.test(String(event))) refuse(-1, `process.${name}('${String(event)}') in a worker is not explored`)
      return Reflect.apply(host[name] as () => unknown, process(), args)
    }),
  )

/** `process` as that agent has it. */
export function processOf(self: Self): object {
  const stream = (name: 'stdout' | 'stderr', fd: number): object => ({
    ...{ fd, isTTY: false, writable: true },
    write: twinned(function* (...args) {
      yield* shown(args)
      self.print(name, String(args[0]))
      return true
    }),
  })
  const own: Members = {
    argv: [...self.argv],
    execArgv: [...self.execArgv],
    env: { ...self.env },
    exitCode: undefined,
    exit: twinned((code) => self.exit(code)),
    abort: twinned(atOnce(() => refuse(-1, 'process.abort in a worker is not explored; expected process.exit'))),
    stdout: stream('stdout', 1),
    stderr: stream('stderr', 2),
    // Its listeners are its own.
    ...{ _events: Object.create(null) as object, _eventsCount: 0 },
  }
  for (const name of ['on', 'once', 'addListener', 'prependListener']) own[name] = listeningTo(name, () => object)
  const object = Object.create(
    host,
    Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        { value, writable: true, enumerable: true, configurable: true },
      ]),
    ),
  ) as object
  return object
}

/** Announces that the elements of shared views are read; what hides one is refused. */
function* shown(values: readonly unknown[]): Twin<void> {
  if (within(values).some((each) => ofThreads.has(each)))
    refuse(
      -1,
      'a promise is printed, of which the explorer can not tell by its text what became of it; print its value',
    )
  for (const each of values) {
    if (isSharedMemory(each)) yield* reads(-1, each)
    else if (carriesShared([each]))
      refuse(-1, 'what holds shared memory is printed, which reads its elements unseen; print the elements')
  }
}

const TELLING = 'log info debug error warn dir dirxml trace table group groupCollapsed groupEnd assert count countReset'

/** `console` as that agent has it. */
export function consoleOf(self: Self): object {
  const { Console } = host.getBuiltinModule('node:console') as unknown as { Console: new (options: object) => Members }
  const to = (stream: 'stdout' | 'stderr'): object => {
    const nothing = (): void => {}
    const write = (text: string): void => self.print(stream, text)
    return { write, on: nothing, once: nothing, removeListener: nothing, listenerCount: () => 0 }
  }
  const its = new Console({ stdout: to('stdout'), stderr: to('stderr'), colorMode: false })
  const own: Members = {}
  for (const name of TELLING.split(' '))
    own[name] = twinned(function* (...args) {
      yield* shown(args)
      Reflect.apply(its[name] as () => unknown, its, args)
    })
  for (const name of ['time', 'timeEnd', 'timeLog'])
    own[name] = twinned(atOnce(() => refuse(-1, `console.${name} prints what a clock tells; expected console.log`)))
  return own
}
