/**
 * The page as a whole.
 */

import { signal } from '@preact/signals'
import { writePlace } from '../lessons/link.ts'
import { sentence } from './actions.ts'
import { done } from './progress.ts'
import { announcement, isUnreadable, lesson, named, place, problem, ready, view } from './state.ts'
import { Controls } from './view/controls.tsx'
import { asked as glossary, helping } from './view/dialogs.ts'
import { FindRace } from './view/find-race.tsx'
import { later } from './view/later.tsx'
import { LessonList, LessonPanel } from './view/lesson-panel.tsx'
import { MemoryPicture } from './view/memory-picture.tsx'
import { SourceColumns } from './view/source-columns.tsx'
import { Events, Timeline } from './view/timeline.tsx'
import { inWords } from './wrong.ts'

const BreakIt = later(async () => (await import('./view/break-it.tsx')).BreakIt)
const OwnProgram = later(async () => (await import('./view/own-program.tsx')).OwnProgram)
const Share = later(async () => (await import('./view/share.tsx')).Share)
const HandIn = later(async () => (await import('./view/hand-in.tsx')).HandIn)
const Help = later(async () => (await import('./view/help.tsx')).Help)
const Glossary = later(async () => (await import('./view/glossary.tsx')).Glossary)

/** Whether the page is a part of another one, by `?embed` in its address: then it is the desk of a lesson alone. */
const embedded = new URLSearchParams(location.search).has('embed')
/** Whether the text is hidden, so that the desk has all of the page. */
const alone = signal(embedded)

/** Everything between `body` and its end. */
export function App() {
  return (
    <>
      {!embedded && (
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
          <button
            type="button"
            onClick={() => {
              glossary.value = 'RCU'
            }}
          >
            Words <kbd>G</kbd>
          </button>
          <button
            type="button"
            aria-pressed={alone.value}
            onClick={() => {
              alone.value = !alone.value
            }}
          >
            Desk alone
          </button>
        </header>
      )}
      <main class={`picture-${lesson.value.picture}${alone.value ? ' alone' : ''}`} aria-busy={!ready.value}>
        <div class="left">
          <LessonPanel />
          {/^(free-play|litmus)$/.test(lesson.value.id) && <OwnProgram />}
          {lesson.value.exhibits.length > 0 && <BreakIt />}
          <FindRace />
          {(view.value?.now.steps.length ?? 0) > 0 && <Share />}
          {done.value.size > 0 && <HandIn />}
        </div>
        <div class="middle">
          {problem.value !== '' && (
            <p class="wrong" role="alert">
              {problem.value}
            </p>
          )}
          {embedded && <Whole />}
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
      {helping.value && <Help />}
      {glossary.value !== '' && <Glossary />}
    </>
  )
}

/** Above an embedded desk: which lesson it is of, and the way there. */
function Whole() {
  const { pathname } = location
  return (
    <p class="whole">
      <b>{lesson.value.title}.</b>{' '}
      <a href={`${pathname}#${writePlace(place.value)}`} target="_blank" rel="noopener">
        The whole page
      </a>
    </p>
  )
}

/** Why there is nothing to step yet. */
function notYet(): string {
  if (problem.value !== '') return ''
  return isUnreadable.value ? 'There is nothing to step until the program can be read.' : 'Loading …'
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
