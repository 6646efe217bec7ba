/**
 * `sk-storage work`: works at searches that `explore --queue` has put on a server, on any number of machines.
 */

import { EXIT, exitHelp } from '../command/exit-status.ts'
import { duration, integer, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags, type Values } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { connect, queueAddress, type Server } from '../command/queue-client.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { packageNames, packagesOf } from './explore-flags.ts'
import type { Plan } from './explore-plan.ts'
import { listenForInterrupt } from './interrupt.ts'
import { asExact, isSample } from './queue-sample.ts'
import { type Seat, startSeat } from './queue-seat.ts'
import { createStore, type Search, type Store } from './queue-store.ts'
import { workAt } from './queue-work.ts'
import { scenarioFiles } from './scenario-files.ts'
import { type Found, listThoseThatLoad } from './scenario-listing.ts'

const FLAGS = {
  queue: queueAddress('the server, with user and password if it asks for them'),
  jobs: integer('roots to explore at the same time', 1, 1, 64),
  slice: duration('seconds', 'commit a root after so long, as far as it is: what is lost with this process', 10),
  stalled: duration('seconds', 'without a sign of life, after which others take its roots', 30),
  waiting: integer('roots that may wait in the queue; the rest stays in workers', 32, 1, 100_000),
  patience: duration('seconds', 'give up code that computes for so long without a visible step', 30),
  raw: toggle('as explore was told'),
  packages: packageNames('as explore was told'),
  help: toggle('print this'),
}

const HELP = `Usage: ${called} work --queue redis://HOST FILE... [FLAGS]

Works at the searches that ${called} explore --queue has put on a server, one after the other, until Ctrl-C: those of
scenarios in these files, if their code is the same here. Folders and patterns are taken as explore takes them. The
queue has names of scenarios, fingerprints and schedules; code comes from these files alone. The packages bullmq and
ioredis have to be installed.

A root of a search is explored for --slice seconds at most, and then committed in one step: its counts, what is left of
it, and what it gave away because fewer than --waiting roots waited. Whoever is killed loses what it has not committed;
another does that again after --stalled seconds, and nothing counts twice. Ctrl-C commits first. A sample is there in
blocks of executions from the beginning; what Ctrl-C ends of one is drawn again.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'after Ctrl-C', failed: true })}
`

/** Milliseconds between two looks for a search. */
const LOOK = 500

type Given = Values<typeof FLAGS>

export default async function work(argv: readonly string[]): Promise<number> {
  const { values, words } = parseFlags(argv, FLAGS, Number.POSITIVE_INFINITY)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  const { queue } = values
  if (queue === undefined) throw new UsageError('got no --queue, expected --queue redis://HOST')
  if (words.length === 0) throw new UsageError('got no file, expected those with the scenarios to work at')
  const { raw, packages, patience } = values
  const how = { raw, packages: packagesOf(packages) }
  const { found } = await listThoseThatLoad(scenarioFiles(words), { command: `${called} work`, how, patience })
  const over = new AbortController()
  const interrupt = listenForInterrupt()
  interrupt.onAsked = () => over.abort()
  const server = await connect(`${called} work`, queue)
  try {
    await workOn(server, found, values, over.signal)
    return EXIT.clean
  } finally {
    interrupt.end()
    server.close()
  }
}

/** Works at one search after the other. */
async function workOn(server: Server, listed: readonly Found[], values: Given, signal: AbortSignal): Promise<void> {
  const store = createStore(server.redis)
  const refused = new Set<string>()
  const refuse = (id: string, why: string) => {
    refused.add(id)
    process.stderr.write(`${called} work: ${why}\n`)
  }
  while (!signal.aborted) {
    for (const [id, search] of await store.searches()) {
      if (refused.has(id) || signal.aborted) continue
      if (typeof search === 'string') refuse(id, `got a search that is none of ours: ${search}`)
      else if (await isOpen(store, id)) {
        const found = await seatFor(search, listed, values)
        if (typeof found === 'string') refuse(id, found)
        else await workAt(server, store, id, found.plan, found.seat, { command: `${called} work`, ...values, signal })
      }
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

async function isOpen(store: Store, id: string): Promise<boolean> {
  const standing = await store.standing(id)
  return standing !== undefined && standing.open > 0 && standing.failed === undefined
}

/** A process for that search, with the code of one of our files; or why there is none. */
async function seatFor(
  search: Search,
  listed: readonly Found[],
  { patience }: Given,
): Promise<{ plan: Plan; seat: Seat } | string> {
  const { scenario, strategy, options } = search
  const sources = listed.filter(({ names }) => names.includes(scenario))
  if (sources.length === 0) return `got a search of ${quote(scenario)}, which no file here has: left to others`
  let why = ''
  for (const { source } of sources) {
    const plan: Plan = { source, scenario, strategy, options }
    const seat = startSeat(isSample(plan) ? asExact(plan) : plan, patience)
    try {
      const { begun, fingerprint } = await seat.begun
      if (begun === search.start) return { plan, seat }
      why = fingerprint === search.fingerprint ? 'its memory, or its first execution,' : 'its code'
      why = `got a search of ${quote(scenario)}, but ${why} is another one here: refused`
    } catch (error) {
      why = (error as Error).message
    }
    seat.end()
  }
  return why
}
