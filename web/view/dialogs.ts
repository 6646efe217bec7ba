/**
 * Which dialog is open.
 */

import { signal } from '@preact/signals'

/** Whether the list of keys is. */
export const helping = signal(false)
/** The word or code that was asked for; '' while the glossary is closed. */
export const asked = signal('')
