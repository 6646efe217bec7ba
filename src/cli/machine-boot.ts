/**
 * Booting a machine from a command line: what does not fit is a usage error, in one sentence about the flag.
 */

import { UsageError } from '../command/usage-error.ts'
import { OptionError } from '../shared/option-error.ts'
import { boot, type Machine } from '../workers/machine.ts'
import type { BootOptions } from '../workers/machine-options.ts'

/** Flags by the name of the boot option that they set. */
const FLAG_OF: Readonly<Record<string, string>> = { cpus: '--cpus', bytes: '--memory', maxFds: '--sockets' }

/** boot(), with UsageError for RangeError. */
export async function bootFor(options: BootOptions): Promise<Machine> {
  try {
    return await boot(options)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    if (error instanceof OptionError) {
      const flag = FLAG_OF[error.option] ?? error.option
      const sentence = `${flag}: ${error.sentence}`
      throw new UsageError(flag === '--memory' ? `${sentence.replace('an integer', 'a size')} bytes` : sentence)
    }
    // The engine's own, for a SharedArrayBuffer of that size.
    throw new UsageError(
      `--memory: got ${options.memory}, expected no more than this process can have (${error.message})`,
    )
  }
}

/** A table of descriptors for so many sockets and maps, and as many again that are on their way. */
export function fdsFor(objects: number): number {
  return Math.max(65_536, 2 ** Math.ceil(Math.log2(2 * objects + 1024)))
}
