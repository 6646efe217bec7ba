/**
 * Programs of the reader's own: operations by buttons, or a litmus program by hand.
 */

import { useMemo, useState } from 'preact/hooks'
import {
  MOST_CPUS,
  MOST_OPERATIONS,
  OPERATION_NAMES,
  type OperationName,
  readPrograms,
} from '../../lessons/own-programs.ts'
import { litmusProblem } from '../litmus.ts'
import { go, lesson, place } from '../state.ts'

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['Store buffering', 'W x 1; R y | W y 1; R x'],
  ['Message passing', 'W x 1; W y 1 | R y; R x'],
  ['Two increments', 'A x 1 | A x 1'],
  ['Lock', 'L m; R x; W x 1; U m | L m; R x; W x 2; U m'],
  ['Deadlock', 'L a; L b; U b; U a | L b; L a; U a; U b'],
]

/** What belongs to the lesson at hand; nothing for most. */
export function OwnProgram() {
  if (lesson.value.id === 'free-play') return <Programs />
  return lesson.value.id === 'litmus' ? <Litmus /> : null
}

function Programs() {
  const programs = readPrograms(place.value.text)
  const set = (next: readonly (readonly OperationName[])[]) =>
    go({ text: next.map((program) => program.join(' ')).join('|'), schedule: [], at: 0 })
  return (
    <section class="own" aria-label="Your programs">
      {programs.map((program, cpu) => (
        <div key={cpu} class={`program cpu${cpu}`}>
          <b>CPU {cpu}</b> <code>{program.join('; ') || 'nothing'}</code>
          <div>
            {OPERATION_NAMES.map((name) => (
              <button
                key={name}
                type="button"
                aria-label={`CPU ${cpu}: add ${name}`}
                disabled={program.length === MOST_OPERATIONS}
                onClick={() => set(programs.map((each, k) => (k === cpu ? [...each, name] : each)))}
              >
                + {name}
              </button>
            ))}
            <button
              type="button"
              aria-label={`CPU ${cpu}: remove the last operation`}
              disabled={program.length === 0}
              onClick={() => set(programs.map((each, k) => (k === cpu ? each.slice(0, -1) : each)))}
            >
              Remove
            </button>
          </div>
        </div>
      ))}
      <p>
        <button type="button" disabled={programs.length === MOST_CPUS} onClick={() => set([...programs, ['get']])}>
          Another CPU
        </button>
        <button type="button" disabled={programs.length === 1} onClick={() => set(programs.slice(0, -1))}>
          One CPU less
        </button>
      </p>
    </section>
  )
}

function Litmus() {
  const program = place.value.text
  // The field has the program, or what was typed `over` it and can't be read.
  const [draft, setDraft] = useState({ over: program, text: program })
  const text = draft.over === program ? draft.text : program
  const wrong = useMemo(() => litmusProblem(text), [text])
  const use = (text: string, typed: boolean) => {
    const readable = litmusProblem(text) === ''
    setDraft({ over: readable ? text : program, text })
    if (readable) go({ text, schedule: [], at: 0 }, { typed })
  }
  return (
    <section class="own" aria-label="Your litmus program">
      <label>
        <span>Program</span>
        <textarea
          value={text}
          rows={3}
          spellcheck={false}
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          onInput={(event) => use(event.currentTarget.value.replaceAll('\n', ' '), true)}
        />
      </label>
      {wrong !== '' && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
      <p class="examples">
        {EXAMPLES.map(([name, program]) => (
          <button key={name} type="button" onClick={() => use(program, false)}>
            {name}
          </button>
        ))}
      </p>
    </section>
  )
}
