/**
 * `sk-storage run`: boots a machine, lets its CPUs loose on sockets and maps, and reports.
 */

import { availableParallelism } from 'node:os'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { duration, integer, oneOf, size, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { compact } from '../command/table.ts'
import { showProgress } from '../command/terminal.ts'
import { MAX_CPUS } from '../shared/layout.ts'
import type { Machine } from '../workers/machine.ts'
import { dieOfInterrupt, Interrupted, listenForInterrupt } from './interrupt.ts'
import { bootFor, fdsFor } from './machine-boot.ts'
import { drive, emptyResult, endedBy, type RunResult } from './run-drive.ts'
import { isClean, jsonReport, type RunSettings, settingsLine, textReport } from './run-report.ts'
import { socket } from './socket-path.ts'
import { prepareWorkload, readCounts, WORKLOADS } from './workload.ts'

const MEMORY = 64 << 20

const FLAGS = {
  cpus: integer('worker threads that act as CPUs', Math.max(2, Math.min(4, availableParallelism())), 1, MAX_CPUS - 2),
  sockets: integer('sockets open at a time', 1024, 1, 60_000),
  maps: integer('maps open at a time', 8, 1, 1000),
  seconds: duration('seconds', 'how long the CPUs work', 5),
  memory: size('the shared memory', MEMORY, '64MiB'),
  seed: integer('where all random choices begin', 1, 0, 0xffff_ffff),
  workload: oneOf('what the CPUs do', WORKLOADS),
  sanitize: toggle('watch every access: redzones, poison, quarantine (several times slower)'),
  stats: toggle('time each run of the program, like kernel.bpf_stats_enabled (egress; slower)'),
  latency: toggle('time each operation, and tell percentiles up to p99.99 (churn and clone; slower)'),
  listen: socket('answer dump requests on a Unix socket made here'),
  json: toggle('print JSON Lines; the last is the summary'),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage run [FLAGS]

Boots a machine whose CPUs are worker threads and runs a workload on it, in phases of a second; after each
all CPUs come to rest and every invariant is checked. Reports operations, errors, leaks and violations.

Workloads:
  churn   get, create, update, delete, clone and iterate while sockets and maps come and go
  egress  a program counts the packets of each socket
  clone   connections are accepted while listeners, elements and maps come and go

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: true, finding: true, interrupted: true })}
`

export default async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseFlags(argv, FLAGS)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const { cpus, sockets, maps, memory, seed, sanitize, workload: name } = values
  const settings: RunSettings = { workload: name, cpus, sockets, maps, memory, seed, sanitize }
  const print = (objects: readonly object[]) => {
    for (const object of objects) process.stdout.write(`${JSON.stringify(object)}\n`)
  }

  const interrupt = listenForInterrupt()
  const result = emptyResult(cpus)
  let machine: Machine | undefined
  let endProgress = showProgress(() => `starting ${cpus} CPUs`)
  let stopListening = async () => {}
  try {
    try {
      const booted = bootFor({ cpus, memory, seed, sanitize, maxFds: fdsFor(sockets + maps) })
      // A machine that is still starting has nothing to come to rest: no need for patience.
      const asked = new Promise<never>((_, reject) => {
        interrupt.onAsked = () => reject(new Interrupted('interrupted'))
      })
      machine = await Promise.race([booted, asked])
      const workload = prepareWorkload(name, machine, sockets, maps, values)
      result.socketsMade = sockets
      result.mapsMade = maps
      if (values.listen !== undefined) {
        const { listen } = await import('./listen.ts')
        stopListening = await listen(values.listen, machine)
      }
      if (values.json) print([{ schema: 1, event: 'start', ...settings }])
      endProgress()
      endProgress = showProgress(progressLine(machine, settings, result))
      await drive(machine, workload, values.seconds, interrupt, result, () => {
        if (values.json) print([{ schema: 1, event: 'phase', phase: result.phases, violations: result.violations }])
      })
    } catch (error) {
      endedBy(result, error)
    }
    endProgress()
    if (values.json) print(jsonReport(settings, result))
    else process.stdout.write(textReport(settings, result))
    const status = !isClean(result) ? EXIT.finding : interrupt.asked ? EXIT.interrupted : EXIT.clean
    // Threads that did not come to rest in time would take theirs to end, too.
    if (result.cutShort && status === EXIT.interrupted) dieOfInterrupt()
    return status
  } finally {
    endProgress()
    interrupt.end()
    await stopListening()
    await machine?.destroy()
  }
}

/** '3 s  churn: 4 CPUs, ...  1.23 M operations/s', with the rate since the line before. */
function progressLine(machine: Machine, settings: RunSettings, result: RunResult): () => string {
  const begin = performance.now()
  let then = begin
  let before = 0
  return () => {
    const now = performance.now()
    let all = 0
    for (let cpu = 0; cpu < machine.cpus; cpu++) for (const n of readCounts(machine, cpu)) all += n >>> 0
    const rate = ((all - before) / (now - then)) * 1000
    then = now
    before = all
    const wrong = result.violations === 0 ? '' : `  ${result.violations} violations`
    return `${((now - begin) / 1000).toFixed(1)} s  ${settingsLine(settings)}  ${compact(Math.max(0, rate))} ops/s${wrong}`
  }
}
