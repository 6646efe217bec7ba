/**
 * Runs the built command as a user does.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))

/** A guard against hangs, far above what anything here takes. */
export const HANG = 600_000

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts `sk-storage ...args`. `ended` resolves when it is over. */
export function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: HANG })
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

/** The lines of JSON on stdout. */
export function events(ended: Ended): Record<string, unknown>[] {
  return ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}
