/**
 * The HTTP server behind `sk-storage serve`. Any page in the same browser can send it requests, so that none may end
 * it.
 *
 * A name that no file of the page could have is refused before it gets to the file system. A file is read whole before
 * its answer begins, so that one that goes away meanwhile is a 404 and never half an answer.
 */

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
}

/** The names of the page's files need no escapes, and none is in a folder of a folder. */
const NAME = /^\/(?:[\w-]+\/)?[\w-]+(?:\.[\w-]+)*$/
const LONGEST_NAME = 200

/** A browser opens a handful; the rest waits for no one. */
const MOST_CONNECTIONS = 256
/** Milliseconds after which a connection that neither sends nor reads is closed. */
const PATIENCE = 60_000

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

type Encoding = 'br' | 'gzip' | 'identity'

/** What becomes of a file's bytes. At this quality brotli takes some milliseconds for a script of 300 kB. */
const ENCODERS: Readonly<Record<Encoding, (bytes: Buffer) => Promise<Buffer> | Buffer>> = {
  br: (bytes) => brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (bytes) => zip(bytes),
  identity: (bytes) => bytes,
}

/** A server, not yet listening, of the files in `folder`. */
export function pageServer(folder: string): Server {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error: NodeJS.ErrnoException) => {
      refuse(response, 500, `the file cannot be read (${error.code ?? error.message})`)
    })
  })
  server.maxConnections = MOST_CONNECTIONS
  server.timeout = PATIENCE
  return server
}

/** Sends a file of the page, and nothing from outside its folder. */
async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '/', method, headers } = request
  // A page elsewhere could give its own name this address; then the browser says that name here.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? ''))
    return refuse(response, 403, 'expected the host 127.0.0.1')
  if (method !== 'GET' && method !== 'HEAD')
    return refuse(response, 405, 'expected GET or HEAD', { allow: 'GET, HEAD' })
  const path = url.replace(/[?#].*$/s, '')
  const name = path === '/' ? '/index.html' : path
  const type = name.length <= LONGEST_NAME && NAME.test(name) ? TYPES[extname(name)] : undefined
  const bytes = type === undefined ? undefined : await contentsOf(join(folder, name))
  if (bytes === undefined) return refuse(response, 404, 'no such file')
  const encoding = encodingFor(headers['accept-encoding'] ?? '')
  const body = await ENCODERS[encoding](bytes)
  response.writeHead(200, {
    'content-type': type,
    'content-length': body.length,
    ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    vary: 'accept-encoding',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

/** Bytes of a file, or undefined where there is none. */
async function contentsOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const none = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']
    if (none.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/**
 * The best of what a client takes, by the weights of RFC 9110, 12.5.3; of equals the smallest. The bytes as they are if
 * it takes nothing.
 */
function encodingFor(accepted: string): Encoding {
  const weights = new Map<string, number>()
  for (const part of accepted.toLowerCase().split(',')) {
    const [, coding, weight = '1'] = /^\s*([^\s;]+)\s*(?:;\s*q=([\d.]+)\s*)?$/.exec(part) ?? []
    if (coding !== undefined) weights.set(coding.replace(/^x-gzip$/, 'gzip'), Number(weight) || 0)
  }
  // What is not spoken of is not wanted.
  const others = weights.get('*') ?? 0
  let best: Encoding = 'identity'
  let most = weights.get('identity') ?? 0
  for (const encoding of ['gzip', 'br'] as const) {
    const weight = weights.get(encoding) ?? others
    if (weight > 0 && weight >= most) {
      best = encoding
      most = weight
    }
  }
  return best
}

function refuse(response: ServerResponse, status: number, why: string, headers = {}): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${why}\n`)
}
