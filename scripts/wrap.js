/**
 * Breaks prose into lines: that of documents and that of comments.
 */

/** Columns of a line, at most. */
export const WIDTH = 120

/** What would mean something else at the beginning of a line: a list, a quotation, a heading, a row, a tag. */
const NO_BEGINNING = /^(?:[-+*>|]|#+|\d+[.)])$|^[@|]/

/**
 * The words of a text, each as one cannot break it: code stays together, and so does what may not begin a line with
 * what stands before it.
 */
function wordsOf(text) {
  const words = []
  for (const [word] of text.matchAll(/(?:`[^`]*`|\S)+/g)) {
    if (words.length > 0 && NO_BEGINNING.test(word)) words[words.length - 1] += ` ${word}`
    else words.push(word)
  }
  return words
}

/** The text in lines, the first behind `first` and the others behind `rest`. */
export function wrap(text, first, rest) {
  const lines = []
  let line = first
  let empty = true
  for (const word of wordsOf(text)) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = rest
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}

/** Whether nothing can be done about a line that is too long: it is one word behind its beginning. */
export function isOneWord(text) {
  return wordsOf(text).length <= 1
}
