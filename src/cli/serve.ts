/**
 * `sk-storage serve`: the teaching page, from this machine and for this machine only.
 */

import { createReadStream, statSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT } from './exit-status.ts'
import { helpOf, integer, parseFlags, toggle } from './flags.ts'
import { DEFAULT_PORT } from './page-link.ts'
import { UsageError } from './usage-error.ts'

const FLAGS = {
  port: integer('the port to listen on; 0 takes any that is free', DEFAULT_PORT, 0, 65_535),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage serve [FLAGS]

Serves the teaching page on 127.0.0.1 until Ctrl-C. The page needs nothing but this command: no network, no special headers. Its files, in
dist/web of this package, work from any folder of any web server too.

Flags:
${helpOf(FLAGS)}

Exit status: 0 after Ctrl-C, 2 usage, or the port is taken.
`

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

const page = fileURLToPath(new URL('../../web/', import.meta.url))

export default async function serve(argv: readonly string[]): Promise<number> {
  const { values } = parseFlags(argv, FLAGS)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if (statSync(join(page, 'index.html'), { throwIfNoEntry: false }) === undefined) {
    throw new UsageError('got no built page in dist/web, expected one: run npm run build:web first')
  }
  const server = await listen(values.port)
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}/\n`)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  server.closeAllConnections()
  server.close()
  return EXIT.clean
}

/** Starts the server. Throws UsageError if the port is taken. */
function listen(port: number): Promise<Server> {
  const server = createServer(({ url = '/', method, headers: { host } }, response) => {
    // A page elsewhere could give its own name this address; then the browser says that name here.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host ?? '')) refuse(response, 403, 'expected the host 127.0.0.1')
    else if (method !== 'GET' && method !== 'HEAD') refuse(response, 405, 'expected GET or HEAD')
    else answer(url, response)
  })
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES'
      reject(taken ? new UsageError(`--port: got ${port}, expected a port that is free and allowed`) : error)
    })
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`)
}

/** Sends a file of the page, and nothing from outside its folder. */
function answer(url: string, response: ServerResponse): void {
  // The names of the page's files need no escapes.
  const path = url.replace(/[?#].*$/, '')
  const file = normalize(join(page, path.endsWith('/') ? `${path}index.html` : path))
  const type = TYPES[extname(file)]
  const known = file.startsWith(page.endsWith(sep) ? page : page + sep) && type !== undefined
  if (!known || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    refuse(response, 404, 'no such file')
    return
  }
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' })
  createReadStream(file).pipe(response)
}
