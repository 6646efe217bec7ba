/**
 * A Unix socket that answers dump requests, since a SharedArrayBuffer can't leave its process.
 *
 * A request is one line of JSON: {"request":"dump"}, or with "maps":[ids] for those maps only. The answer is one line
 * for each socket and then {"event":"end"}. With "types":true each map is told of too, with its BTF, ahead of the first
 * socket that has a value of it. {"request":"maps"} and {"request":"progs"} are answered likewise, with a line for each
 * map or program. To a request that makes no sense it is one line {"event":"error","message":".."}. A connection may
 * ask again and again.
 */

import { existsSync, lstatSync, type Stats, unlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { UsageError } from '../command/usage-error.ts'
import type { Machine } from '../workers/machine.ts'
import { dumpSockets } from './dump.ts'
import { dumpRequest } from './dump-request.ts'
import { linesOf } from './lines.ts'
import { listMaps, listPrograms } from './listing.ts'

/** Bytes of the longest request: one that names some ten thousand maps. */
const LONGEST_REQUEST = 1 << 16
const MOST_CONNECTIONS = 256

/** Listens at `path`. Throws UsageError where that can't be. Returns the function that ends it and removes the path. */
export async function listen(path: string, machine: Machine): Promise<() => Promise<void>> {
  if (!existsSync(dirname(path))) {
    throw new UsageError(`--listen: got ${path}, expected a path in a folder that exists`)
  }
  await removeStale(path)
  const connections = new Set<Socket>()
  const server = createServer((socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
    // A client that goes away while we write is no concern of ours.
    socket.on('error', () => socket.destroy())
    answerAll(socket, machine)
  })
  server.maxConnections = MOST_CONNECTIONS
  await listening(server, path)
  const remove = () => {
    try {
      unlinkSync(path)
    } catch {
      // Gone already, with the server.
    }
  }
  process.on('exit', remove)
  return async () => {
    for (const socket of connections) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    remove()
    process.off('exit', remove)
  }
}

/** Removes a socket that nobody listens on any more. Throws UsageError for anything else that is at the path. */
async function removeStale(path: string): Promise<void> {
  let stat: Stats | undefined
  try {
    stat = lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw noSocket(path, error)
  }
  if (stat === undefined) return
  if (!stat.isSocket()) {
    throw new UsageError(`--listen: got ${path}, which exists and is no socket, expected a path that is free`)
  }
  if (await isAnswered(path)) {
    throw new UsageError(`--listen: got ${path}, on which another process listens, expected a path that is free`)
  }
  try {
    unlinkSync(path)
  } catch (error) {
    throw noSocket(path, error)
  }
}

function noSocket(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException
  return new UsageError(`--listen: got ${path}, expected a path where a socket can be made (${code})`)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // Refused: its listener is gone. Any other error leaves us in doubt, and then it is not ours to remove.
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  })
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (error) => reject(noSocket(path, error)))
    server.listen(path, resolve)
  })
}

/** Answers the requests of one connection, one after the other; the next is not read before the last was answered. */
async function answerAll(socket: Socket, machine: Machine): Promise<void> {
  try {
    for await (const line of linesOf(socket, LONGEST_REQUEST)) {
      // What follows is the rest of a line: nobody can tell where the next request begins.
      if (line === undefined) return await refused(socket, `got a line of more than ${LONGEST_REQUEST} bytes`)
      for (const answer of answers(line, machine)) {
        if (socket.destroyed) return
        if (!socket.write(`${JSON.stringify(answer)}\n`)) await drained(socket)
      }
    }
  } catch (error) {
    socket.destroy(error as Error)
  }
}

/** Says why before the connection ends. */
function refused(socket: Socket, message: string): Promise<void> {
  return new Promise((resolve) => {
    socket.on('close', () => resolve())
    socket.end(`${JSON.stringify({ event: 'error', message })}\n`, () => resolve())
  })
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
}

function* answers(line: string, machine: Machine): Generator<object> {
  const request = dumpRequest(line)
  if (request instanceof Error) {
    yield { event: 'error', message: request.message }
    return
  }
  if (request === 'maps') yield* listMaps(machine)
  else if (request === 'progs') yield* listPrograms(machine)
  else yield* dumpSockets(machine.sys.cpu, request)
  yield { event: 'end' }
}
