/**
 * What exhibits are called: loaded when a title is to be seen.
 */

import { signal } from '@preact/signals'

const titles = signal<Readonly<Record<string, string>> | undefined>(undefined)
let asked = false

/** What an exhibit is called; nothing while that is on its way. */
export function titleOf(exhibit: string): string {
  if (!asked) {
    asked = true
    void import('../lessons/exhibit-titles.ts').then(({ TITLES }) => {
      titles.value = TITLES
    })
  }
  return titles.value?.[exhibit] ?? ''
}
