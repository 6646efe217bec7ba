/**
 * What a process prints, as it comes out of a pipe: the author's lines, and behind them what Node says when it gives
 * up, pages of it, of which one line tells why.
 */

/** How Node begins when it gives up. */
const GIVES_UP = /^(?:#\n)?(?:# Fatal |FATAL ERROR: |<--- Last few GCs)/m
const REASON = /^(?:FATAL ERROR: |# (?=Fatal JavaScript))(.*)$/m

/** Where what has to be held back begins: what Node says of itself, or the beginning of a line. */
export function endOfPrinted(text: string): number {
  const found = GIVES_UP.exec(text)
  if (found !== null) return found.index
  const line = text.lastIndexOf('\n') + 1
  return text.endsWith('#\n', line) ? line - 2 : line
}

/** Why Node gave up; undefined: it did not. */
export function reasonIn(text: string): string | undefined {
  return GIVES_UP.test(text) ? (REASON.exec(text)?.[1] ?? 'it does not say why') : undefined
}
