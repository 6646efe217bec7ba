/**
 * How an exhibit of the museum reads: its story as paragraphs, its edits as a diff.
 */

import type { Edit } from '../../museum/exhibit.ts'
import { green, red } from '../command/terminal.ts'

/** Columns of a paragraph. */
const WIDTH = 100
const INDENT = 10

/** A paragraph with its heading in front: 'Broken:   Between the two ...'. */
export function paragraph(heading: string, text: string): string {
  const lines = [heading.padEnd(INDENT - 1)]
  for (const word of text.split(' ')) {
    if (lines.at(-1)!.length + 1 + word.length > WIDTH) lines.push(' '.repeat(INDENT - 1))
    lines[lines.length - 1] += ` ${word}`
  }
  return lines.join('\n')
}

/** An edit in the manner of diff -u, without line numbers: lines that stay at both ends are shown as such. */
export function sourceDiff({ file, from, to }: Edit): string {
  const before = linesOf(from)
  const after = linesOf(to)
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail++
  return [
    `--- ${file}`,
    ...before.slice(0, head).map((line) => `  ${line}`),
    ...before.slice(head, before.length - tail).map((line) => red(`- ${line}`)),
    ...after.slice(head, after.length - tail).map((line) => green(`+ ${line}`)),
    ...before.slice(before.length - tail).map((line) => `  ${line}`),
  ].join('\n')
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
