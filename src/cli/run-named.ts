/**
 * A command made of subcommands: the one that the command line names, help, or the version.
 */

import { EXIT, exitHelp } from '../command/exit-status.ts'
import { name as called, version } from '../command/package.ts'
import { runCommand } from '../command/run-command.ts'
import { UsageError } from '../command/usage-error.ts'
import { meant, quote } from '../command/words.ts'

/** A subcommand: runs with its arguments and resolves with the exit status. */
type Subcommand = (argv: readonly string[]) => Promise<number>

/** What a command can do. */
export interface Command {
  /** What it is about, in a sentence. */
  readonly about: string
  /** By name. Each one's code is loaded when it is asked for. */
  readonly subcommands: Readonly<
    Record<string, { readonly summary: string; readonly load: () => Promise<{ default: Subcommand }> }>
  >
}

function help({ about, subcommands }: Command): string {
  const width = Math.max(...Object.keys(subcommands).map((name) => name.length))
  const list = Object.entries(subcommands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    `Usage: ${called} COMMAND [FLAGS]`,
    '',
    about,
    '',
    'Commands:',
    ...list,
    '',
    `${called} COMMAND --help tells its flags; --version tells the version.`,
    exitHelp({ clean: true, finding: true, budget: true, interrupted: true }),
    '',
  ].join('\n')
}

/** Runs what the command line names, and sets the process's exit status. */
export async function runNamed(command: Command, [name, ...rest]: readonly string[]): Promise<void> {
  const { subcommands } = command
  if (name !== undefined && Object.hasOwn(subcommands, name)) {
    await runCommand(`${called} ${name}`, async () => {
      const { default: subcommand } = await subcommands[name].load()
      return subcommand(rest)
    })
    return
  }
  await runCommand(called, () => {
    if (name !== undefined && !['--help', '-h', '--version'].includes(name)) throw unknown(name, command)
    process.stdout.write(name === '--version' ? `${version}\n` : help(command))
    return name === undefined ? EXIT.usage : EXIT.clean
  })
}

function unknown(name: string, { subcommands }: Command): UsageError {
  const what = name.startsWith('-') ? 'flag' : 'command'
  const known = [...Object.keys(subcommands), '--help', '--version']
  return new UsageError(`got the unknown ${what} ${quote(name)}, expected ${meant(name, known)}`)
}
