/**
 * Paths as somebody in a folder would type them.
 */
import type { Violation } from '../result.ts'

/** The violation with paths as seen from a folder, by default the process's own. */
export function nearby(violation: Violation, folder = globalThis.process?.cwd?.() ?? ''): Violation {
  if (folder === '') return violation
  const short = (text: string) => text.replaceAll(`${folder}/`, '')
  const { message, sites, why, steps } = violation
  return {
    ...violation,
    message: short(message),
    sites: sites.map(short),
    why: why.map(short),
    steps: steps.map((step) => ({ ...step, where: short(step.where) })),
  }
}
