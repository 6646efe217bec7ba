/**
 * What constructs do to shared memory, found without the explorer: each runs plainly in a process of its own, for two
 * contents of the word.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Construct } from './natives.ts'
import { moduleOf } from './program.ts'

/**
 * `touches`: what it gives, or leaves in the bytes, depends on what they held. `leaves`: it doesn't. `varies`: it gives
 * something else each time. `later`: it answers with a promise, and what that does is told apart here, but not by
 * whoever can't wait for it. `ends`: the process.
 */
export type Answer = 'touches' | 'leaves' | 'varies' | 'ends' | 'fails to load'

/** The process: reads the module, writes one line for each construct, before and after it. */
const RUNNER = `
import { appendFileSync } from 'node:fs'
const [, , file, log, from] = process.argv
process.on('unhandledRejection', () => {})
process.on('warning', () => {})
const { scenarios, fill } = await import(file)
const word = new Int32Array(1), bytes = new Uint8Array(word.buffer)
const show = (value, depth = 0) => {
  if (typeof value === 'function') return 'function'
  if (typeof value !== 'object' || value === null) return typeof value + String(value)
  if (depth > 4) return 'deep'
  if (value instanceof SharedArrayBuffer || (ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer)) return 'shared'
  if (value instanceof ArrayBuffer) return 'bytes' + Array.from(new Uint8Array(value, 0, Math.min(100, value.byteLength)))
  if (ArrayBuffer.isView(value)) return 'bytes' + Array.from(new Uint8Array(value.buffer, value.byteOffset, Math.min(100, value.byteLength)))
  if (value instanceof Error) return String(value.name) + String(value.message)
  if (value instanceof Map || value instanceof Set) return 'collection' + Array.from(value, (each) => show(each, depth + 1))
  let text = Object.prototype.toString.call(value)
  for (const key of Object.keys(value).slice(0, 50)) {
    const { value: inner } = Object.getOwnPropertyDescriptor(value, key)
    text += key + ':' + show(inner, depth + 1) + ','
  }
  return text
}
const once = async (scenario, content) => {
  fill(content)
  const made = scenario.setup()
  let given = scenario.run(made)
  if (given instanceof Promise) given = await Promise.race([given.catch((error) => error), new Promise((resolve) => setTimeout(resolve, 20))])
  return { text: show(given), left: made.w[0] === content ? 0 : made.w[0] }
}
for (let at = Number(from); at < scenarios.length; at++) {
  appendFileSync(log, 'begin ' + at + '\\n')
  let answer
  try {
    const [a, again, b] = [await once(scenarios[at], 3), await once(scenarios[at], 3), await once(scenarios[at], 260)]
    const differs = (x, y) => x.text !== y.text
    const later = differs(a, b) ? await once(scenarios[at], 3) : a
    // What has moved on meanwhile, as a clock has, tells nothing of the bytes.
    const varies = differs(a, again) || differs(a, later)
    answer = a.left || b.left ? 'touches' : varies ? 'varies' : differs(a, b) ? 'touches' : 'leaves'
  } catch (error) {
    answer = 'leaves'
  }
  appendFileSync(log, answer + ' ' + at + '\\n')
}
process.exit(0)
`

/** The answers for constructs, in their order. */
export function askPlainly(constructs: readonly Construct[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'plain-'))
  try {
    const [file, runner, log] = ['plain.mjs', 'runner.mjs', 'log'].map((name) => join(folder, name))
    writeFileSync(file, moduleOf(constructs))
    writeFileSync(runner, RUNNER)
    const answers: Answer[] = constructs.map(() => 'fails to load')
    for (let from = 0; from < constructs.length; ) {
      spawnSync(process.execPath, ['--no-warnings', runner, file, log, String(from)], {
        stdio: 'ignore',
        timeout: 600_000,
      })
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
      rmSync(log, { force: true })
      let begun = -1
      for (const line of lines) {
        const [what, at] = line.split(' ')
        if (what === 'begin') begun = Number(at)
        else answers[Number(at)] = what as Answer
      }
      if (begun < 0) return answers
      // One that the process did not survive, or that never came back.
      if (answers[begun] === 'fails to load') answers[begun] = 'ends'
      from = begun + 1
    }
    return answers
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
