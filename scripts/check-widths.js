/**
 * Looks whether comments and the prose of our documents keep to 120 columns:
 * `node scripts/check-widths.js [--write] [file ...]`. With --write it breaks what does not.
 *
 * Exit code 0 when all do, 1 when one does not, with a line for each file on stderr.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { wrapComments } from './wrap-comments.js'
import { wrapMarkdown } from './wrap-markdown.js'

const write = process.argv.includes('--write')
const given = process.argv.slice(2).filter((word) => word !== '--write')
// Without a file, all that git knows or would. What is written by a program is left as it is.
const all = () => execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
const files = (given.length > 0 ? given : all().trim().split('\n')).filter(
  (file) =>
    /\.(md|[cm]?[jt]s|tsx)$/.test(file) &&
    file !== 'docs/benchmarks.md' &&
    !file.endsWith('.bpf.ts') &&
    existsSync(file),
)

let wide = 0
for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const broken = file.endsWith('.md') ? wrapMarkdown(text) : wrapComments(file, text)
  if (broken === text) continue
  wide++
  if (write) writeFileSync(file, broken)
  else {
    const at = broken.split('\n').findIndex((line, i) => line !== text.split('\n')[i])
    console.error(`${file}:${at + 1}: is wider than 120 columns, expected not: node scripts/check-widths.js --write`)
  }
}
console.log(`${files.length} files, ${wide} ${write ? 'broken anew' : 'too wide'}`)
process.exitCode = wide === 0 || write ? 0 : 1
