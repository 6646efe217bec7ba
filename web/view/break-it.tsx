/**
 * "Break it": exhibits that fit the lesson, the diff of the one that is chosen, and the way back.
 */

import { signal } from '@preact/signals'
import { MUSEUM, THEMES } from '../../lessons/exhibit-index.ts'
import type { Exhibit } from '../../lessons/exhibits.ts'
import { go, lesson, place } from '../state.ts'
import { titleOf } from '../titles.ts'
import { Coded } from './coded.tsx'

/** Stories and edits, once somebody has asked for one. */
const texts = signal<ReadonlyMap<string, Exhibit> | undefined>(undefined)

/** Story and edits of an exhibit; undefined while they are on their way. */
function textOf(exhibit: string): Exhibit | undefined {
  if (texts.value === undefined)
    void import('../../lessons/exhibits.ts').then(({ EDITED }) => {
      texts.value = EDITED
    })
  return texts.value?.get(exhibit)
}

/** The choice, and what it changes. */
export function BreakIt() {
  const { exhibits } = lesson.value
  if (exhibits.length === 0) return null
  const choose = (exhibit: string) => go({ exhibit, schedule: [], at: 0 })
  const inMuseum = lesson.value.id === 'museum'
  const offered = inMuseum ? [place.value.text] : exhibits
  return (
    <section class="break" aria-label="Break it">
      <h2>Break it</h2>
      {inMuseum && <Catalogue />}
      {place.value.exhibit === '' ? (
        <ul>
          {offered.map((id) => (
            <li key={id}>
              <button type="button" onClick={() => choose(id)}>
                {titleOf(id)}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <Told exhibit={place.value.exhibit} />
          <button type="button" class="primary" onClick={() => choose('')}>
            Fix it
          </button>
        </>
      )}
    </section>
  )
}

/** What was chosen: its story, and its lines. */
function Told({ exhibit }: { exhibit: string }) {
  const { story = [], edits = [] } = textOf(exhibit) ?? {}
  return (
    <>
      <p>
        <b>{titleOf(exhibit)}.</b> <Coded text={story[0] ?? ''} />
      </p>
      {story.slice(1).map((paragraph) => (
        <p key={paragraph}>
          <Coded text={paragraph} />
        </p>
      ))}
      {edits.map(({ file, from, to }) => (
        <figure key={`${file} ${from}`} class="diff">
          <figcaption>{file}</figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
          <pre tabIndex={0}>
            {changed(from, to).map(([sign, line], k) => (
              <span key={k} class={sign === '-' ? 'removed' : sign === '+' ? 'added' : 'same'}>
                {sign} {line}
                {'\n'}
              </span>
            ))}
          </pre>
        </figure>
      ))}
    </>
  )
}

/** The museum's exhibits, to choose one: its program, broken. */
function Catalogue() {
  return (
    <label class="choose">
      <span>Exhibit</span>
      <select
        value={place.value.text}
        onChange={({ currentTarget: { value } }) => go({ exhibit: value, text: value, schedule: [], at: 0 })}
      >
        {THEMES.map((theme) => (
          <optgroup key={theme} label={theme}>
            {MUSEUM.filter((each) => each.theme === theme).map(({ id }) => (
              <option key={id} value={id}>
                {`${id}  ${titleOf(id)}`}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  )
}

/** The lines of an edit: what stands in both, what went, what came. */
function changed(before: string, after: string): [string, string][] {
  const old = before.split('\n').filter((line) => line.trim() !== '')
  const fresh = after.split('\n').filter((line) => line.trim() !== '')
  return [
    ...old.map((line): [string, string] => [fresh.includes(line) && !moved(line, old, fresh) ? ' ' : '-', line]),
    ...fresh
      .filter((line) => !old.includes(line) || moved(line, old, fresh))
      .map((line): [string, string] => ['+', line]),
  ]
}

/** A line that is in both, but behind another one now. */
const moved = (line: string, old: readonly string[], fresh: readonly string[]) =>
  old.length === fresh.length && old.indexOf(line) !== fresh.indexOf(line)
