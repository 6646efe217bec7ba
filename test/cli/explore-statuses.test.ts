/**
 * Whatever the author's code does, `explore` and `replay` end with the status that is true: 0 only where a clean
 * verdict was printed.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shareOf } from '../share.ts'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
/** A guard against hangs, far above what anything here takes. */
const HANG = 600_000
/** Seconds of computing until the watchdog barks. */
const PATIENCE = ['--patience', '1']

const SETUP = 'const setup = () => ({ w: new Int32Array(new SharedArrayBuffer(8)) })\n'
const ADD = '({ w }) => { Atomics.add(w, 0, 1) }'
/** Takes for ever, and nobody counts its turns. */
const COMPUTES = `/^(a+)+$/.test('${'a'.repeat(60)}b')`
/** Natives that nothing interrupts, in a worker neither: what ends them is the end of their process. */
const NEVER_BACK: readonly (readonly [what: string, code: string])[] = [
  'forEach(() => {})',
  'indexOf(5)',
  'sort()',
  'reverse()',
].map((call) => [
  `a native that nothing interrupts: ${call}`,
  `const sparse = []; sparse.length = 2 ** 32 - 1; sparse.${call}`,
])
/** A scenario with that first thread and one that adds. */
const one = (thread: string) => `${SETUP}export const it = { setup, threads: [${thread}, ${ADD}] }\n`

let folder = ''
beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('there is no dist to run: run `npm run build` first')
  folder = mkdtempSync(join(tmpdir(), 'sk-storage-statuses-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs the command on a file with that text. `reads`: how many bytes of its output are read before the pipe is closed.
 */
function explore(text: string, flags: readonly string[] = [], reads = Number.POSITIVE_INFINITY): Promise<Ended> {
  const file = `${Math.random().toString(36).slice(2)}.mjs`
  writeFileSync(join(folder, file), text)
  return run([file, ...flags], reads)
}

function run(words: readonly string[], reads = Number.POSITIVE_INFINITY): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'explore', ...words], { cwd: folder })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      if (stdout.length >= reads) child.stdout.destroy()
    })
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('close', (status) => resolve({ status, stdout, stderr }))
  })
}

describe('a loop without a visible step', { timeout: HANG }, () => {
  it('is refused in a thread, and so found', async () => {
    const { status, stdout } = await explore(one('({ w }) => { Atomics.add(w, 0, 1); for (;;); }'))
    expect(stdout).toMatch(/^refused: thread 0: a loop without a visible step, .* \(\w+\.mjs:2\)$/m)
    expect(stdout).toMatch(/^next: let the loop end by itself/m)
    expect(status).toBe(1)
  })

  it('is a setup that throws', async () => {
    const { status, stderr } = await explore(`export const it = { setup() { for (;;); }, threads: [${ADD}] }`)
    expect(stderr).toMatch(/^sk-storage explore: got a setup of it that throws, .* a loop without a visible step/)
    expect(status).toBe(2)
  })
})

/** What comes to no verdict: a text, and the sentence on it. */
const NO_VERDICT: readonly [what: string, text: string, sentence: RegExp][] = [
  [
    'computing without an end in a thread',
    one(`({ w }) => { Atomics.add(w, 0, 1); ${COMPUTES} }`),
    /after a step at .+mjs:2/,
  ],
  [
    'computing without an end in setup',
    `export const it = { setup: () => { ${COMPUTES} }, threads: [${ADD}, ${ADD}] }`,
    /before the first/,
  ],
  ['a loop in the module', 'for (;;);', /a loop without a visible step/],
  ...shareOf('natives that nothing interrupts', NEVER_BACK, 1).map(([what, code]): [string, string, RegExp] => [
    what,
    one(`({ w }) => { Atomics.add(w, 0, 1); ${code} }`),
    /after a step at .+mjs:2/,
  ]),
  [
    'a native at which Node gives up',
    one(`({ w }) => { Atomics.add(w, 0, 1); 'x'.repeat(2 ** 29 - 24).split('') }`),
    /Node gave up: Fatal JavaScript invalid size error .*, after a step at .+mjs:2/,
  ],
  [
    'the end of the process in setup',
    `export const it = { setup: () => process.exit(0), threads: [${ADD}, ${ADD}] }`,
    /ended the process with status 0/,
  ],
  ['the end of the process in the module', 'process.exit(0)', /ended the process with status 0/],
  ['a promise at the top that nobody settles', 'await new Promise(() => {})', /nobody will ever settle/],
  [
    'a promise that is left rejected',
    `export const it = { setup: () => { Promise.reject(new Error("left")); return 1 }, threads: [() => {}] }`,
    /left a promise that was rejected: Error: left/,
  ],
  [
    'an error out of a timer',
    `setTimeout(() => { throw new Error("late") })\n${one('() => {}')}await new Promise((r) => setTimeout(r, 50))`,
    /its own code threw outside of threads: Error: late/,
  ],
]

