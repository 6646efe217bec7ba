/**
 * What a reader has done, as a file for a teacher.
 */

import { useRef } from 'preact/hooks'
import { writeHandIn } from '../../lessons/hand-in.ts'
import { LESSONS } from '../../lessons/lesson-list.ts'
import { saveText } from '../actions.ts'
import { done, isTold } from '../progress.ts'

/** The button that writes the file, and whose it is. */
export function HandIn() {
  const name = useRef<HTMLInputElement>(null)
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    const tasks = new Map([...done.value].filter(([id]) => isTold(id)))
    saveText('lessons.json', 'application/json', writeHandIn({ name: name.current?.value.trim() ?? '', tasks }))
  }
  const { size } = done.value
  const untold = [...done.value.keys()].filter((id) => !isTold(id)).length
  return (
    <section class="hand-in" aria-label="Hand in">
      <h2>Hand in</h2>
      <form onSubmit={save}>
        <label>
          Name <input type="text" ref={name} maxLength={100} autocomplete="name" />
        </label>{' '}
        <button type="submit">
          Save what you have done ({size - untold} of {LESSONS.length})
        </button>
      </form>
      {untold > 0 && (
        <p>{untold} more were done on an older page, which did not keep how: do them again to hand them in.</p>
      )}
    </section>
  )
}
