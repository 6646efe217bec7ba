import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageServer } from '../../src/cli/page-server.ts'

const PAGE = `<!doctype html>${'<p>The same again.</p>'.repeat(500)}`

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = { br: brotliDecompressSync, gzip: gunzipSync }

let folder: string
let server: Server
let port: number

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'))
  const inside = join(folder, 'page')
  mkdirSync(join(inside, 'assets', 'folder.js'), { recursive: true })
  writeFileSync(join(folder, 'secret.js'), 'secret')
  writeFileSync(join(inside, 'index.html'), PAGE)
  writeFileSync(join(inside, 'assets', 'script-x_1.js'), 'script()')
  writeFileSync(join(inside, 'notes.txt'), 'of a type that the page has not')
  symlinkSync('round.js', join(inside, 'round.js'))
  symlinkSync('nowhere.js', join(inside, 'gone.js'))
  server = pageServer(inside)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function ask(path: string, headers = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      )
    })
      .on('error', reject)
      .end()
  })
}

/** Sends bytes as they are and waits until the server has nothing more to say. */
function send(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    let answer = ''
    socket.setEncoding('latin1').on('data', (text) => (answer += text))
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

describe('the server of the page', () => {
  it('sends a file for its name, and index.html for none', async () => {
    const { status, headers, body } = await ask('/?lesson=two#x')
    expect({ status, type: headers['content-type'], body: `${body}` }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
      body: PAGE,
    })
    expect(`${(await ask('/assets/script-x_1.js')).body}`).toBe('script()')
  })

  it.each([
    ['a file taken for a folder', '/index.html/'],
    ['a file taken for a folder of another', '/index.html/script.js'],
    ['a name of 300 letters', `/${'a'.repeat(300)}.js`],
    ['a name of 255 letters, which only a file system refuses', `/${'a'.repeat(255)}.js`],
    ['a link to itself', '/round.js'],
    ['a link to nothing', '/gone.js'],
    ['a folder with the name of a script', '/assets/folder.js'],
    ['a folder', '/assets/'],
    ['what lies outside', '/../secret.js'],
    ['what lies outside, the long way', '/assets/../../secret.js'],
    ['what lies outside, escaped', '/%2e%2e/secret.js'],
    ['a type that the page has not', '/notes.txt'],
    ['a zero byte', '/index%00.html'],
    ['a broken escape', '/%E0%A4%A.js'],
    ['two slashes', '//index.html'],
    ['a name of 10 000 letters', `/${'a'.repeat(10_000)}`],
    ['10 000 folders', `/${'a/'.repeat(5_000)}`],
  ])('has nothing for %s, and goes on', async (_, path) => {
    const { status, body } = await ask(path)
    expect([status, `${body}`]).toEqual([404, 'no such file\n'])
    expect((await ask('/')).status).toBe(200)
  })

  it('takes GET and HEAD only, and says so', async () => {
    const { status, headers } = await ask('/', {}, 'POST')
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
    const head = await ask('/', {}, 'HEAD')
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, `${PAGE.length}`, 0])
  })

  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0, gzip;q=0.1', 'gzip'],
    ['*', 'br'],
    ['*;q=0.3, br;q=0', 'gzip'],
    ['identity, br;q=0.5', undefined],
    ['zstd', undefined],
    ['br;q=0', undefined],
    ['br;q=', undefined],
    [';;,,=', undefined],
    ['', undefined],
  ])('sends to one that accepts %j the encoding %s', async (accepted, encoding) => {
    const { headers, body } = await ask('/', { 'accept-encoding': accepted })
    const decoded = headers['content-encoding'] === undefined ? body : DECODERS[headers['content-encoding']](body)
    expect([headers['content-encoding'], headers.vary, `${decoded}`]).toEqual([encoding, 'accept-encoding', PAGE])
    expect(headers['content-length']).toBe(`${body.length}`)
    if (encoding !== undefined) expect(body.length).toBeLessThan(PAGE.length / 20)
  })

  it('answers, or closes, and goes on, whatever bytes arrive', async () => {
    const name = fc.oneof(
      fc.constantFrom('/', '/index.html', '/index.html/', '/gone.js', '/assets/', '*', '.', '..', '%', '?', '#', '\\'),
      fc.string({ unit: 'binary', maxLength: 400 }),
    )
    const header = fc.tuple(
      fc.constantFrom('Host', 'Accept-Encoding', 'Range', 'Expect', 'Upgrade', 'Content-Length', 'Transfer-Encoding'),
      fc.oneof(
        fc.constantFrom('127.0.0.1', 'localhost:1', 'gzip;q=,br', 'bytes=5-2', '100-continue', 'chunked', '-1', '9e9'),
        fc.string({ maxLength: 40 }),
      ),
    )
    const line = fc
      .record({
        method: fc.constantFrom('GET', 'HEAD', 'POST', 'CONNECT', 'OPTIONS', 'PRI', 'get', ''),
        path: fc.array(name, { maxLength: 4 }),
        version: fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', ''),
        headers: fc.array(header, { maxLength: 4 }),
        end: fc.constantFrom('\r\n\r\n', '\n\n', '\r\n', ''),
      })
      .map(({ method, path, version, headers, end }) =>
        [`${method} ${path.join('/')} ${version}`, ...headers.map((pair) => pair.join(': '))].join('\r\n').concat(end),
      )
    const requests = fc.array(fc.oneof(line, fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(requests, async (sent) => {
        const answer = await send(Buffer.from(sent.join(''), 'latin1'))
        expect(answer).not.toContain('secret')
        expect(answer).toMatch(/^$|^HTTP\/1\.1 (200|100|400|403|404|405|417|431|501) /)
      }),
      { seed: 18, numRuns: 400 },
    )
    expect((await ask('/')).status).toBe(200)
  })
})
