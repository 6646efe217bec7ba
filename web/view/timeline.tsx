/**
 * What has happened, a lane for each CPU: steps as marks, read sections, grace periods and held locks as bars.
 */

import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Moment, PerformedStep } from '../../src/explore/internals.ts'
import { goTo, sentence } from '../actions.ts'
import { shortName } from '../picture/scene.ts'
import { lesson, place, view } from '../state.ts'
import { CELL, LANE, LEFT } from './lanes.ts'
import { Arrows, Ordering, ordering } from './ordering.tsx'
import { LaneSigns } from './signs.tsx'

/** Lanes that there is room for before any callback comes. */
const LEAST = 3

interface Bar {
  readonly thread: number
  readonly from: number
  readonly to: number
  readonly kind: 'section' | 'grace' | 'lock'
}

/** From the operation that begins something to the one that ends it. */
const ENDS: Record<string, { readonly kind: Bar['kind']; readonly ends: (step: PerformedStep) => boolean }> = {
  'read-section enter': { kind: 'section', ends: ({ operation }) => operation === 'read-section exit' },
  'grace period': { kind: 'grace', ends: ({ operation }) => operation !== 'goes on' },
  lock: { kind: 'lock', ends: ({ operation }) => operation === 'unlock' },
}

function barsOf({ steps }: Moment): Bar[] {
  return steps.flatMap((step, from) => {
    const begun = ENDS[step.operation]
    if (begun === undefined) return []
    const end = steps.findIndex(
      (later, k) =>
        k > from &&
        later.thread === step.thread &&
        begun.ends(later) &&
        (begun.kind !== 'lock' || later.address === step.address),
    )
    return [{ thread: step.thread, from, to: end < 0 ? steps.length - 1 : end, kind: begun.kind }]
  })
}

const markOf = ({ operation, stores }: PerformedStep): string =>
  /lock/.test(operation)
    ? 'locking'
    : /section|grace|callback|goes on/.test(operation)
      ? 'rcu'
      : /alloc|free/.test(operation)
        ? 'alloc'
        : stores
          ? 'store'
          : 'load'

/** The lanes. */
export function Timeline() {
  const box = useRef<HTMLDivElement>(null)
  const shown = view.value
  // Going along a schedule leaves them as they are.
  const marks = useMemo(() => (shown === null ? null : <Marks whole={shown.whole} />), [shown?.whole])
  const { at } = place.value
  useEffect(() => {
    const scroller = box.current
    if (scroller === null) return
    const x = LEFT + at * CELL
    if (x < scroller.scrollLeft + LEFT || x > scroller.scrollLeft + scroller.clientWidth - CELL)
      scroller.scrollLeft = x - scroller.clientWidth / 2
  }, [at, shown?.whole])
  if (shown === null) return <section class="timeline" aria-label="Timeline" />
  const { whole } = shown
  const width = widthOf(whole)
  const height = whole.threads.length * LANE
  const room =
    (lesson.value.picture === 'storage' ? Math.max(LEAST, whole.threads.length) : whole.threads.length) * LANE
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="chart">
        <div class="lane-names">
          {whole.threads.map(({ thread, name }) => (
            <span key={thread} style={{ height: `${LANE}px` }}>
              {shortName(name)}
            </span>
          ))}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
        <div class="lanes" ref={box} tabIndex={0}>
          <svg width={width} height={room} role="img" aria-label={`${whole.steps.length} steps, ${at} of them taken`}>
            {marks}
            {ordering.value && <Arrows />}
            <rect x={LEFT + at * CELL} width={width} height={height} class="future" />
            <path d={`M${LEFT + at * CELL - 1} 0V${height}`} class="cursor" />
          </svg>
        </div>
      </div>
      <LaneSigns />
      <Ordering whole={whole} />
    </section>
  )
}

const widthOf = ({ steps }: Moment) => LEFT + (steps.length + 2) * CELL

/** What happened on the lanes. */
function Marks({ whole }: { whole: Moment }) {
  const lanes = new Map(whole.threads.map(({ thread }, lane) => [thread, lane]))
  const matter = new Set(whole.wrong?.steps ?? [])
  const y = (thread: number) => (lanes.get(thread) ?? 0) * LANE
  return (
    <>
      {whole.threads.map(({ thread }) => (
        <path key={thread} d={`M${LEFT - 6} ${y(thread) + 12}H${widthOf(whole)}`} class="rail" />
      ))}
      {barsOf(whole).map(({ thread, from, to, kind }) => (
        <rect
          key={`${kind}${from}`}
          x={LEFT + from * CELL}
          y={y(thread) + (kind === 'section' ? 1 : kind === 'grace' ? 19 : 4)}
          width={(to - from + 1) * CELL - 3}
          height="4"
          rx="2"
          class={`bar ${kind}`}
        />
      ))}
      {whole.steps.map((step, k) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the list below does the same by keyboard
        <g
          key={k}
          onClick={() => goTo(k + 1)}
          class={`event ${markOf(step)} cpu${step.thread % 4}${matter.has(k) ? ' matters' : ''}`}
        >
          <title>{sentence(step, whole)}</title>
          <rect x={LEFT + k * CELL} y={y(step.thread)} width={CELL} height={LANE} class="hit" />
          <rect
            x={LEFT + k * CELL + 3}
            y={y(step.thread) + 7}
            width="10"
            height="10"
            rx={step.stores ? 2 : 5}
            class="mark"
          />
        </g>
      ))}
    </>
  )
}

/**
 * The last steps in words, newest first, as buttons. A step is called what it is called in the lanes: by the object
 * that lies there once all of the schedule is played.
 */
export function Events() {
  const shown = view.value
  if (shown === null) return null
  const { whole, now } = shown
  const at = now.steps.length
  const last = whole.steps
    .slice(0, at)
    .map((step, k) => ({ step, k }))
    .slice(-14)
    .reverse()
  return (
    <ol class="events" aria-label="Last steps, newest first">
      {last.map(({ step, k }) => (
        <li key={k} class={`cpu${step.thread % 4}`}>
          <button type="button" onClick={() => goTo(k + 1)}>
            <span class="number">{k + 1}</span> {sentence(step, whole)}
          </button>
        </li>
      ))}
    </ol>
  )
}
