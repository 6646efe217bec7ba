/**
 * Files that a command writes beside its answer. What keeps one from being written must not cost the answer.
 */

import { isRefusedBySystem } from './refused-by-system.ts'

/**
 * Writes a file. False, and a sentence on stderr: the system refuses. `who` is the command, and the flag that asked.
 */
export function written(who: string, write: () => void): boolean {
  try {
    write()
    return true
  } catch (error) {
    if (!(error instanceof Error && isRefusedBySystem(error))) throw error
    process.stderr.write(`${who}: could not be written: ${error.message}\n`)
    return false
  }
}
