/**
 * The page as a whole.
 */

import { sentence } from './actions.ts'
import { litmusProblem } from './program.ts'
import { announcement, lesson, named, place, problem, ready, view } from './state.ts'
import { BreakIt } from './view/break-it.tsx'
import { Controls } from './view/controls.tsx'
import { FindRace } from './view/find-race.tsx'
import { Help, helping } from './view/help.tsx'
import { LessonList, LessonPanel } from './view/lesson-panel.tsx'
import { MemoryPicture } from './view/memory-picture.tsx'
import { OwnProgram } from './view/own-program.tsx'
import { Share } from './view/share.tsx'
import { SourceColumns } from './view/source-columns.tsx'
import { Events, Timeline } from './view/timeline.tsx'
import { inWords } from './wrong.ts'

/** Everything between `body` and its end. */
export function App() {
  return (
    <>
      <header>
        <h1>
          sk-storage <span>hold the race in your hands</span>
        </h1>
        <LessonList />
        <button
          type="button"
          onClick={() => {
            helping.value = true
          }}
        >
          Keys <kbd>?</kbd>
        </button>
      </header>
      <main class={`picture-${lesson.value.picture}`} aria-busy={!ready.value}>
        <div class="left">
          <LessonPanel />
          <OwnProgram />
          <BreakIt />
          <FindRace />
          <Share />
        </div>
        <div class="middle">
          {problem.value !== '' && (
            <p class="wrong" role="alert">
              {problem.value}
            </p>
          )}
          <Controls />
          <Verdict />
          <SourceColumns />
          <Timeline />
          <MemoryPicture />
          <Events />
        </div>
      </main>
      <p class="hidden" aria-live="polite" data-step={place.value.at}>
        {announcement.value}
      </p>
      <Help />
    </>
  )
}

/** Why there is nothing to step yet. */
function notYet(): string {
  if (problem.value !== '') return ''
  const unreadable = lesson.value.id === 'litmus' && litmusProblem(place.value.text) !== ''
  return unreadable ? 'There is nothing to step until the program can be read.' : 'Loading …'
}

/** How the execution stands: always two lines, so that nothing moves when it changes. */
function Verdict() {
  const now = view.value?.now
  if (now === undefined) return <p class="verdict">{notYet()}</p>
  if (now.wrong !== null) {
    const { kind, sentence } = inWords(now.wrong)
    return (
      <p class="verdict wrong">
        <b>{kind}:</b> {named(sentence)}
      </p>
    )
  }
  if (now.ending === 'complete')
    return <p class="verdict right">All CPUs have come to their end, and nothing is wrong.</p>
  const waiting = now.threads.filter(({ status }) => status === 'blocked')
  const last = now.steps.at(-1)
  const told =
    waiting.length > 0
      ? waiting.map(({ name, why }) => named(`${name} ${why}.`)).join(' ')
      : last === undefined
        ? 'Nothing has run yet: the next step is whose you choose.'
        : `Step ${now.steps.length}. ${sentence(last, now)}`
  return <p class="verdict">{told}</p>
}
