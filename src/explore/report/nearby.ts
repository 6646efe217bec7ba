/**
 * Paths as somebody in a folder would type them.
 */
import type { Coverage, Note, Result, Violation } from '../result.ts'

const here = (): string => globalThis.process?.cwd?.() ?? ''

/** The violation with paths as seen from a folder, by default the process's own. */
export function nearby(violation: Violation, folder = here()): Violation {
  const { steps } = violation
  if (folder === '') return violation
  return {
    ...violation,
    ...words(violation, folder),
    stack: violation.stack.map((call) => shortened(call, folder)),
    steps: steps.map((step) => ({ ...step, where: shortened(step.where, folder) })),
  }
}

/** All that is told of a result, likewise. */
export function nearbyResult(result: Result, folder = here()): Result {
  const { violation, notes, memory } = result
  const short = (text: string) => shortened(text, folder)
  if (folder === '') return result
  return {
    ...result,
    violation: violation && nearby(violation, folder),
    leftOut: result.leftOut?.map(short),
    notes: notes.map((note) => ({ ...note, ...words(note, folder) })),
    ...(memory && {
      memory: {
        ...memory,
        loadBuffering: memory.loadBuffering.map(short),
        races: memory.races.map((race) => ({ ...race, accesses: short(race.accesses) })),
      },
    }),
  }
}

/** Coverage, likewise. */
export function nearbyCoverage(coverage: Coverage, folder = here()): Coverage {
  if (folder === '') return coverage
  return { ...coverage, files: coverage.files.map((each) => ({ ...each, file: shortened(each.file, folder) })) }
}

const shortened = (text: string, folder: string): string => text.replaceAll(`${folder}/`, '')

/** What a violation and a note have in common. */
function words({ message, sites, why }: Note | Violation, folder: string): Pick<Note, 'message' | 'sites' | 'why'> {
  const short = (text: string) => shortened(text, folder)
  return { message: short(message), sites: sites.map(short), why: why.map(short) }
}
