/**
 * The report on an exploration under a memory model, but for its violation.
 */
import type { Result } from '../result.ts'
import { shortLine } from '../schedule/schedule.ts'

const plural = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
/** Races and loads that are told one by one. */
const TOLD = 12

/** What was explored, and what was not. */
export function memoryVerdict({
  memory,
  scenario,
  exhaustive,
  executions,
  blocked,
  budget,
  drawn,
  seconds,
  seed,
  strategy,
}: Result): string[] {
  const { loadBuffering, allButBuffering, violates } = memory!
  const title = scenario === '' ? '' : `${scenario}: `
  const ran = `${plural(executions, 'execution')}, ${blocked} blocked (${strategy}${seed === undefined ? '' : `, seed ${seed}`})`
  const without = loadBuffering.length === 0 ? '' : ' without load buffering'
  const lines = [
    exhaustive || allButBuffering
      ? `${title}exhaustive${without}: ${ran}`
      : violates !== undefined && budget === ''
        ? `${title}found after ${ran}`
        : `${title}${ran}`,
  ]
  if (violates !== undefined) lines.push(`the strongest model in which it happens: ${violates}`)
  if (loadBuffering.length > 0)
    lines.push('not explored: that these loads take a value from their own future', ...some(loadBuffering))
  if (drawn.length > 0)
    lines.push(`not explored: other answers of ${drawn.join(', ')}, which answered all executions alike`)
  if (budget !== '') lines.push(`stopped by the budget of ${budget} after ${seconds.toFixed(1)} s`)
  return lines
}

function some(all: readonly string[]): string[] {
  const lines = all.slice(0, TOLD).map((each) => `  ${each}`)
  return all.length > TOLD ? [...lines, `  and ${all.length - TOLD} more`] : lines
}

/** The outcomes, each with the strongest model that has it, and the races. */
export function memoryOutcomes({ memory, outcomes }: Result): string[] {
  const lines: string[] = []
  if (outcomes.length > 1 || (outcomes[0]?.outcome ?? '') !== '') {
    const wide = Math.max(...outcomes.map(({ outcome }) => Math.min(60, outcome.length)), 7)
    lines.push('', `model  ${'outcome'.padEnd(wide)}  ${'count'.padStart(8)}  first seen on`)
    for (const { outcome, count, witness, model } of outcomes) {
      const name = model === 'sc' ? '' : model!
      const text = outcome === '' ? '(none)' : outcome
      lines.push(`${name.padEnd(5)}  ${text.padEnd(wide)}  ${String(count).padStart(8)}  ${shortLine(witness)}`)
    }
  }
  const { races } = memory!
  if (races.length > 0) {
    const told = races.map(({ accesses, shows }) => {
      if (shows === undefined) return accesses
      return `${accesses}\n    and this is what it does: ${shows.outcome || '(none)'} (${shows.model}), on ${shortLine(shows.witness)}`
    })
    lines.push('', `data races, which are no finding here: ${races.length}`, ...some(told))
  }
  return lines
}
