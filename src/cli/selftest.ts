/**
 * `sk-storage selftest`: the kernel's tests of sk storage maps, on worker CPUs.
 *
 * Model: tools/testing/selftests/bpf/map_tests/sk_storage_map.c, commit 03ab8e6297ac.
 */

import { EXIT, exitHelp } from '../command/exit-status.ts'
import { duration, integer, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { table, withCommas } from '../command/table.ts'
import { bold, green, red, showProgress } from '../command/terminal.ts'
import { UsageError } from '../command/usage-error.ts'
import { either, quote } from '../command/words.ts'
import { MAX_CPUS } from '../shared/layout.ts'
import { MachineFailure } from '../workers/failure.ts'
import type { Machine } from '../workers/machine.ts'
import { createRendezvous } from '../workers/workloads/rendezvous.ts'
import type { SelftestArgs, SelftestReport } from '../workers/workloads/selftest-report.ts'
import { dieOfInterrupt, type Interrupt, Interrupted, listenForInterrupt } from './interrupt.ts'
import { bootFor, fdsFor } from './machine-boot.ts'

const TESTS = ['basic', 'stress_free', 'stress_change'] as const
type TestName = (typeof TESTS)[number]

/** Sockets of all threads together, at most. */
const MAX_SOCKETS = 1_000_000

const FLAGS = {
  threads: integer('threads of the stress tests', 4, 1, MAX_CPUS - 3),
  sockets: integer('sockets of each thread in stress_free', 4096, 1, MAX_SOCKETS),
  seconds: duration('seconds', 'how long each stress test runs', 5),
  seed: integer('where all random choices begin', 1, 0, 0xffff_ffff),
  json: toggle('print JSON Lines, one for each test'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage selftest [TEST] [FLAGS]

Runs the kernel's tests of sk storage maps, or one of them, each on a machine of its own.

Tests:
  basic          one socket, one map, every flag of update, and the maps that must be refused
  stress_free    the map is freed while threads close its sockets
  stress_change  threads update and delete the element of one socket

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'all passed', finding: 'one did not pass', interrupted: true })}
`

/** Bytes that one socket of stress_free takes, dead ones that wait for their grace period included. */
const BYTES_PER_SOCKET = 2048

/** What came of one test. */
interface Outcome {
  readonly name: TestName
  readonly rounds: number
  readonly seconds: number
  readonly wrong: readonly string[]
  /** True if Ctrl-C left no time to come to rest. */
  readonly cutShort: boolean
}

export default async function selftest(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, 1, 'one test')
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const name = TESTS.find((test) => test === words[0])
  if (words.length > 0 && name === undefined) {
    throw new UsageError(`got the unknown test ${quote(words[0])}, expected ${either(TESTS)}`)
  }
  const { threads, sockets } = values
  if (threads * sockets > MAX_SOCKETS) {
    throw new UsageError(
      `--sockets: got ${sockets} for each of ${threads} threads, expected at most ${MAX_SOCKETS} in all`,
    )
  }
  const interrupt = listenForInterrupt()
  const outcomes: Outcome[] = []
  for (const test of name === undefined ? TESTS : [name]) {
    if (interrupt.asked) break
    const endProgress = showProgress(() => `selftest: ${test}`)
    const outcome = await runTest(test, values, interrupt)
    endProgress()
    outcomes.push(outcome)
    if (values.json) process.stdout.write(`${JSON.stringify(jsonOf(outcome))}\n`)
  }
  interrupt.end()
  if (!values.json) process.stdout.write(textOf(outcomes))
  if (outcomes.some(({ wrong }) => wrong.length > 0)) return EXIT.finding
  if (outcomes.some(({ cutShort }) => cutShort)) dieOfInterrupt()
  return interrupt.asked ? EXIT.interrupted : EXIT.clean
}

/** Boots a machine for one test, runs it, checks and shuts down. */
async function runTest(
  name: TestName,
  { threads, sockets, seconds, seed }: { threads: number; sockets: number; seconds: number; seed: number },
  interrupt: Interrupt,
): Promise<Outcome> {
  // In stress_free one more CPU does what the kernel's main thread does.
  const cpus = name === 'basic' ? 1 : name === 'stress_free' ? threads + 1 : threads
  const objects = name === 'stress_free' ? threads * sockets : 0
  const memory = Math.max(64 << 20, objects * BYTES_PER_SOCKET)
  const args: SelftestArgs = { words: createRendezvous(), milliseconds: seconds * 1000, sockets }
  const begin = performance.now()
  const wrong: string[] = []
  let rounds = 0
  let cutShort = false
  let machine: Machine | undefined
  try {
    const booted = await Promise.race([bootFor({ cpus, memory, seed, maxFds: fdsFor(objects) }), interrupt.late])
    machine = booted
    interrupt.onAsked = () => booted.stop()
    const url = new URL(`../workers/workloads/selftest-${name.replace('_', '-')}.js`, import.meta.url)
    const reports = (await Promise.race([booted.call(url, args), interrupt.late])) as SelftestReport[]
    for (const report of reports) {
      rounds += report.rounds
      wrong.push(...report.wrong)
    }
    wrong.push(...(await Promise.race([comeToRest(booted), interrupt.late])))
  } catch (error) {
    if (error instanceof MachineFailure) wrong.push(error.message)
    else if (!(error instanceof Interrupted)) throw error
    cutShort = error instanceof Interrupted
  } finally {
    if (!cutShort) await machine?.destroy()
  }
  return { name, rounds, seconds: (performance.now() - begin) / 1000, wrong, cutShort }
}

async function comeToRest(machine: Machine): Promise<string[]> {
  await machine.settle()
  const wrong = machine.check()
  await machine.shutdown()
  return wrong
}

function jsonOf({ name, rounds, wrong, cutShort }: Outcome): object {
  const passed = wrong.length === 0 && !cutShort
  return { schema: 1, event: 'selftest', name, rounds, passed, ...(wrong.length === 0 ? {} : { wrong }) }
}

function textOf(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return ''
  const [heading, ...rows] = table([
    ['test', 'rounds', 'seconds', 'result'],
    ...outcomes.map((outcome) => [
      outcome.name,
      withCommas(outcome.rounds),
      outcome.seconds.toFixed(1),
      outcome.wrong.length > 0 ? 'FAILED' : outcome.cutShort ? 'cut short' : 'passed',
    ]),
  ])
  const failed = outcomes.filter(({ wrong }) => wrong.length > 0)
  const sentences = failed.flatMap(({ name, wrong }) => wrong.map((sentence) => red(`${name}: ${sentence}`)))
  const passed = outcomes.filter(({ wrong, cutShort }) => wrong.length === 0 && !cutShort)
  const verdict =
    failed.length === 0 ? green(`${passed.length} passed`) : red(`${failed.length} of ${outcomes.length} failed`)
  return `${[bold(heading), ...rows, ...sentences, verdict].join('\n')}\n`
}
