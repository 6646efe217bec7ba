/**
 * A violation as text: what happened, a column per thread, why, and how to see it again.
 */

import type { Result, Violation } from '../result.ts'
import { shortLine } from '../schedule/schedule.ts'
import { sourcesText } from '../schedule/sources.ts'
import { memoryOutcomes, memoryVerdict } from './memory-text.ts'
import { nearby, nearbyResult } from './nearby.ts'
import { nextStep } from './next-step.ts'

/** How a report is written. */
export interface TextOptions {
  /** Whether to write ANSI colours. Off. */
  colours?: boolean
  /** Columns of the terminal. 120. */
  width?: number
  /** Paths are shown as seen from this folder. By default, where there is one, the process's own. */
  folder?: string
}

const paint = (on: boolean, code: number, text: string) => (on ? `\u001b[${code}m${text}\u001b[0m` : text)

/** The report on a violation. */
export function formatViolation(far: Violation, { colours = false, width = 120, folder }: TextOptions = {}): string {
  const violation = nearby(far, folder)
  const { kind, message, sites, steps, schedule, preemptions, why, inflection, replay, found, outOfTime, stack } =
    violation
  const lines: string[] = []
  const said = message.trim().replace(/\s*\n\s*/g, ' ')
  const unsaid = sites.filter((site) => !said.includes(site)).slice(0, 3)
  const at = unsaid.length > 0 ? `  (${unsaid.join(', ')})` : ''
  lines.push(paint(colours, 31, said.startsWith(`${kind}: `) ? said : `${kind}: ${said}`) + at)
  if (steps.length === 0) lines.push('before the first step')
  else
    lines.push(`schedule ${shortLine(schedule)}  ${plural(preemptions, 'preemption')}, ${plural(steps.length, 'step')}`)
  if (found.preemptions !== preemptions || found.steps !== steps.length) {
    lines.push(`found with ${plural(found.preemptions, 'preemption')} and ${plural(found.steps, 'step')}, then shrunk`)
  }
  if (outOfTime) lines.push('not shrunk to the end, since the time was over: a simpler schedule may fail, too')
  lines.push('', ...(steps.length === 0 ? [] : [...columns(violation, colours, width), '']))
  // A single one stands in the first line already.
  if (stack.length > 1) lines.push(...stack.map((call) => `in ${call}`))
  for (const reason of why) lines.push(`why: ${reason}`)
  if (inflection !== undefined) {
    lines.push(
      inflection === 0
        ? 'every execution fails'
        : `lost at step ${inflection}: before it there was still a way to end well, after it there is none`,
    )
  }
  lines.push(`next: ${nextStep(violation)}`)
  if (replay !== '') lines.push(`replay: ${replay}`)
  return lines.join('\n')
}

