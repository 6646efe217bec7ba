/**
 * Runs the built command as a user does.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN_URL = new URL('../../dist/src/cli/main.js', import.meta.url).href
const MAIN = fileURLToPath(MAIN_URL)

/** A guard against hangs, far above what anything here takes. */
export const HANG = 600_000

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** One that was started. `ended` resolves when it is over. */
export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** Starts `sk-storage ...args`. */
export const start = (...args: string[]): Started => startBeside({}, ...args)

/** Starts `sk-storage ...args` with these words in the environment as well. */
export function startBeside(words: Readonly<Record<string, string>>, ...args: string[]): Started {
  const env = { ...process.env, ...words }
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: HANG })
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }))
  })
  return { child, ended }
}

/** Runs `sk-storage ...args` to its end. */
export function skStorage(...args: string[]): Promise<Ended> {
  return start(...args).ended
}

/** Imports the command once for each command line, its own code each time, and prints how each ended. */
const IN_TURN = `
const [main, given] = JSON.parse(process.argv[1])
process.setMaxListeners(0)
process.stdout.setMaxListeners(0)
const write = process.stdout.write.bind(process.stdout)
const all = []
process.on('exit', () => {
  write(JSON.stringify(all))
  process.exitCode = 0
})
void (async () => {
  for (const [k, words] of given.entries()) {
    const ended = { signal: null, stdout: '', stderr: '' }
    process.stdout.write = (text) => ((ended.stdout += text), true)
    process.stderr.write = (text) => ((ended.stderr += text), true)
    process.argv = [process.execPath, main, ...words]
    process.exitCode = undefined
    await import(main + '?' + k)
    all.push({ status: process.exitCode, ...ended })
  }
})()
`

/** Command lines of one process: an argument that is too long is refused by the system. */
const AT_ONCE = 100

/**
 * Runs `sk-storage` with each of these command lines, one after the other in one process, since a process takes longer
 * to start than most of them do. One that ends the process ends the list.
 */
export async function skStorageInTurn(given: readonly (readonly string[])[], cwd?: string): Promise<readonly Ended[]> {
  const all: Ended[] = []
  for (let from = 0; from < given.length; from += AT_ONCE)
    all.push(...(await inOneProcess(given.slice(from, from + AT_ONCE), cwd)))
  return all
}

function inOneProcess(given: readonly (readonly string[])[], cwd?: string): Promise<readonly Ended[]> {
  const words = ['--eval', IN_TURN, JSON.stringify([MAIN_URL, given])]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { cwd, timeout: HANG, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const all: Ended[] = error === null ? JSON.parse(stdout) : []
      if (all.length === given.length) resolve(all)
      else
        reject(new Error(`${all.length} of ${given.length} command lines came to their end: ${error ?? ''}${stderr}`))
    })
  })
}

/** The lines of JSON on stdout. */
export function events(ended: Ended): Record<string, unknown>[] {
  return ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}
