/**
 * `--detect`: which of the explorer's detectors look.
 */

import type { Flag } from '../command/flags.ts'
import { UsageError } from '../command/usage-error.ts'
import { meant, quote } from '../command/words.ts'
import type { DetectorOptions } from '../explore/index.ts'
import { DETECTOR_NAMES } from '../explore/internals.ts'

/**
 * For BPF programs: a plain access of theirs is one access, so a race alone is no fault, and what it may lead to is
 * told instead.
 */
export const OF_PROGRAMS: DetectorOptions = { dataRaces: false, lostUpdates: true }

/** Names separated by commas, with `-` before those that are switched off; undefined where it is not given. */
export function detectors(help: string): Flag<DetectorOptions | undefined> {
  return { placeholder: 'NAMES', help: `${help}: ${DETECTOR_NAMES.join(', ')}`, parse: read, initial: undefined }
}

function read(flag: string, text: string): DetectorOptions {
  const options: Record<string, boolean> = {}
  for (const word of text.split(',')) {
    const name = word.replace(/^-/, '')
    if (!(DETECTOR_NAMES as readonly string[]).includes(name))
      throw new UsageError(`--${flag}: got ${quote(name)}, expected ${meant(name, DETECTOR_NAMES)}`)
    options[name] = name === word
  }
  return options
}
