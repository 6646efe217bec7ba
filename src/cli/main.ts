#!/usr/bin/env node
/**
 * The `sk-storage` command. Each subcommand's code is loaded when it is asked for.
 */

import { readFileSync } from 'node:fs'
import { EXIT } from '../command/exit-status.ts'
import { either, quote } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'

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
    'Exit status: 0 clean, 1 a finding, 2 usage, 3 budget spent, 130 after Ctrl-C.',
    '',
  ].join('\n')
}

/** The version in package.json, three folders up from dist/src/cli. */
function version(): string {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version
}

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(help())
    return name === undefined ? EXIT.usage : EXIT.clean
  }
  if (name === '--version') {
    process.stdout.write(`${version()}\n`)
    return EXIT.clean
  }
  if (!Object.hasOwn(SUBCOMMANDS, name)) {
    const what = name.startsWith('-') ? 'flag' : 'command'
    process.stderr.write(`sk-storage: got the unknown ${what} ${quote(name)}, expected ${either(expected())}\n`)
    return EXIT.usage
  }
  try {
    const { default: subcommand } = await SUBCOMMANDS[name].load()
    return await subcommand(rest)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`sk-storage ${name}: ${error.message}\n`)
    return EXIT.usage
  }
}

function expected(): string[] {
  return [...Object.keys(SUBCOMMANDS), '--help', '--version']
}

// Whoever reads us may stop reading: `sk-storage run --json | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await main(process.argv.slice(2))
