/**
 * Parts of the page that are loaded when they are first to be seen.
 */

import { signal } from '@preact/signals'
import type { FunctionComponent } from 'preact'

/** A part in the place of one that is loaded the first time it is to be drawn; nothing until it is there. */
export function later(load: () => Promise<FunctionComponent>): FunctionComponent {
  const part = signal<FunctionComponent | undefined>(undefined)
  let asked = false
  return () => {
    if (!asked) {
      asked = true
      void load().then((loaded) => {
        part.value = loaded
      })
    }
    const Part = part.value
    return Part === undefined ? null : <Part />
  }
}
