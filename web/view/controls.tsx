/**
 * The scheduler's desk: a button for each CPU, back and forward, play.
 */

import type { ThreadView } from '../../src/explore/internals.ts'
import { back, forward, goTo, play, playing, running, speed, startAgain } from '../actions.ts'
import { shortName } from '../picture/scene.ts'
import { folded, isFolded, step, stepOut, stepOver, stepReading, toEnd } from '../runs.ts'
import { lesson, named, place, view } from '../state.ts'

/** The desk. */
export function Controls() {
  const now = view.value?.now
  const { schedule, at } = place.value
  return (
    <section class="controls" aria-label="Scheduler">
      <div class="cpus">
        {now?.threads.map((thread, k) => (
          <CpuButtons key={thread.label} thread={thread} position={k} />
        ))}
      </div>
      <div class="travel">
        <button type="button" onClick={startAgain} disabled={schedule.length === 0}>
          Start again
        </button>
        <button type="button" onClick={back} disabled={at === 0}>
          ← Back
        </button>
        <button type="button" onClick={forward} disabled={at === schedule.length}>
          Forward →
        </button>
        <label>
          <span>
            Step {at} of {schedule.length}
          </span>
          <input
            type="range"
            min={0}
            max={schedule.length}
            value={at}
            disabled={schedule.length === 0}
            onInput={(event) => goTo(Number(event.currentTarget.value))}
          />
        </label>
        <button type="button" onClick={play} aria-pressed={playing.value}>
          {playing.value ? 'Pause' : 'Play'}
        </button>
        <label class="speed">
          <span>Speed</span>
          <select value={speed.value} onChange={(event) => (speed.value = Number(event.currentTarget.value))}>
            <option value={1}>1 a second</option>
            <option value={4}>4 a second</option>
            <option value={20}>20 a second</option>
          </select>
        </label>
        <label class="fold">
          <input
            type="checkbox"
            checked={folded.value}
            onChange={(event) => (folded.value = event.currentTarget.checked)}
          />
          <span>Fold the allocator</span>
        </label>
      </div>
    </section>
  )
}

function CpuButtons({ thread, position }: { thread: ThreadView; position: number }) {
  const can = running.value && thread.status === 'ready'
  const what =
    thread.status === 'ended'
      ? 'has ended'
      : thread.status === 'blocked'
        ? named(thread.why)
        : running.value
          ? named(`${thread.next?.operation} ${thread.next?.place ?? ''}`)
          : 'the execution has failed'
  const shown =
    thread.status === 'ready' && isFolded(thread.next?.site) && running.value ? 'the allocator, folded' : what
  return (
    <div class={`cpu cpu${thread.thread % 4} ${thread.status}`}>
      <button
        type="button"
        class="step"
        aria-disabled={!can}
        aria-keyshortcuts={position < 4 ? String(position + 1) : undefined}
        onClick={() => can && step(thread)}
      >
        <b title={thread.name}>{shortName(thread.name)}</b> {position < 4 && <kbd>{position + 1}</kbd>}
        <span class="what">{shown}</span>
      </button>
      <button
        type="button"
        aria-label={`Over the call: ${thread.name}`}
        aria-disabled={!can}
        onClick={() => can && stepOver(thread)}
      >
        Over
      </button>
      <button
        type="button"
        aria-label={`Out of the function: ${thread.name}`}
        aria-disabled={!can}
        onClick={() => can && stepOut(thread)}
      >
        Out
      </button>
      <button
        type="button"
        class="to-end"
        aria-label={`To end: ${thread.name}`}
        aria-disabled={!can}
        onClick={() => can && toEnd(thread)}
      >
        To end
      </button>
      {lesson.value.memory !== undefined && <Readings thread={thread} can={can} />}
    </div>
  )
}

/** Under a memory model: what a load may read, where there is a choice. Their row is there in any case. */
function Readings({ thread, can }: { thread: ThreadView; can: boolean }) {
  const { mayRead = [] } = thread.next ?? {}
  return (
    <div class="readings">
      {(can && mayRead.length > 1 ? mayRead : []).map(({ step: stored, value }) => {
        const whence = stored === 0 ? 'from the start' : `of step ${stored}`
        return (
          <button
            key={stored}
            type="button"
            aria-label={`${thread.name} reads ${value}, ${whence}`}
            onClick={() => stepReading(thread, stored)}
          >
            reads {value}, {whence}
          </button>
        )
      })}
    </div>
  )
}
