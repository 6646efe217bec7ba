/**
 * Code of a package, by the command, by Vitest and by Node's own test runner: who comes upon it is told how to have it
 * followed, and what is told works as it stands.
 */

import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shareOf } from '../share.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = join(ROOT, 'dist/src/cli/main.js')

const DEP = { 'package.json': '{ "name": "dep", "type": "module", "exports": "./index.js" }' }
const BUMP = { ...DEP, 'index.js': 'export const bump = (words) => Atomics.add(words, 0, 1)' }

const setup = '() => ({ words: new Int32Array(new SharedArrayBuffer(4)) })'
const scenario = `{ setup: ${setup}, threads: [({ words }) => twice(words), ({ words }) => twice(words)] }`
const FILES: Record<string, string> = {
  'package.json': '{ "name": "user", "type": "module" }',
  'twice.js': `import { bump } from 'dep'\nexport const twice = (words) => bump(words) + bump(words)`,
  'scenarios.js': `import { twice } from './twice.js'\nexport const two = ${scenario}`,
  'own.test.js': `
    import { explore } from 'sk-storage/explore'
    import { expect, it } from 'vitest'
    import { twice } from './twice.js'
    it('refused or not', () => expect(explore(${scenario}).complete).toBe(6))
    it('another', () => expect(1).toBe(1))`,
  'node.js': `
    import assert from 'node:assert'
    import test from 'node:test'
    import { explore } from 'sk-storage/explore'
    import { twice } from './twice.js'
    test('refused or not', () => assert.equal(explore(${scenario}).complete, 6))
    test('another', () => assert.equal(1, 1))`,
  'load.js': `
    import { check, loadInstrumented } from 'sk-storage/explore'
    const file = new URL('./scenarios.js', import.meta.url)
    const { two } = await LOAD
    console.log(check(two).complete)`,
}

let folder = ''
/** Where the package stands, by how it was installed. */
const LAYOUTS: Record<string, (at: string) => void> = {
  npm: (at) => write(join(at, 'node_modules/dep'), BUMP),
  pnpm: (at) => {
    write(join(at, 'node_modules/.pnpm/dep@1.0.0/node_modules/dep'), BUMP)
    symlinkSync('.pnpm/dep@1.0.0/node_modules/dep', join(at, 'node_modules/dep'))
  },
  workspace: (at) => {
    write(join(at, 'packages/dep'), BUMP)
    symlinkSync('../packages/dep', join(at, 'node_modules/dep'))
  },
}

function write(at: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true })
    writeFileSync(join(at, name), text)
  }
}

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error('there is no dist to run: run `npm run build` first')
  folder = mkdtempSync(join(tmpdir(), 'sk-storage-packages-'))
  for (const [layout, install] of Object.entries(LAYOUTS)) {
    const at = join(folder, layout)
    write(at, FILES)
    mkdirSync(join(at, 'node_modules'))
    symlinkSync(ROOT, join(at, 'node_modules/sk-storage'))
    symlinkSync(join(ROOT, 'node_modules/vitest'), join(at, 'node_modules/vitest'))
    install(at)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly status: number
  readonly output: string
}

function run(layout: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const options = { cwd: join(folder, layout), env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...env } }
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], options, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    )
  })
}

const vitest = (layout: string, plugin: string, env?: Record<string, string>) => {
  const config = `vitest.${Math.random().toString(36).slice(2)}.config.mjs`
  writeFileSync(
    join(folder, layout, config),
    `import { defineConfig } from 'vitest/config'\nimport { explorePlugin } from 'sk-storage/vite'\nexport default defineConfig({ plugins: [${plugin}] })`,
  )
  return run(layout, ['node_modules/vitest/vitest.mjs', 'run', '--config', config], env)
}
const nodeTest = (layout: string, env?: Record<string, string>) =>
  run(layout, ['--import', 'sk-storage/register', '--test', 'node.js'], env)
const explored = (layout: string, more: readonly string[] = [], env?: Record<string, string>) =>
  run(layout, [MAIN, 'explore', 'scenarios.js', ...more], env)
