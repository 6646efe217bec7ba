/**
 * Markdown whose prose keeps to the width. Tables, headings, code and HTML stay as they are.
 */

import { isOneWord, WIDTH, wrap } from './wrap.js'

/** What begins an item of a list or a quotation, with its indentation. */
const MARKER = /^(\s*)((?:[-*+]|\d+[.)]|>) +)/
/** Lines that are no prose: rows, headings, rules, HTML, what a link is short for. */
const VERBATIM = /^\s*(?:\||#|<|\[[^\]]+\]: |-{3,}$|!\[)/

/** The parts of a document: lines that stay, and paragraphs with the prefixes of their lines. */
function* partsOf(lines) {
  let paragraph
  for (const { line, isCode } of withCode(lines)) {
    const marker = MARKER.exec(line)
    if (paragraph !== undefined && (isCode || marker !== null || VERBATIM.test(line) || line.trim() === '')) {
      yield paragraph
      paragraph = undefined
    }
    if (isCode || VERBATIM.test(line) || line.trim() === '') yield { line }
    else if (paragraph !== undefined) paragraph.lines.push(line)
    else {
      const indent = /^\s*/.exec(line)[0]
      const bullet = marker === null ? '' : marker[2]
      const rest = indent + (bullet[0] === '>' ? bullet : ' '.repeat(bullet.length))
      paragraph = { first: indent + bullet, rest, lines: [line] }
    }
  }
  if (paragraph !== undefined) yield paragraph
}

/** Each line, and whether it is code: between fences, or behind four blanks where no list goes on. */
function* withCode(lines) {
  let fence
  let inList = false
  let before = { line: '', isCode: false }
  for (const line of lines) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1]
    const isIndented = !inList && /^ {4}/.test(line) && (before.isCode || before.line.trim() === '')
    if (MARKER.test(line) && !isIndented) inList = true
    else if (/^\S/.test(line) && before.line.trim() === '') inList = false
    before = { line, isCode: fence !== undefined || mark !== undefined || isIndented }
    yield before
    if (fence === undefined) fence = mark
    else if (line.trim() === fence) fence = undefined
  }
}

/** The text of a paragraph, in one line. */
function textOf({ first, rest, lines }) {
  return lines
    .map((line, i) => line.slice((i === 0 ? first : rest.trim() === '' ? /^\s*/.exec(line)[0] : rest).length))
    .join(' ')
}

/** The document with those paragraphs broken anew that are too wide. */
export function wrapMarkdown(text) {
  const out = []
  for (const part of partsOf(text.split('\n'))) {
    if ('line' in part) out.push(part.line)
    else if (part.lines.every((line) => line.length <= WIDTH) || isOneWord(textOf(part))) out.push(...part.lines)
    else out.push(...wrap(textOf(part), part.first, part.rest))
  }
  return out.join('\n')
}
