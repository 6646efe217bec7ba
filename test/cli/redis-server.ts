/**
 * A real redis-server for a test, with a password, on its append-only file. It listens with TLS as well, with a
 * certificate that it has signed itself.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A module of the command, as built. */
export const built = <Module>(file: string) =>
  import(new URL(`../../dist/src/cli/${file}`, import.meta.url).href) as Promise<Module>

/** What is lacking for it; undefined: nothing. */
export function lacking(): string | undefined {
  const program = [
    ['redis-server', '--version'],
    ['openssl', 'version'],
  ].find(([name, word]) => spawnSync(name, [word]).status !== 0)
  if (program !== undefined) return program[0]
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
  /** With TLS, and the file of the certificate that whoever comes has to trust. */
  readonly secureUrl: string
  readonly certificate: string
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
  const [port, securePort] = [await freePort(), await freePort()]
  const password = 'open-sesame'
  const certificate = sign(folder)
  const listen = ['--port', `${port}`, '--tls-port', `${securePort}`, '--tls-auth-clients', 'no']
  const files = ['--tls-cert-file', certificate, '--tls-key-file', join(folder, KEY)]
  const flags = ['--bind', '127.0.0.1', ...listen, ...files, '--dir', folder, '--requirepass', password]
  let child = await run(flags)
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    wrong: `redis://:${password}-not@127.0.0.1:${port}`,
    secureUrl: `rediss://:${password}@127.0.0.1:${securePort}`,
    certificate,
    password,
    async restart() {
      await kill(child)
      child = await run(flags)
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

const KEY = 'key.pem'

/** A certificate for this machine, by nobody but itself. */
function sign(folder: string): string {
  const certificate = join(folder, 'certificate.pem')
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(folder, KEY)]
  const named = ['-out', certificate, '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...made, ...named], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`)
  return certificate
}

function kill(child: ChildProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.kill('SIGKILL')
  return closed
}

/** Resolves when it takes connections. */
function run(flags: readonly string[]): Promise<ChildProcess> {
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
