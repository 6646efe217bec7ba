/**
 * JavaScript and TypeScript whose comments keep to the width. Biome sees to the code, and strings may be as long as
 * they are.
 */

import { parseSync } from 'oxc-parser'
import { isOneWord, WIDTH, wrap } from './wrap.js'

/** Lines of a comment that are broken by nobody: what tools read, and code. */
const VERBATIM = /^(?: {4,}|@explore|biome-ignore|\||\/)/
/** Where a paragraph of a comment ends: before a list, a tag, or what is verbatim. */
const BEGINS = /^(?:\s*$|\s*[-*] |@|\s*\d+[.)] )/

/**
 * The lines of a comment's text, those broken anew that are too wide behind so many columns, to the ends of their
 * paragraphs.
 */
function broken(lines, columns) {
  const out = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (columns + line.length <= WIDTH || VERBATIM.test(line) || isOneWord(line)) {
      out.push(line)
      continue
    }
    const rest = [line]
    while (i + 1 < lines.length && !BEGINS.test(lines[i + 1]) && !VERBATIM.test(lines[i + 1]))
      rest.push(lines[++i].trim())
    const [indent, bullet] = /^(\s*)((?:[-*] |\d+[.)] )?)/.exec(line).slice(1)
    const blanks = ' '.repeat(columns)
    const whole = rest.join(' ').slice(indent.length + bullet.length)
    for (const each of wrap(whole, blanks + indent + bullet, blanks + indent + ' '.repeat(bullet.length)))
      out.push(each.slice(columns))
  }
  return out
}

function brokenBlock(text, indent) {
  const opening = text.startsWith('/**') ? '/**' : '/*'
  const lines = text
    .slice(opening.length, -2)
    .split('\n')
    .map((line, i) => (i === 0 ? line.trim() : line.replace(/^\s*\* ?/, '').trimEnd()))
  if (lines[0] === '') lines.shift()
  if (lines.at(-1)?.trim() === '') lines.pop()
  const inner = broken(lines, indent.length + 3)
  return [opening, ...inner.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}`), `${indent} */`].join('\n')
}

/** The source with those comments broken anew that are too wide. */
export function wrapComments(file, text) {
  const lineStart = (at) => text.lastIndexOf('\n', at - 1) + 1
  const isWide = ({ start, end }) =>
    text
      .slice(lineStart(start), end)
      .split('\n')
      .some((line) => line.length > WIDTH)
  const alone = ({ start, end }) =>
    text.slice(lineStart(start), start).trim() === '' && /^\s*(?:\n|$)/.test(text.slice(end))
  const { comments } = parseSync(file, text)
  const edits = []
  for (let i = 0; i < comments.length; i++) {
    const comment = comments[i]
    const begin = lineStart(comment.start)
    const indent = /^\s*/.exec(text.slice(begin))[0]
    if (comment.type === 'Block') {
      if (isWide(comment) && alone(comment))
        edits.push({ ...comment, by: brokenBlock(text.slice(comment.start, comment.end), indent) })
    } else if (alone(comment)) {
      const group = [comment]
      const goesOn = (next) =>
        next?.type === 'Line' &&
        alone(next) &&
        text.slice(group.at(-1).end, next.start).trim() === '' &&
        text.slice(group.at(-1).end, next.start).split('\n').length === 2
      while (goesOn(comments[i + 1])) group.push(comments[++i])
      if (!group.some(isWide)) continue
      const lines = group.map(({ start, end }) => text.slice(start + 2, end).replace(/^ /, ''))
      const by = broken(lines, indent.length + 3).map(
        (line, n) => `${n === 0 ? '' : indent}//${line === '' ? '' : ` ${line}`}`,
      )
      edits.push({ start: comment.start, end: group.at(-1).end, by: by.join('\n') })
    } else if (isWide(comment)) {
      // Behind code: above it.
      const lines = broken([text.slice(comment.start + 2, comment.end).trim()], indent.length + 3)
      edits.push({ start: begin, end: begin, by: lines.map((line) => `${indent}// ${line}\n`).join('') })
      edits.push({ start: begin + text.slice(begin, comment.start).trimEnd().length, end: comment.end, by: '' })
    }
  }
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((out, { start, end, by }) => out.slice(0, start) + by + out.slice(end), text)
}