describe('a scenario that comes to no verdict', { timeout: HANG }, () => {
  it.each(shareOf('what comes to no verdict', NO_VERDICT, 5))(
    'ends with status 4 and a sentence: %s',
    async (_, text, sentence) => {
      const { status, stdout, stderr } = await explore(text, PATIENCE)
      expect(stderr).toMatch(sentence)
      // Before Node gives up it prints an empty line or two.
      expect(stderr.trim()).not.toMatch(/\n/)
      expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    },
  )

  it('is none for being in a thread of ours: to its own code it is in the main thread', async () => {
    const asks = `import { isMainThread, parentPort, threadId, workerData } from 'node:worker_threads'
console.error(isMainThread, parentPort, threadId, workerData)
parentPort?.postMessage('hello')\n`
    const { status, stdout, stderr } = await explore(asks + one(ADD))
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^(true null 0 null\n)+$/) })
    expect(stdout).toMatch(/^it: exhaustive: 2 traces/)
  })

  it('does not keep the others from theirs', async () => {
    const text = `${SETUP}export const hangs = { setup, threads: [() => { ${COMPUTES} }, ${ADD}] }
export const clean = { setup, threads: [${ADD}, ${ADD}] }`
    const { status, stdout } = await explore(text, [...PATIENCE, '--json'])
    const [clean, hangs] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(clean).toMatchObject({ event: 'result', scenario: 'clean', exhaustive: true })
    expect(hangs).toMatchObject({ event: 'failed', scenario: 'hangs', ending: 'failed' })
    expect(status).toBe(4)
  })

  it('does not keep the others from theirs, whatever it is that keeps it', async () => {
    const text = `${SETUP}export const a = { get setup() { throw new Error('mine') } }
export const b = { setup() { throw new Error('too') }, threads: [${ADD}, ${ADD}] }
export const c = { setup, threads: [function* () {}, ${ADD}] }
export const d = { setup: () => process.exit(3), threads: [${ADD}] }
export const e = { setup, threads: [({ w }) => { Atomics.store(w, 0, 1); new Function('return 1')() }, ${ADD}] }
export const f = { setup, threads: [${ADD}, ${ADD}] }`
    const { status, stdout, stderr } = await explore(text, ['--json'])
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(told.map(({ scenario, event, ending }) => [scenario, event, ending])).toEqual([
      ['a', 'failed', 'usage'],
      ['b', 'failed', 'usage'],
      ['c', 'failed', 'usage'],
      ['d', 'failed', 'failed'],
      ['e', 'result', undefined],
      ['f', 'result', undefined],
    ])
    expect(told[4].violation).toMatchObject({ kind: 'refused', sites: [expect.stringMatching(/mjs:6$/)] })
    expect(told[5]).toMatchObject({ exhaustive: true, violation: null })
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/a with a getter that throws, expected none: mine \(\w+\.mjs:2\)$/),
      expect.stringMatching(/a setup of b that throws, expected none: too \(\w+\.mjs:3\)$/),
      expect.stringMatching(/c: thread 0 is a generator function/),
      expect.stringMatching(/d: its own code ended the process with status 3/),
    ])
    expect(status).toBe(1)
  })

  it('is named, and keeps nobody from theirs, where a thread or an option is odd', async () => {
    const text = `${SETUP}const add = ${ADD}
const looks = ({ w }) => { Atomics.load(w, 0) }
export const a = { setup, threads: [add, add], threadNames: 5 }
export const b = { setup, threads: [] }
export const c = { setup, threads: [({ w }) => { looks({ w }); const all = {}; all.all = all; return all }, add] }
export const d = { setup, threads: [add, add], outcome: () => { throw new Error('none') } }
export const e = { setup, threads: [({ w }) => { looks({ w }); throw null }, add] }
export const f = { setup, threads: [({ w }) => { new Promise(() => { Atomics.store(w, 0, 1) }) }, add] }
export const g = { setup, threads: [add, add], after: () => { throw Symbol('odd') } }
export const h = {
  setup: () => new Proxy(setup(), { getPrototypeOf() { throw new Error('asked') } }),
  threads: [add, add],
}
export const z = { setup, threads: [add, add] }
`
    const { stdout, stderr } = await explore(text, ['--json'])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const told = lines.map(({ scenario, event, message, violation, exhaustive }) => [
      scenario,
      event === 'failed' ? message : ((violation as { kind: string } | null)?.kind ?? exhaustive),
    ])
    expect(told).toEqual([
      ['a', 'a: threadNames: got number, expected an array'],
      ['b', 'b: threads: expected an array of functions, at least one'],
      ['c', expect.stringMatching(/^c: an outcome can't be told: got .*circular.*, expected plainer results/)],
      ['d', 'd: outcome threw: none'],
      ['e', 'assertion'],
      ['f', true],
      ['g', 'assertion'],
      ['h', true],
      ['z', true],
    ])
    for (const line of stderr.trimEnd().split('\n')) expect(line).toMatch(/^sk-storage explore: [a-d]: /)
  })

  it('is one in which code that is not followed sleeps for real', async () => {
    mkdirSync(join(folder, 'node_modules/sleeper'), { recursive: true })
    // That of another realm, which is not refused.
    const wait = "require('node:vm').runInNewContext('Atomics').wait"
    const sleeper = `const w = new Int32Array(new SharedArrayBuffer(4)); const wait = ${wait}; exports.sleep = () => wait(w, 0, 0)`
    writeFileSync(join(folder, 'node_modules/sleeper/index.js'), sleeper)
    const text = `import { sleep } from 'sleeper'\n${one('({ w }) => { Atomics.load(w, 0); sleep() }')}`
    const { status, stderr } = await explore(text, PATIENCE)
    expect(stderr).toMatch(
      /^sk-storage explore: it: asleep for 4 s: code that is not followed waits.*, after a step at/,
    )
    expect(status).toBe(4)
  })

  it('is no proof where a memory model has what is left out', async () => {
    const buffering = ['--litmus', 'r x; w y 1 | r y; w x 1', '--json']
    const { status, stdout } = await run(['--memory', 'arm', ...buffering])
    expect(JSON.parse(stdout)).toMatchObject({ exhaustive: false, memory: { allButBuffering: true }, violation: null })
    expect(status).toBe(3)
    expect((await run(['--memory', 'x86', ...buffering])).status).toBe(0)
  })

  it('is none in which a search under a memory model takes longer than the patience', async () => {
    const many = Array.from({ length: 4 }, (_, t) => `W x${t} 1; ${Array(5).fill('R x0; R x1; R x2').join('; ')}`)
    const flags = ['--memory', 'arm', '--patience', '0.3', '--time', '1', '--litmus', many.join(' | ')]
    const { status, stderr } = await run(flags)
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' })
  })

  it('spends no more than its time on loading, and says so', async () => {
    const { status, stderr } = await explore('for (;;);', ['--time', '0.5'])
    expect(stderr).toMatch(/the time of 0\.5 s was over/)
    expect(status).toBe(3)
  })
})

