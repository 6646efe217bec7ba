/**
 * Codes in texts and sources: those of rules lead to the glossary, those of exhibits to the museum.
 */

import { MUSEUM } from '../../lessons/exhibit-index.ts'
import { titleOf } from '../titles.ts'
import { asked } from './dialogs.ts'

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
        return !MUSEUM.some(({ id }) => id === piece) ? (
          piece
        ) : (
          <a href={`#lesson=museum&program=${piece}&broken=${piece}`} title={titleOf(piece)}>
            {piece}
          </a>
        )
      })}
    </>
  )
}
