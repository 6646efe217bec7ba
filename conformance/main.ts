/**
 * `npm run conformance` from its first line on. Whatever keeps its code from being loaded, such as too many open files,
 * must not look like a finding, and Node's own status for it is 1. So this file imports nothing before it is ready for
 * that.
 */

try {
  await import('./command.ts')
} catch (error) {
  process.stderr.write(`conformance: the command itself failed: ${error instanceof Error ? error.message : error}\n`)
  // EXIT.failed, by its number: its file may be what could not be loaded.
  process.exit(4)
}

export {}
