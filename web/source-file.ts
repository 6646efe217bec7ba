/** A function in a source: its name, its first and its last line, from 1, and the functions that it mentions. */
export type FunctionPlace = readonly [name: string, from: number, to: number, mentions: readonly string[]]

/** A source as the page shows it, by line: class and text of each piece in turn. */
export type SourceFile = readonly (readonly string[])[]

/**
 * A source as it is stored: its text, with a mark before each piece that says its class. Written as lists it took twice
 * as much.
 */
export type WrittenSource = string

/** The classes that pieces have. */
const CLASSES = [
  '',
  'keyword',
  'constant',
  'punctuation',
  'comment',
  'function',
  'string-expression',
  'string',
  'parameter',
]
/** The mark of the first class. That of the last is not behind 0xaf. */
const FIRST_MARK = 0xa1
const MARK = /[\u00a1-\u00af]/
const PIECES = /[\u00a1-\u00af][^\u00a1-\u00af]*/g

/** Throws for a class that is not known, and for a text that has a mark of its own. */
export function writeSource(lines: SourceFile): WrittenSource {
  const piece = (name: string, text: string) => {
    const mark = CLASSES.indexOf(name)
    if (mark < 0) throw new Error(`got a piece of the class ${name}, expected one of ${CLASSES.join(', ')}`)
    if (MARK.test(text))
      throw new Error(`got ${JSON.stringify(text)} in a source, expected no letter from U+00A1 to U+00AF`)
    return String.fromCharCode(FIRST_MARK + mark) + text
  }
  return lines
    .map((line) => `${line.map((name, k) => (k % 2 === 0 ? piece(name, line[k + 1]) : '')).join('')}\n`)
    .join('')
}

/** The lines again. */
export function readSource(written: WrittenSource): SourceFile {
  const piece = (text: string) => [CLASSES[text.charCodeAt(0) - FIRST_MARK], text.slice(1)]
  const lines = written.split('\n').slice(0, -1)
  return lines.map((line) => (line.match(PIECES) ?? []).flatMap(piece))
}

/** Its text, without the classes. */
export const plainText = (written: WrittenSource): string => written.replace(/[\u00a1-\u00af]/g, '')