const loaded = (layout: string, load: string, env?: Record<string, string>) => {
  write(join(folder, layout), { 'loads.js': FILES['load.js'].replace('LOAD', load) })
  return run(layout, ['loads.js'], env)
}

/** What the message says, for each way, of a package that is not followed. */
const SAID =
  /dep is followed if named: (--packages dep) on the command line, (explorePlugin\(.*?\)) in the config of Vitest, (loadInstrumented\(.*?\)), or (EXPLORE_PACKAGES=dep) for any of them/
const EXHAUSTIVE = /exhaustive: 6 traces/

describe.each(shareOf('installers', ['npm', 'pnpm'], 1))('a package that %s has installed', (layout) => {
  it('is refused at first, and followed in each of the ways that the message tells', async () => {
    const refused = await explored(layout)
    expect(refused.status).toBe(1)
    const [, flag, plugin, load, variable] = SAID.exec(refused.output) ?? []
    expect(flag, refused.output).toBeDefined()
    const [name, value] = variable.split('=')
    const env = { [name]: value }

    expect(await explored(layout, flag.split(' '))).toMatchObject({
      status: 0,
      output: expect.stringMatching(EXHAUSTIVE),
    })
    expect(await explored(layout, [], env)).toMatchObject({ status: 0, output: expect.stringMatching(EXHAUSTIVE) })
    expect(await vitest(layout, plugin)).toMatchObject({
      status: 0,
      output: expect.stringMatching(/Tests {2}2 passed/),
    })
    expect(await vitest(layout, 'explorePlugin()', env)).toMatchObject({ status: 0 })
    expect(await loaded(layout, load)).toMatchObject({ status: 0, output: '6\n' })
    expect(await loaded(layout, 'loadInstrumented(file)', env)).toMatchObject({ status: 0, output: '6\n' })
    expect(await nodeTest(layout, env)).toMatchObject({ status: 0, output: expect.stringMatching(/# pass 2\n/) })
  })
})

describe('a refusal', () => {
  it('keeps no other test from its verdict, in Vitest and in Node’s own runner', async () => {
    const [inVitest, inNode] = await Promise.all([vitest('npm', 'explorePlugin()'), nodeTest('npm')])
    expect(inVitest).toMatchObject({ status: 1, output: expect.stringMatching(/Tests {2}1 failed \| 1 passed/) })
    expect(inVitest.output).toMatch(SAID)
    expect(inNode).toMatchObject({ status: 1, output: expect.stringMatching(/# pass 1\n/) })
    expect(inNode.output).toMatch(SAID)
  })
})

describe('a package of the same workspace', () => {
  it('is followed like the author’s own files', async () => {
    expect(await explored('workspace')).toMatchObject({ status: 0, output: expect.stringMatching(EXHAUSTIVE) })
    expect(await vitest('workspace', 'explorePlugin()')).toMatchObject({ status: 0 })
    expect(await nodeTest('workspace')).toMatchObject({ status: 0, output: expect.stringMatching(/# pass 2\n/) })
  })

  it('that lies beside the project of Vitest is followed if it is named', async () => {
    const at = join(folder, 'workspace')
    cpSync(join(at, 'twice.js'), join(at, 'packages/user/twice.js'))
    for (const name of ['own.test.js', 'package.json']) cpSync(join(at, name), join(at, 'packages/user', name))
    const project = join('workspace', 'packages/user')
    const args = (config: string) => ['../../node_modules/vitest/vitest.mjs', 'run', '--root', '.', '--config', config]
    for (const [plugin, status] of [
      ['explorePlugin()', 1],
      ["explorePlugin({ packages: ['dep'] })", 0],
    ] as const) {
      write(join(at, 'packages/user'), {
        [`v${status}.config.mjs`]: `import { explorePlugin } from 'sk-storage/vite'\nexport default { plugins: [${plugin}] }`,
      })
      const ended = await run(project, args(`v${status}.config.mjs`))
      expect(ended.status, ended.output).toBe(status)
      if (status === 1) expect(ended.output).toMatch(SAID)
    }
  })
})
