#!/usr/bin/env node
/**
 * The `every-order` command from its first line on, as main.ts is that of `sk-storage`: it imports nothing before it
 * is ready for whatever keeps its code from being loaded.
 */

try {
  const { runNamed } = await import('./run-named.ts')
  const { EVERY_ORDER } = await import('./explorer-commands.ts')
  await runNamed(EVERY_ORDER, process.argv.slice(2))
} catch (error) {
  process.stderr.write(`every-order: the command itself failed: ${error instanceof Error ? error.message : error}\n`)
  // EXIT.failed, by its number: its file may be what could not be loaded.
  process.exit(4)
}

export {}
