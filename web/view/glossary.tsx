/**
 * What the codes and words mean: a dialog with the rules about races and the words of the field. Codes in texts and
 * sources lead to it, those of exhibits to the museum.
 */

import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { MUSEUM } from '../exhibit-index.ts'
import type { Entry } from '../words.ts'

/** The word that was asked for; '' while the dialog is closed. */
export const asked = signal('')
/** All that can be asked for, once somebody has. */
const entries = signal<readonly Entry[]>([])

const CODE = /\b(C(?:1[0-5]|[1-9])|[HD]\d{2}b?)\b/

/** A text with its codes as links. */
export function Coded({ text }: { text: string }) {
  const pieces = text.split(CODE)
  if (pieces.length === 1) return <>{text}</>
  return (
    <>
      {pieces.map((piece, k) => {
        if (k % 2 === 0) return piece
        if (piece.startsWith('C'))
          return (
            <button
              type="button"
              class="code"
              aria-label={`${piece}: what it says`}
              onClick={() => (asked.value = piece)}
            >
              {piece}
            </button>
          )
        const exhibit = MUSEUM.find(({ id }) => id === piece)
        return exhibit === undefined ? (
          piece
        ) : (
          <a href={`#lesson=museum&program=${piece}&broken=${piece}`} title={exhibit.title}>
            {piece}
          </a>
        )
      })}
    </>
  )
}

/** The dialog, at what was asked for. */
export function Glossary() {
  const dialog = useRef<HTMLDialogElement>(null)
  const word = asked.value
  useEffect(() => {
    if (word === '') {
      dialog.current?.close()
      return
    }
    if (entries.value.length === 0)
      void import('../words.ts').then(({ ENTRIES }) => {
        entries.value = ENTRIES
      })
    if (dialog.current?.open === false) dialog.current.showModal()
    dialog.current?.querySelector('.asked')?.scrollIntoView({ block: 'nearest' })
  }, [word, entries.value])
  const close = () => {
    asked.value = ''
  }
  return (
    <dialog ref={dialog} class="glossary" onClose={close} aria-labelledby="glossary">
      <h2 id="glossary">Words and rules</h2>
      <dl>
        {entries.value.map(([name, meaning]) => (
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
