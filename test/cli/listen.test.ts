import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HANG, skStorage, start } from './command.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sk-storage-'))
  path = join(folder, 'socket')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A connection, and what comes back on it. */
interface Client {
  readonly socket: Socket
  readonly lines: AsyncIterator<string>
}

/** Connects as soon as somebody listens. */
async function connected(): Promise<Client> {
  for (;;) {
    const socket = connect(path)
    const ok = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (ok) return { socket, lines: createInterface({ input: socket })[Symbol.asyncIterator]() }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Sends one request and collects the lines up to the one that ends the answer. */
async function ask({ socket, lines }: Client, request: string): Promise<Record<string, unknown>[]> {
  const answer: Record<string, unknown>[] = []
  socket.write(`${request}\n`)
  do {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the connection ended after ${answer.length} lines`)
    answer.push(JSON.parse(value))
  } while (answer.at(-1)?.event === 'socket')
  return answer
}

describe('run --listen', () => {
  it(
    'answers dump requests while the CPUs run, and removes its socket at the end',
    async () => {
      const { child, ended } = start('run', '--seconds', '600', '--listen', path, '--sockets', '40', '--cpus', '2')
      const client = await connected()

      const dump = await ask(client, '{"request":"dump"}')
      expect(dump.at(-1)).toEqual({ event: 'end' })
      const sockets = dump.slice(0, -1) as {
        cookie: string
        family: string
        state: string
        storages: { map: number; name: string; value: string }[]
      }[]
      // Sockets come and go while we look; most slots are taken at any time.
      expect(sockets.length).toBeGreaterThan(20)
      expect(new Set(sockets.map(({ cookie }) => cookie)).size).toBe(sockets.length)
      expect(sockets[0]).toEqual({
        event: 'socket',
        cookie: expect.stringMatching(/^\d+$/),
        fd: expect.any(Number),
        family: 'inet',
        type: expect.stringMatching(/^(stream|dgram)$/),
        state: expect.stringMatching(/^(ESTAB|CLOSE|LISTEN)$/),
        local: expect.stringMatching(/^[\d.]+:\S+$/),
        peer: expect.stringMatching(/^[\d.]+:\S+$/),
        storages: expect.any(Array),
      })
      // The first look may come before the CPUs have begun.
      let storage: unknown
      while (storage === undefined) {
        storage = (await ask(client, '{"request":"dump"}')).flatMap(({ storages }) => storages ?? [])[0]
      }
      expect(storage).toEqual({
        map: expect.any(Number),
        name: expect.stringMatching(/^churn_\d$/),
        value: expect.stringMatching(/^([0-9a-f]{2})+$/),
      })

      // A map that does not exist is at no socket; the sockets are shown all the same.
      const none = await ask(client, '{"request":"dump","maps":[2147483647]}')
      expect(none.length).toBeGreaterThan(20)
      expect(none.slice(0, -1).every(({ storages }) => (storages as unknown[]).length === 0)).toBe(true)

      for (const [request, message] of [
        ['dump', 'got dump, expected a line of JSON'],
        ['{"request":"dmup"}', 'request: got "dmup", expected "dump", "maps" or "progs"'],
        ['null', 'request: got undefined, expected "dump", "maps" or "progs"'],
        ['{"request":"dump","maps":[0]}', 'maps: got [0], expected a list of map ids'],
        [`{"request":"dump","types":"${'x'.repeat(200)}"}`, `types: got "${'x'.repeat(99)}, expected true or false`],
        [
          `{"request":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
          expect.stringMatching(/^request: got .{1,100}, exp/),
        ],
      ]) {
        expect(await ask(client, request)).toEqual([{ event: 'error', message }])
      }

      child.kill('SIGINT')
      const { status, stdout } = await ended
      expect(stdout).toMatch(/0 leaked, 0 violations\n$/)
      expect(status).toBe(130)
      expect(existsSync(path)).toBe(false)
    },
    HANG,
  )

  it(
    'ends a connection whose line has no end, whatever else it sends, and goes on',
    async () => {
      const { child, ended } = start('run', '--seconds', '600', '--listen', path, '--sockets', '4', '--cpus', '1')
      const client = await connected()
      // Long before 512 MiB, at which a string can't grow any more.
      const flood = connect(path)
      let answer = ''
      flood.on('data', (text) => (answer += text)).on('error', () => {})
      flood.write(Buffer.alloc(1 << 20, 'x'))
      await new Promise((resolve) => flood.once('close', resolve))
      expect(JSON.parse(answer)).toEqual({ event: 'error', message: 'got a line of more than 65536 bytes' })

      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
      )
      await fc.assert(
        fc.asyncProperty(bytes, async (some) => {
          const other = await connected()
          other.socket.on('error', () => {})
          other.socket.end(Buffer.concat([some, Buffer.from('\n')]))
          for (let next = await other.lines.next(); !next.done; next = await other.lines.next())
            expect(JSON.parse(next.value).event).toMatch(/^(error|end|socket|map|prog)$/)
        }),
        { seed: 18, numRuns: 200 },
      )
      expect((await ask(client, '{"request":"dump"}')).at(-1)).toEqual({ event: 'end' })
      child.kill('SIGINT')
      expect(await ended).toMatchObject({ status: 130, stderr: '' })
    },
    HANG,
  )

  it.each([
    ['run', '--listen'],
    ['ss', '--connect'],
    ['prog', 'show', '--connect'],
  ])('is refused by %s a path that is too long for a socket, which would be cut', async (...words) => {
    const [command] = words
    const flag = words.at(-1)
    const long = join(folder, 'x'.repeat(107 - folder.length))
    const { status, stderr } = await skStorage(...words, long)
    const sentence = `${flag}: got a path of 108 bytes, expected one of up to 107: a socket's address is no longer`
    expect([status, stderr]).toEqual([2, `sk-storage ${command}: ${sentence}\n`])
    expect(readdirSync(folder)).toEqual([])
  })

  it('may be asked of a path that is just not too long', async () => {
    const long = join(folder, 'x'.repeat(106 - folder.length))
    expect(await skStorage('run', '--seconds', '0.1', '--cpus', '1', '--listen', long)).toMatchObject({ status: 0 })
  })

  it(
    'refuses a path that is in use, and leaves it alone',
    async () => {
      writeFileSync(path, 'precious')
      const occupied = await skStorage('run', '--listen', path)
      expect(occupied.stderr).toBe(
        `sk-storage run: --listen: got ${path}, which exists and is no socket, expected a path that is free\n`,
      )
      expect(occupied.status).toBe(2)
      expect(existsSync(path)).toBe(true)
      rmSync(path)

      const server = createServer(() => {})
      await new Promise<void>((resolve) => server.listen(path, resolve))
      const inUse = await skStorage('run', '--listen', path)
      expect(inUse.stderr).toBe(
        `sk-storage run: --listen: got ${path}, on which another process listens, expected a path that is free\n`,
      )
      expect(inUse.status).toBe(2)
      expect(existsSync(path)).toBe(true)
      await new Promise((resolve) => server.close(resolve))
    },
    HANG,
  )

  it(
    'takes over a socket that was left behind',
    async () => {
      const first = start('run', '--seconds', '600', '--cpus', '1', '--listen', path)
      await connected()
      first.child.kill('SIGKILL')
      await first.ended
      expect(existsSync(path)).toBe(true)

      const second = await skStorage('run', '--seconds', '0.2', '--cpus', '1', '--listen', path)
      expect(second.stdout).toMatch(/0 leaked, 0 violations\n$/)
      expect(second.status).toBe(0)
      expect(existsSync(path)).toBe(false)
    },
    HANG,
  )
})
