/**
 * The number that a program's memory is laid out by.
 *
 * Whether an interleaving fails may depend on addresses: which bucket an object is on, what shares a line. A setup that
 * takes them from `LAYOUT` can be explored in several layouts. The number stands in the text, so that the code's
 * fingerprint tells one layout from another.
 */

const LINE = /^((?:export )?const LAYOUT = )0(;?)$/m

/** How such a line looks. */
export const LAYOUT_LINE = 'const LAYOUT = 0'

/** Has the text such a line? */
export const hasLayout = (text: string): boolean => LINE.test(text)

/** The text with that number in the line. */
export const laidOut = (text: string, layout: number): string => text.replace(LINE, `$1${layout}$2`)
