/**
 * What the `sk-storage` command can do. Each subcommand's code is loaded when it is asked for.
 */

import { readFileSync } from 'node:fs'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { runCommand } from '../command/run-command.ts'
import { UsageError } from '../command/usage-error.ts'
import { meant, quote } from '../command/words.ts'

/** A subcommand: runs with its arguments and resolves with the exit status. */
type Subcommand = (argv: readonly string[]) => Promise<number>

interface Entry {
  readonly summary: string
  readonly load: () => Promise<{ default: Subcommand }>
}

const SUBCOMMANDS: Readonly<Record<string, Entry>> = {
  run: { summary: 'run sockets, maps and CPUs against each other, and report', load: () => import('./run.ts') },
  ss: { summary: 'show the sockets of a machine with their storages', load: () => import('./ss.ts') },
  prog: { summary: 'show the programs of a machine', load: () => import('./prog.ts') },
  selftest: { summary: "run the kernel's own tests of sk storage maps", load: () => import('./selftest.ts') },
  explore: { summary: 'explore every interleaving of scenarios in a file', load: () => import('./explore.ts') },
  replay: { summary: 'replay an execution that explore found', load: () => import('./replay.ts') },
  bpf: { summary: 'judge and run compiled BPF programs', load: () => import('./bpf.ts') },
  museum: { summary: 'apply known bugs to the sources and see them caught', load: () => import('./museum.ts') },
  serve: { summary: 'open the teaching page, to step through races by hand', load: () => import('./serve.ts') },
}

function help(): string {
  const width = Math.max(...Object.keys(SUBCOMMANDS).map((name) => name.length))
  const list = Object.entries(SUBCOMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'Usage: sk-storage COMMAND [FLAGS]',
    '',
    "Linux's socket-local storage on a SharedArrayBuffer, with worker threads as CPUs.",
    '',
    'Commands:',
    ...list,
    '',
    'sk-storage COMMAND --help tells its flags; --version tells the version.',
    exitHelp({ clean: true, finding: true, budget: true, interrupted: true }),
    '',
  ].join('\n')
}

/** The version in package.json, three folders up from dist/src/cli. */
function version(): string {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version
}

/** Runs what the command line names, and sets the process's exit status. */
export async function runNamed([name, ...rest]: readonly string[]): Promise<void> {
  if (name !== undefined && Object.hasOwn(SUBCOMMANDS, name)) {
    await runCommand(`sk-storage ${name}`, async () => {
      const { default: subcommand } = await SUBCOMMANDS[name].load()
      return subcommand(rest)
    })
    return
  }
  await runCommand('sk-storage', () => {
    if (name !== undefined && !['--help', '-h', '--version'].includes(name)) throw unknown(name)
    process.stdout.write(name === '--version' ? `${version()}\n` : help())
    return name === undefined ? EXIT.usage : EXIT.clean
  })
}

function unknown(name: string): UsageError {
  const what = name.startsWith('-') ? 'flag' : 'command'
  const known = [...Object.keys(SUBCOMMANDS), '--help', '--version']
  return new UsageError(`got the unknown ${what} ${quote(name)}, expected ${meant(name, known)}`)
}
