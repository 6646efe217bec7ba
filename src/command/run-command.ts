/**
 * A command from its start to its exit status, whatever becomes of it.
 */

import { CommandFailure } from './command-failure.ts'
import { EXIT } from './exit-status.ts'
import { isRefusedBySystem } from './refused-by-system.ts'
import { UsageError } from './usage-error.ts'

/**
 * Runs a command, whose `body` resolves with the exit status. What it says where it does not come to that bears its
 * `name`: one sentence for a UsageError, everything for what it did not expect, which must never look like a finding:
 * Node's own status for it is 1.
 */
export async function runCommand(name: string, body: () => number | Promise<number>): Promise<void> {
  const fail = (error: unknown): never => {
    process.stderr.write(`${name}: the command itself failed: ${said(error)}\n`)
    // At once, since nobody knows what still runs.
    process.exit(EXIT.failed)
  }
  process.on('uncaughtException', fail)
  // Whoever reads us may stop reading: `sk-storage run --json | head -1`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.failed)
  })
  try {
    process.exitCode = await body()
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CommandFailure)) fail(error)
    process.stderr.write(`${name}: ${(error as Error).message}\n`)
    process.exitCode = error instanceof CommandFailure ? EXIT[error.ending] : EXIT.usage
  }
}

/** What the system refuses is said in a sentence; of all else the stack is needed. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return isRefusedBySystem(error) ? error.message : (error.stack ?? error.message)
}
