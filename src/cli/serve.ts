/**
 * `sk-storage serve`: the teaching page, from this machine and for this machine only.
 */

import { statSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EXIT, exitHelp } from '../command/exit-status.ts'
import { integer, toggle } from '../command/flag-kinds.ts'
import { helpOf, parseFlags } from '../command/flags.ts'
import { name as called } from '../command/package.ts'
import { UsageError } from '../command/usage-error.ts'
import { DEFAULT_PORT } from './page-link.ts'
import { pageServer } from './page-server.ts'

const FLAGS = {
  port: integer('the port to listen on; 0 takes any that is free', DEFAULT_PORT, 0, 65_535),
  help: toggle('print this'),
}

const HELP = `Usage: sk-storage serve [FLAGS]

Serves the teaching page on 127.0.0.1 until Ctrl-C. The page needs nothing but this command: no network, no special headers. Its files, in
dist/web of this package, work from any folder of any web server too.

Flags:
${helpOf(FLAGS)}

${exitHelp({ clean: 'after Ctrl-C', usage: 'usage, or the port is taken' })}
`

const page = fileURLToPath(new URL('../../web/', import.meta.url))

export default async function serve(argv: readonly string[]): Promise<number> {
  const { values } = parseFlags(argv, FLAGS)
  if (values.help) {
    process.stdout.write(HELP)
    return EXIT.clean
  }
  if (!isThere(join(page, 'index.html'))) {
    // Only a checkout has what the page is built from.
    const help = isThere(join(page, '../../web/vite.config.ts'))
      ? 'npm run build:web builds it'
      : `the package comes with it, so this copy is not whole: npm install ${called} brings it back`
    throw new UsageError(`got no page in ${page}, expected one: ${help}`)
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

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

/** Starts the server. Throws UsageError if the port is taken. */
function listen(port: number): Promise<Server> {
  const server = pageServer(page)
  return new Promise((resolve, reject) => {
    server.on('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES'
      reject(taken ? new UsageError(`--port: got ${port}, expected a port that is free and allowed`) : error)
    })
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
