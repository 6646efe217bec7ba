import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const command = ['dist/src/cli/main.js', 'serve']

/** Status, type and body of an answer. */
function get(address: string, path: string, headers = {}): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    // The path goes out as it is: fetch would tidy it up.
    const { hostname, port } = new URL(address)
    request({ hostname, port, path, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part) => {
        body += part
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
      )
    })
      .on('error', reject)
      .end()
  })
}

describe('sk-storage serve', () => {
  const server = spawn(process.execPath, [...command, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => server.once('exit', (code) => resolve(code)))
  let address = ''
  beforeAll(async () => {
    for await (const line of createInterface({ input: server.stdout })) {
      address = line
      break
    }
  })
  afterAll(() => server.kill('SIGKILL'))

  it('serves the page on 127.0.0.1, and scripts as scripts', async () => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const { status, type, body } = await get(address, '/')
    expect({ status, type }).toEqual({ status: 200, type: 'text/html; charset=utf-8' })
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(body)?.[1]
    expect(await get(address, `/${script}`)).toMatchObject({ status: 200, type: 'text/javascript; charset=utf-8' })
  })

  it.each(['/../src/cli/main.js', '/assets/../../src/cli/main.js', '/no-such.js', '/assets/'])(
    'has nothing at %s',
    async (path) => {
      expect((await get(address, path)).status).toBe(404)
    },
  )

  it.each(['/index.html/', `/${'a'.repeat(300)}.js`])('has nothing at %s either, and goes on', async (path) => {
    expect((await get(address, path)).status).toBe(404)
    expect((await get(address, '/')).status).toBe(200)
  })

  it('refuses a request that came for another host', async () => {
    expect((await get(address, '/', { host: 'example.com' })).status).toBe(403)
  })

  it('says that a port is taken', () => {
    const { port } = new URL(address)
    const { status, stderr } = spawnSync(process.execPath, [...command, '--port', port], { encoding: 'utf8' })
    expect(stderr).toBe(`sk-storage serve: --port: got ${port}, expected a port that is free and allowed\n`)
    expect(status).toBe(2)
  })

  it('says where there is no page what brings it: a build in a checkout, an installation elsewhere', () => {
    const folder = mkdtempSync(join(tmpdir(), 'serve-'))
    try {
      cpSync('dist/src', join(folder, 'dist/src'), { recursive: true })
      cpSync('package.json', join(folder, 'package.json'))
      symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'dir')
      const said = () => {
        const main = join(folder, 'dist/src/cli/main.js')
        const { status, stderr } = spawnSync(process.execPath, [main, 'serve'], { encoding: 'utf8' })
        return { status, stderr: stderr.replace(folder, '') }
      }
      const sentence = 'sk-storage serve: got no page in /dist/web/, expected one: '
      const whole = 'the package comes with it, so this copy is not whole: npm install sk-storage brings it back\n'
      expect(said()).toEqual({ status: 2, stderr: sentence + whole })
      mkdirSync(join(folder, 'web'))
      writeFileSync(join(folder, 'web/vite.config.ts'), '')
      expect(said()).toEqual({ status: 2, stderr: `${sentence}npm run build:web builds it\n` })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('ends with 0 when it is asked to', async () => {
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})
