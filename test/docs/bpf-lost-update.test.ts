/**
 * docs/bpf-lost-update.md, worked through in a folder of its own: its program is the one that stands compiled among the
 * tests' objects, and its commands print what it says.
 */

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ended, skStorageInTurn } from '../cli/command.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/bpf-lost-update.md'), 'utf8')
const objects = join(root, 'test/bpf/objects')
const SOURCE = [...page.matchAll(/```c\n([\s\S]*?)```/g)].map(([, code]) => code).join('\n')

/** Commands of the page, with what it shows below each. */
const COMMANDS = [...page.matchAll(/^ {4}\$ (.+)\n((?: {4}(?!\$).*\n|\n(?= {4}(?!\$)))*)/gm)].map(
  ([, line, shown]) => ({
    line,
    shown: shown.split('\n').slice(0, -1).map(bare),
  }),
)
const OURS = COMMANDS.filter(({ line }) => line.startsWith('npx sk-storage '))
const CLANG = COMMANDS.find(({ line }) => line.startsWith('clang '))!.line

function bare(line: string): string {
  return line.slice(4).trimEnd()
}

/** Words as a shell takes them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
}

/** What may be another number each time, and as wide as another one. */
function without(line: string, numbers: boolean): string {
  return numbers ? line.replace(/ *\d[\d.]*/g, ' N') : line
}

/** Whether these lines stand among those in this order, where `...` leaves some out, and else one behind the other. */
function stands(shown: readonly string[], printed: readonly string[]): boolean {
  const runs = `${shown.join('\n')}\n`.split(/^\.\.\.\n/m)
  let rest = `\n${printed.join('\n')}\n`
  for (const [i, run] of runs.entries()) {
    const at = run === '' ? 0 : rest.indexOf(`\n${run}`)
    if (at < 0 || (i === 0 && at > 0)) return false
    rest = rest.slice(at + run.length)
  }
  return runs.at(-1) === '' || rest === '\n'
}

let folder: string
let ended: readonly Ended[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lost-update-'))
  copyFileSync(join(objects, 'counter.bpf.o'), join(folder, 'counter.bpf.o'))
  const commands = OURS.map(({ line }) => wordsOf(line).slice(2))
  // The page has one program in its object when it is verified.
  const verify = commands.find((words) => words[1] === 'verify')!
  verify.push('--program', 'count')
  ended = await skStorageInTurn(commands, folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the page from a counter to the proof', () => {
  it('has the program that was compiled', () => {
    expect(SOURCE).toBe(readFileSync(join(objects, 'counter.bpf.c'), 'utf8'))
  })

  it('has a line for clang that compiles it, and what comes out is accepted', async ({ skip }) => {
    const source = mkdtempSync(join(tmpdir(), 'lost-update-c-'))
    try {
      writeFileSync(join(source, 'headers.c'), '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n')
      try {
        execFileSync('sh', ['-c', CLANG.replace('counter.bpf.c', 'headers.c')], { cwd: source, stdio: 'pipe' })
      } catch {
        skip('clang or the headers of libbpf are missing')
      }
      writeFileSync(join(source, 'counter.bpf.c'), SOURCE)
      execFileSync('sh', ['-c', CLANG], { cwd: source, stdio: 'pipe' })
      const [verified] = await skStorageInTurn([['bpf', 'verify', 'counter.bpf.o']], source)
      expect(verified.stdout.match(/: accepted,/g)).toHaveLength(4)
      expect(verified.status).toBe(0)
    } finally {
      rmSync(source, { recursive: true })
    }
  })

  it.each(OURS.map(({ line, shown }, i) => ({ line, shown, i })))(
    'prints what it says: $line',
    ({ line, shown, i }) => {
      const { status, stdout, stderr } = ended[i]
      const runs = line.includes(' bpf run ')
      // How long it took stands behind what it found, and is another time each time.
      const printed = stdout.replace(/\n\n[\d,]+ steps in [^\n]*\n$/, '\n').trimEnd()
      const told = printed.split('\n').map((each) => without(each.trimEnd(), runs))
      const expected = shown.map((each) => without(each, runs))
      if (!stands(expected, told)) expect(told).toEqual(expected)
      expect(stderr).toBe('')
      expect(status).toBe(shown.some((each) => each.startsWith('lost-update')) ? 1 : 0)
    },
  )

  it('shows something below each command', () => {
    expect(OURS).toHaveLength(10)
    for (const { line, shown } of OURS) expect(shown, line).not.toEqual([])
  })
})