const plural = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`

/** Operations that change a word. */
const STORING = /store|write|rmw|cas/
/** Operations on locks, which are the engine's own: their words keep their value. */
const LOCKING = /lock$/
/** Steps that are shown of an execution, of a longer one those around what matters. */
const SHOWN = 60

/**
 * A column per agent, which is a thread with its tasks, cut to the steps around those that matter when there are many.
 */
function columns(violation: Violation, colours: boolean, width: number): string[] {
  const { steps, inflection, agents } = violation
  const agentOf = (thread: number): number => agents?.[thread] ?? thread
  const involved = [...new Set(steps.map(({ thread }) => agentOf(thread)))].sort((a, b) => a - b)
  const names = involved.map((t) => violation.threadNames[t] ?? String(t))
  const cells = steps.map(({ operation, place, before, after, stores }) => {
    const value =
      after === '' || LOCKING.test(operation)
        ? ''
        : before !== '' && stores && STORING.test(operation)
          ? `: ${before} -> ${after}`
          : ` = ${after}`
    return `${operation}${place === '' ? '' : ` ${place}`}${value}`
  })
  const wide = Math.max(12, ...cells.map((cell) => cell.length), ...names.map((name) => name.length + 7))
  const column = Math.min(wide, Math.max(16, Math.floor((width - 30) / involved.length)))
  const padded = (text: string) => (text.length > column ? `${text.slice(0, column - 1)}~` : text.padEnd(column))
  const shown = shownSteps(violation)
  const lines = [`step  ${names.map((name) => padded(/^\d+$/.test(name) ? `thread ${name}` : name)).join('  ')}`]
  let skipped = 0
  steps.forEach((step, i) => {
    if (!shown[i]) {
      skipped++
      return
    }
    if (skipped > 0) lines.push(`      ... ${plural(skipped, 'step')} ...`)
    skipped = 0
    const row = involved.map((t) => padded(t === agentOf(step.thread) ? cells[i] : '')).join('  ')
    const notes = [
      step.where,
      step.task ?? '',
      step.readsFrom === undefined ? '' : sourcesText([step.readsFrom]),
      step.bytesFrom === undefined ? '' : sourcesText(step.bytesFrom),
      step.switched === '' ? '' : `<- ${step.switched}`,
      inflection === i + 1 ? '<- lost here' : '',
    ]
    const line = `${String(i + 1).padStart(4)}  ${row}  ${notes.filter((note) => note !== '').join('  ')}`.trimEnd()
    lines.push(step.matters ? paint(colours, 33, line) : line)
  })
  return lines
}

/**
 * Which steps to show: in a long execution those that matter, switches, the step at which all was lost and the end, and
 * what touches the same places if that is not too much.
 */
function shownSteps({ steps, inflection }: Violation): boolean[] {
  if (steps.length <= SHOWN) return steps.map(() => true)
  const places = new Set(steps.filter(({ matters }) => matters).map(({ place }) => place))
  const needed = steps.map(
    ({ matters, switched }, i) => matters || switched !== '' || i + 1 === inflection || i >= steps.length - 5,
  )
  const wished = steps.map(({ place }, i) => needed[i] || (place !== '' && places.has(place)))
  return wished.filter(Boolean).length <= SHOWN ? wished : needed
}

/** The report on a whole exploration. */
export function formatResult(result: Result, options: TextOptions = {}): string {
  const {
    scenario,
    exhaustive,
    complete,
    blocked,
    executions,
    outcomes,
    seconds,
    estimate,
    seed,
    strategy,
    violation,
    timeouts,
  } = result
  if (result.memory !== undefined) {
    const found = violation === null ? [] : ['', formatViolation(violation, options)]
    const near = nearbyResult(result, options.folder)
    return [...memoryVerdict(near), ...found, ...memoryOutcomes(near)].join('\n')
  }
  const lines: string[] = []
  const title = scenario === '' ? '' : `${scenario}: `
  const traces = `${plural(complete, 'trace')}, ${blocked} blocked`
  const how = `${strategy}${seed === undefined ? '' : `, seed ${seed}`}`
  const within = strategy.startsWith('optimal, ') ? ` with ${strategy.slice(9)}` : ''
  const idle = timeouts === 'idle' ? ', timeouts only when idle' : ''
  const guess = estimate === undefined ? '' : `, estimated ${estimate.executions} in all (${estimate.method})`
  lines.push(
    exhaustive
      ? `${title}exhaustive${within}${idle}: ${traces} (optimal)`
      : violation !== null && result.failing === 1 && result.budget === ''
        ? `${title}found in execution ${executions} (${how})`
        : `${title}${plural(executions, 'execution')} by ${how}: ${traces}${guess}`,
  )
  if (result.unknown > 0) {
    const which = result.unknown === 1 ? '1 history' : `${result.unknown} histories`
    lines.push(`${which} unknown: the budget for linearizing them ended`)
  }
  if (result.drawn.length > 0) {
    lines.push(`not explored: other answers of ${result.drawn.join(', ')}, which answered all executions alike`)
  }
  if (result.budget !== '') lines.push(`stopped by the budget of ${result.budget} after ${seconds.toFixed(1)} s`)
  else if (!exhaustive && violation === null && seed === undefined) {
    const { leftOut } = nearbyResult(result, options.folder)
    const which = leftOut === undefined ? '' : `: ${leftOut.join(', ')}`
    lines.push(
      `not exhaustive: loops went on without an end, or turns of theirs were left out${which} (docs/limits.md)`,
    )
  }
  for (const { message, why } of nearbyResult(result, options.folder).notes) {
    lines.push(`note: ${message}; no interleaving deadlocks, and all were run`, ...why.map((reason) => `  ${reason}`))
  }
  if (violation !== null) lines.push('', formatViolation(violation, options))
  const told = outcomes.length > 1 || (outcomes[0]?.outcome ?? '') !== ''
  if (told && (violation === null || exhaustive)) {
    const wide = Math.max(...outcomes.map(({ outcome }) => Math.min(60, outcome.length)), 7)
    lines.push('', `${'outcome'.padEnd(wide)}  ${'count'.padStart(8)}  first seen on`)
    for (const { outcome, count, witness } of outcomes) {
      lines.push(
        `${(outcome === '' ? '(none)' : outcome).padEnd(wide)}  ${String(count).padStart(8)}  ${shortLine(witness)}`,
      )
    }
  }
  return lines.join('\n')
}
