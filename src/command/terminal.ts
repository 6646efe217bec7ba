/**
 * What a terminal can do: colours on stdout, a line of progress on stderr.
 */

/** Does stdout take colours? */
export const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

function paint(code: number, text: string): string {
  return coloured ? `\x1b[${code}m${text}\x1b[0m` : text
}

/** Headings. */
export const bold = (text: string): string => paint(1, text)
/** What is as it should be. */
export const green = (text: string): string => paint(32, text)
/** What is not. */
export const red = (text: string): string => paint(31, text)

/**
 * Puts a line on stderr in place of the one before, if that is a terminal; '' takes it away, so that something else can
 * be printed.
 */
export function tellProgress(line: string): void {
  const { stderr } = process
  if (stderr.isTTY === true) stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns || 80) - 1)}`)
}

/** Milliseconds between two lines of progress. */
const INTERVAL = 200

/**
 * Tells `line()` again and again, as long as the event loop gets a turn. Returns the function that ends it and leaves
 * nothing behind.
 */
export function showProgress(line: () => string): () => void {
  if (process.stderr.isTTY !== true) return () => {}
  const timer = setInterval(() => tellProgress(line()), INTERVAL)
  timer.unref()
  return () => {
    clearInterval(timer)
    tellProgress('')
  }
}
