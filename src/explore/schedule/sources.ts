/**
 * What a load reads, in words.
 */

/** By the steps that stored it, one or one for each byte; 0: what was there before all threads. */
export function sourcesText(steps: readonly number[]): string {
  if (steps.length === 1) return steps[0] === 0 ? 'from the start' : `from step ${steps[0]}`
  return `from ${steps.map((step) => (step === 0 ? 'the start' : `step ${step}`)).join(', ')}`
}
