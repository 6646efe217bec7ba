/**
 * The keys, in a dialog.
 */

import { useEffect, useRef } from 'preact/hooks'
import { helping } from './dialogs.ts'
import { LaneSigns, MemorySigns } from './signs.tsx'

const KEYS: readonly (readonly [string, string])[] = [
  ['1 … 4', 'the next step of a CPU, in the order of the buttons'],
  ['Shift 1 … 4', 'the same, over a call'],
  ['O', 'the CPU that went last: out of the function that it is in'],
  ['L', 'the same CPU: to a line, which you type'],
  ['W', 'to the next change of the word that you have chosen in the memory'],
  ['← →', 'one step back, one step forward'],
  ['Home, End', 'to the start, to the end of the schedule'],
  ['P', 'play and pause'],
  ['F', 'explore every interleaving'],
  ['G', 'words and rules: what C7 means, or a grace period'],
  ['?', 'this list'],
]

/** The dialog. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const close = () => {
    helping.value = false
  }
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h2>Signs</h2>
      <MemorySigns />
      <LaneSigns />
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  )
}
