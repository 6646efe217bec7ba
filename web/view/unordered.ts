import type { Moment } from '../../src/explore/internals.ts'

/** The two steps that nothing orders, earlier one first; undefined where that is not what is wrong. */
export function unordered({ wrong, steps }: Moment): readonly [number, number] | undefined {
  if (wrong === null || !/not ordered|nothing orders/.test(wrong.message)) return undefined
  const [one, other] = wrong.steps.slice(0, 2).sort((a, b) => a - b)
  return other === undefined || steps[one].thread === steps[other].thread ? undefined : [one, other]
}
