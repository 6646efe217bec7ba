/**
 * What the codes and words mean: a dialog with the rules about races and the words of the field.
 */

import { useEffect, useRef } from 'preact/hooks'
import { ENTRIES } from '../words.ts'
import { asked } from './dialogs.ts'

/** The dialog, at what was asked for. */
export function Glossary() {
  const dialog = useRef<HTMLDialogElement>(null)
  const word = asked.value
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
    dialog.current?.querySelector('.asked')?.scrollIntoView({ block: 'nearest' })
  }, [word])
  const close = () => {
    asked.value = ''
  }
  return (
    <dialog ref={dialog} class="glossary" onClose={close} aria-labelledby="glossary">
      <h2 id="glossary">Words and rules</h2>
      <dl>
        {ENTRIES.map(([name, meaning]) => (
          <div key={name} class={name === word ? 'asked' : ''}>
            <dt>{name}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  )
}
