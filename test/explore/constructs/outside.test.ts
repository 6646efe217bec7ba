/**
 * What waits for the world outside is refused in a thread, by name and place, with what to put in its place.
 */
import { expect, it } from 'vitest'
import { check } from '../../../src/explore/index.ts'
import { instrumented } from '../support/source.ts'

async function explored(imports: string, code: string) {
  const text = `${imports}
export const threads = [(w) => { Atomics.load(w, 0); ${code} }, (w) => { Atomics.add(w, 0, 1) }]`
  const { threads } = await instrumented(text, {}, 'outside.mjs')
  return check({ setup: () => new Int32Array(new SharedArrayBuffer(4)), threads })
}

it.each([
  ["import { readFile } from 'node:fs/promises'", "readFile('x')", 'readFile of node:fs/promises', 'read it in setup'],
  ["import { promises } from 'node:fs'", "promises.writeFile('x', '')", 'writeFile of node:fs/promises', 'in setup'],
  ["import * as fs from 'node:fs'", "fs.createReadStream('x')", 'createReadStream of node:fs', 'read it in setup'],
  ["import { connect } from 'node:net'", 'connect(1)', 'connect of node:net', 'let another thread answer'],
  ["import http from 'node:http'", "http.get('http://x')", 'get of node:http', 'let another thread answer'],
  ["import { request } from 'node:https'", "request('https://x')", 'request of node:https', 'let another thread'],
  ["import { createSocket } from 'node:dgram'", "createSocket('udp4')", 'createSocket of node:dgram', 'let another'],
  ["import { lookup } from 'node:dns/promises'", "lookup('x')", 'lookup of node:dns/promises', 'let another thread'],
  ["import { spawn } from 'node:child_process'", "spawn('x')", 'spawn of node:child_process', 'make a thread of what'],
  [
    "import { createInterface } from 'node:readline'",
    'createInterface({})',
    'createInterface of node:readline',
    'in setup',
  ],
  ['', "fetch('http://x')", 'fetch', 'let another thread answer'],
  [
    "import { spawn } from 'node:child_process'",
    "new (class { constructor() { spawn('x') } })()",
    'spawn of',
    'a thread',
  ],
  ["import { spawn } from 'node:child_process'", "['x'].forEach(spawn)", 'spawn of', 'a thread'],
])('%s: %s', async (imports, code, name, instead) => {
  const { violation, exhaustive } = await explored(imports, code)
  expect(violation).toMatchObject({ kind: 'refused', message: expect.stringContaining(name) })
  expect(violation?.message).toContain('in a thread waits for the world outside')
  expect(violation?.message).toContain(instead)
  expect(violation?.message).toMatch(/outside\.mjs:\d+/)
  expect(exhaustive).toBe(false)
})

it('not seen is one that was bound', async () => {
  const imports = "import { readFile } from 'node:fs/promises'"
  const { violation, exhaustive } = await explored(imports, "readFile.bind(null, '/dev/null')()")
  expect([violation, exhaustive]).toEqual([null, true])
})

it('what answers at once is none of it', async () => {
  const imports = "import { existsSync } from 'node:fs'\nimport { basename } from 'node:path'"
  const { violation, exhaustive } = await explored(imports, "existsSync('x'); basename('a/b'); console.log")
  expect([violation, exhaustive]).toEqual([null, true])
})
