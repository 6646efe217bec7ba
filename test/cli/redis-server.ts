/**
 * A real redis-server for a test, with a password, on its append-only file.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What is lacking for it; undefined: nothing. */
export function lacking(): string | undefined {
  if (spawnSync('redis-server', ['--version']).status !== 0) return 'redis-server'
  const { resolve } = createRequire(import.meta.url)
  return ['bullmq', 'ioredis'].find((name) => {
    try {
      resolve(name)
      return false
    } catch {
      return true
    }
  })
}

export interface RedisServer {
  /** Its address with the password, and with a wrong one. */
  readonly url: string
  readonly wrong: string
  readonly password: string
  /** Kills it, and starts it anew on what it has written. */
  restart(): Promise<void>
  /** All that was ever written there. */
  written(): string
  end(): void
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts one. */
export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sk-storage-redis-'))
  const port = await freePort()
  const password = 'open-sesame'
  let child = await run(folder, port, password)
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    wrong: `redis://:${password}-not@127.0.0.1:${port}`,
    password,
    async restart() {
      await kill(child)
      child = await run(folder, port, password)
    },
    written() {
      const files = readdirSync(join(folder, 'appendonlydir'))
      return files.map((file) => readFileSync(join(folder, 'appendonlydir', file), 'latin1')).join('')
    },
    end() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function kill(child: ChildProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.kill('SIGKILL')
  return closed
}

/** Resolves when it takes connections. */
function run(folder: string, port: number, password: string): Promise<ChildProcess> {
  const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--requirepass', password]
  // No snapshots, and no rewriting: what was written stays to be read.
  const kept = ['--appendonly', 'yes', '--save', '', '--auto-aof-rewrite-percentage', '0']
  const child = spawn('redis-server', [...flags, ...kept], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (/Ready to accept connections/.test(text)) resolve(child)
    })
    child.once('close', () => reject(new Error(`redis-server did not start: ${said}`)))
  })
}
