/**
 * The flags of `sk-storage explore`, and its help.
 */

import { exitHelp } from '../command/exit-status.ts'
import { alsoNamed, duration, integer, oneOf, optional, output, path, text, toggle } from '../command/flag-kinds.ts'
import type { Flag, Values } from '../command/flags.ts'
import { helpOf } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { queueAddress } from '../command/queue-client.ts'
import { UsageError } from '../command/usage-error.ts'
import { quote } from '../command/words.ts'
import { STRATEGIES, STRATEGY_NAMES } from '../explore/internals.ts'
import { LAYOUT_LINE, readPackages, withEnvironment } from '../explore/internals-load.ts'
import { detectors } from './detect-flag.ts'
import { checkpoint } from './explore-checkpoint.ts'
import { traceFlags } from './explore-traces.ts'

/** The largest seed. */
export const MAX_SEED = 0xffff_ffff

/** Executions of a sampling strategy without a budget. */
export const SAMPLE = 10_000

/** Throws UsageError for the first of these flags that is given beside one that it does not go with. */
export function refuseBeside(
  name: string,
  foreign: readonly (keyof typeof FLAGS)[],
  values: Values<typeof FLAGS>,
): void {
  const other = foreign.find((each) => values[each] !== FLAGS[each].initial)
  if (other !== undefined) throw new UsageError(`--${name}: got --${other} as well, expected it without`)
}

/** Names of packages, or `*`. Undefined where it isn't given: EXPLORE_PACKAGES says it then. */
export function packageNames(help: string): Flag<string | undefined> {
  const parse = (name: string, text: string) => {
    if (/^(\*|(@[\w.~-]+\/)?[\w.~-]+(,(@[\w.~-]+\/)?[\w.~-]+)*)$/.test(text)) return text
    throw new UsageError(`--${name}: got ${quote(text)}, expected names of packages with commas between, or *`)
  }
  return { placeholder: 'NAMES', help, parse, initial: undefined }
}

/** Those packages and what the environment names, as a source has them. */
export function packagesOf(given: string | undefined): string {
  const all = withEnvironment(readPackages(given ?? ''))
  return all === true ? '*' : [...(all || [])].join()
}

export const FLAGS = {
  scenario: text('NAME', 'explore only this export of the file'),
  program: path('explore a whole program: its main file and the workers that it starts'),
  globals: oneOf('what the program finds as its globals', ['node', 'browser']),
  litmus: text('PROGRAM', "explore a program such as 'W x 1; R y | W y 1; R x' instead of a file"),
  memory: optional(oneOf('', ['x86', 'arm', 'ecma']), 'what this memory model allows beyond interleavings'),
  strategy: oneOf('how to explore', STRATEGY_NAMES),
  'max-preemptions': optional(integer('', 0, 0, 1000), 'all traces with at most so many preemptions, and no others'),
  'max-steps': integer('steps after which an execution counts as a livelock', 20_000, 1, 10_000_000),
  'max-executions': optional(integer('', 0, 1, Number.MAX_SAFE_INTEGER), 'stop each scenario after so many executions'),
  seconds: alsoNamed('time', optional(duration('seconds', '', 1), 'stop each scenario after so many seconds')),
  seed: optional(integer('', 0, 0, MAX_SEED), 'where the random choices of a sample begin (drawn, and printed)'),
  depth: integer("pct's number of scheduling points that a bug needs", 3, 1, 100),
  patience: duration('seconds', 'give up code that computes for so long without a visible step', 30),
  jobs: integer('worker threads to explore on', 1, 1, 64),
  detect: detectors('which detectors look: names, with - before those that do not'),
  raw: toggle('explore the implementation of locks and RCU instead of taking their tags at their word'),
  packages: packageNames('packages of node_modules to follow as well, with commas between; * for all'),
  edits: path('a folder of patches (*.patch, *.diff) that are applied to what is loaded'),
  layout: integer(`lay memory out by this number: files with a line '${LAYOUT_LINE}' have it there`, 0, 0, MAX_SEED),
  all: toggle('all that package.json names under "explore", the cheapest first'),
  first: toggle('with --jobs, stop at whichever violation any worker finds first'),
  'keep-going': toggle('go on after a violation, and count all traces'),
  watch: toggle('and after each edit explore what it may break, the likeliest first, until something does'),
  json: toggle('print JSON Lines, one for each scenario'),
  checkpoint: checkpoint('keep there where the search stands, every second or so'),
  resume: path('go on from such a file'),
  ...traceFlags((as) => `write the first failing execution there, as ${as}`),
  estimate: toggle('tell beforehand how long exact searches will take; --seconds says how long to look (10)'),
  queue: queueAddress('put the searches on that server, where `work` works at them, and follow them'),
  coverage: toggle('tell which visible operations were met by another thread, and in which orders'),
  lcov: output('write that there, as a tracefile of lcov'),
  merge: toggle('explore nothing: the files have the lines of --coverage --json of several runs; tell of all as one'),
  help: toggle('print this'),
}

const width = Math.max(...STRATEGY_NAMES.map((name) => name.length))
const STRATEGY_LINES = STRATEGY_NAMES.map((name) => `  ${name.padEnd(width)}  ${STRATEGIES[name].help}`).join('\n')

export const HELP = `Usage: ${called} explore FILE... [FLAGS]
       ${called} explore --all [FLAGS]
       ${called} explore --litmus PROGRAM [FLAGS]
       ${called} explore --program FILE [FLAGS] [-- ARGUMENTS]
       ${called} explore --merge LINES... [--json] [--lcov PATH]

Explores the scenarios of a file: each export like { setup() {}, threads: [() => {}, () => {}] }, with after(),
invariant() and outcome() if wished, is one, named by its export. The file and what it imports relatively is read as
it stands, TypeScript or JavaScript, and instrumented on the way. A folder stands for the scripts in it, and 'races/**/*.js'
for those that fit; files without scenarios are left out there, and told.

Flags:
${helpOf(FLAGS)}

Strategies:
${STRATEGY_LINES}

A sample without a budget takes ${SAMPLE} executions.

With --jobs whole scenarios are explored side by side, an exact search is shared by the workers that are free, and each
sample is split among the jobs; the same seed gives the same sample for the same number of jobs. Counts, outcomes and
the violation of an exact search are those of one job: what comes first is explored to its end first. --first takes
whatever any worker finds first. A search with --max-preemptions or --coverage stays on one core.

With --memory the executions are explored that a processor (x86, arm) or the language (ecma) allows, and each outcome is
named by the strongest model that has it, nothing for one that an interleaving has. Data races are told, and are no
finding then; no detector looks but for threads that wait for ever. What is left out is told, and stands in
docs/memory.md.

A litmus program has threads between '|' and statements between ';': W x v (store), R x (load), A x d (add),
X x v (exchange), C x e n (compare and swap), L m, U m, T m (lock, unlock, trylock), AWAIT x==0; w x v and r x (plain
store and load), d x (dereference), ( and ) (read section), GP (grace period). &x is the address of x, as a value.
'exists (0:y=0 /\\ 1:x=0 /\\ z=1)' at its end asks for an execution, which is a finding: 0:y is what thread 0 loaded
from y last, 0:y[1] first, z what is there at the end.

${exitHelp({
  clean: 'every interleaving is clean',
  finding: true,
  failed: 'no verdict: the code loops, ends the process or throws outside of threads, or the command was cut off',
  budget:
    'a budget was spent before the end, or load buffering was left out, and nothing found so far; a sample without a finding is that, too',
})}
`
