/**
 * What `explore` does with a checkpoint that is not as it wrote it: one sentence, and never a verdict.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom, nextBits } from '../../src/random/random.ts'
import { changed, damages, type Json } from '../explore/support/damage.ts'
import { LONG, someOf } from '../share.ts'
import { type Ended, HANG, skStorage, skStorageInTurn } from './command.ts'

const SCENARIO = `const add = ({ w }) => { const x = Atomics.load(w, 0); Atomics.store(w, 0, x + 1); return x }
export const it = { setup: () => ({ w: new Int32Array(new SharedArrayBuffer(8)) }), threads: [add, add, add] }
`
/** All of them take as long as many tests. */
const ALL = LONG ? 20 * HANG : HANG
const FLAGS = { exact: [], sample: ['--strategy', 'portfolio', '--seed', '7'] } as const

let folder = ''
const whole: Record<string, string> = {}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sk-storage-checkpoints-'))
  const file = join(folder, 'three.mjs')
  writeFileSync(file, SCENARIO)
  for (const [name, flags] of Object.entries(FLAGS)) {
    const at = join(folder, `${name}.json`)
    const budget = ['--max-executions', '9', '--checkpoint', at]
    expect((await skStorage('explore', file, ...flags, ...budget)).status).toBe(3)
    whole[name] = readFileSync(at, 'utf8')
  }
}, HANG)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Goes on from each of these texts. */
async function resumed(texts: readonly (string | Buffer)[]): Promise<readonly Ended[]> {
  const files = texts.map((text, k) => {
    const file = join(folder, `damaged-${k}.json`)
    writeFileSync(file, text)
    return file
  })
  return skStorageInTurn(
    files.map((file) => ['explore', '--resume', file, '--max-executions', '1']),
    folder,
  )
}

/** Those that were not refused with one sentence. */
const taken = (all: readonly Ended[], names: readonly string[]): string[] =>
  all.flatMap(({ status, stdout, stderr }, k) => {
    const right = status === 2 && stdout === '' && /^sk-storage explore: [^\n]+\n$/.test(stderr)
    return right && !/\n\s+at |TypeError|undefined/.test(stderr) ? [] : [`${names[k]}: ${status} ${stderr || stdout}`]
  })

/** The file with that in it, and with a digest that is right. */
function filed(value: Json): string {
  const line = JSON.stringify(value)
  return `${line}\n${createHash('sha256').update(line).digest('hex')}\n`
}

const savedIn = (text: string): Json => JSON.parse(text.split('\n')[0])

/** More branchings than a number can hold are null, and so is a thread that touches no such word. */
const MAY_BE_NULL = /\.sum$|\bperWord\.\d+\.1\.\d+$/
/** What the next run does not heed: the flags of the one before. */
const UNHEEDED = /^plan\.options\.(seed|maxExecutions)$/

describe.each(Object.keys(FLAGS))('a checkpoint (%s search)', (name) => {
  it('is taken up when it is whole', { timeout: HANG }, async () => {
    const [{ status, stdout, stderr }] = await resumed([whole[name]])
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' })
    expect(stdout).toMatch(/^it: 10 executions/)
  })

  it('is refused when it was cut off anywhere, or a byte is another', { timeout: ALL }, async () => {
    const bytes = Buffer.from(whole[name])
    const cuts = Array.from({ length: bytes.length - 1 }, (_, length) => length)
    const random = createRandom(bytes.length)
    const lengths = someOf('lengths', cuts, LONG ? 400 : 10)
    const places = someOf('places', cuts, LONG ? 400 : 10)
    const others = places.map((place) => {
      const other = Buffer.from(bytes)
      other[place] ^= 1 << (nextBits(random) & 7)
      return other
    })
    const names = [...lengths.map((length) => `cut to ${length}`), ...places.map((place) => `another byte ${place}`)]
    expect(taken(await resumed([...lengths.map((length) => bytes.subarray(0, length)), ...others]), names)).toEqual([])
  })

  it('is refused when a field is gone or of another type, though the digest is right', { timeout: ALL }, async () => {
    const all = damages(savedIn(whole[name])).filter(
      ({ path, to }) => !(to === undefined && UNHEEDED.test(path)) && !(to === null && MAY_BE_NULL.test(path)),
    )
    // What the search has saved is looked at in saved.test.ts, all of it, which needs no process for it.
    const [saved, ours] = [true, false].map((its) =>
      all.filter(({ path }) => /\.(search|outcomes)\b/.test(path) === its),
    )
    const some = [...someOf('of the search', saved, LONG ? 200 : 3), ...someOf('of the plan', ours, LONG ? 200 : 6)]
    const ended = await resumed(some.map(({ value }) => filed(value)))
    const names = some.map(({ path, to }) => `${path} = ${JSON.stringify(to)}`)
    expect(taken(ended, names)).toEqual([])
  })

  it('is refused when it is of another version', { timeout: HANG }, async () => {
    const places = [['schema'], ['checkpoint', 'schema']]
    const texts = places.flatMap((path) => [0, 2].map((version) => filed(changed(savedIn(whole[name]), path, version))))
    const ended = await resumed(texts)
    expect(
      taken(
        ended,
        texts.map((_, k) => `version ${k}`),
      ),
    ).toEqual([])
    for (const { stderr } of ended) expect(stderr).toMatch(/version/)
  })
})

describe('the file of --checkpoint', { timeout: HANG }, () => {
  const explore = (file: string) =>
    skStorage('explore', join(folder, 'three.mjs'), '--max-executions', '1', '--checkpoint', file)

  it('is not put in the place of something else', async () => {
    const mine = join(folder, 'mine.txt')
    writeFileSync(mine, 'my own')
    const { status, stderr } = await explore(mine)
    expect(stderr).toMatch(/^sk-storage explore: --checkpoint: got '.*mine\.txt', where something else is, [^\n]+\n$/)
    expect({ status, left: readFileSync(mine, 'utf8') }).toEqual({ status: 2, left: 'my own' })
  })

  it.skipIf(process.platform === 'win32')('is no device and no pipe', async () => {
    const pipe = join(folder, 'pipe')
    expect(spawnSync('/bin/sh', ['-c', 'mkfifo "$0"', pipe]).status).toBe(0)
    const { status, stderr } = await explore(pipe)
    expect(stderr).toMatch(/^sk-storage explore: --checkpoint: got '.*pipe', where something else is, [^\n]+\n$/)
    expect({ status, isPipe: statSync(pipe).isFIFO() }).toEqual({ status: 2, isPipe: true })
    const resumed = await skStorage('explore', '--resume', pipe)
    expect(resumed.stderr).toMatch(/^sk-storage explore: --resume: got '.*pipe', [^\n]+\n$/)
    expect(resumed.status).toBe(2)
  })
})