describe('a finding', { timeout: HANG }, () => {
  const findings: [thread: string, rest: string, kind: string, message: string][] = [
    ['({ w }) => { Atomics.load(w, 0); process.exit(0) }', '', 'refused', 'process.exit'],
    ['() => { Array.prototype.push = () => 0 }', '', 'refused', 'Array.prototype.push'],
    ['() => { Array.prototype.map = () => 0 }', '', 'refused', 'Array.prototype.map'],
    ['() => { Reflect.apply = () => 0 }', '', 'refused', 'Reflect.apply'],
    ['() => { Object.prototype.kind = 1 }', '', 'refused', 'Object.prototype'],
    [ADD, ', after: () => false', 'assertion', 'after does not hold'],
  ]
  it('is what it is called: a process that ends, built-ins that are broken, and a check that fails', async () => {
    const all = findings.map(
      ([thread, rest], k) => `export const it${k} = { setup, threads: [${thread}, ${ADD}]${rest} }\n`,
    )
    const { status, stdout } = await explore(SETUP + all.join(''), ['--json'])
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).violation)
    expect(told).toEqual(
      findings.map(([, , kind, message]) =>
        expect.objectContaining({ kind, message: expect.stringContaining(message) }),
      ),
    )
    expect(status).toBe(1)
  })
})

describe('the output', { timeout: HANG }, () => {
  it('is JSON Lines, whatever the module prints', async () => {
    const { status, stdout, stderr } = await explore(`console.log('mine')\n${one(ADD)}`, ['--json'])
    expect(JSON.parse(stdout)).toMatchObject({ event: 'result', scenario: 'it' })
    expect(stderr).toContain('mine')
    expect(status).toBe(0)
  })

  it('that nobody reads to its end is no clean verdict', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `export const s${i} = { setup, threads: [${ADD}, ${ADD}] }`)
    const { status } = await explore(SETUP + many.join('\n'), [], 1)
    expect(status).toBe(4)
  })
})

describe('a scenario with a getter that throws', () => {
  it('gets one sentence', async () => {
    const { status, stderr } = await explore(`export const it = { get setup() { throw new Error('mine') } }`)
    expect(stderr).toMatch(
      /^sk-storage explore: got an export it with a getter that throws, expected none: mine \(\w+\.mjs:1\)\n$/,
    )
    expect(status).toBe(2)
  })
})
