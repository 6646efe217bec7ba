/**
 * The package as a user gets it: packed, installed in an empty folder, imported by plain node.
 *
 * Packs the `dist` that is there, built by `npm test` before the tests run: building it here would pull it away under
 * the tests that run on it.
 */

import { execFile } from 'node:child_process'
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')

/** What of package.json is asked about here. */
interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly explore: { readonly files: readonly string[]; readonly traces: string }
}

/**
 * The packages that the sources in a folder import, and those that these depend on. What only builds the page is not in
 * it.
 */
async function packagesOf(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true })
  const found = new Set<string>()
  for (const file of files.filter((name) => /\.tsx?$/.test(name) && !/^plugin|config/.test(name))) {
    const imports = (await readFile(join(folder, file), 'utf8')).matchAll(
      /^(?:import|\}) (?!type ).*from '([^.'][^']*)'/gm,
    )
    for (const [, from] of imports)
      if (!/^(?:virtual|node):/.test(from)) found.add(/^(?:@[^/]+\/)?[^/]+/.exec(from)![0])
  }
  for (const name of found) {
    const manifest = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')
    for (const needed of Object.keys((JSON.parse(manifest) as { dependencies?: object }).dependencies ?? {}))
      found.add(needed)
  }
  return [...found]
}

describe('the packed tarball', () => {
  let folder: string
  let installed: string
  let packed: string[]
  let manifest: Manifest

  beforeAll(async () => {
    await access(join(root, 'dist/src/index.js')).catch(() => {
      throw new Error('there is no dist to pack: run `npm run build` first')
    })
    folder = await mkdtemp(join(tmpdir(), 'sk-storage-package-'))
    const pack = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root })
    const [{ filename, files }] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }]
    packed = files.map(({ path }) => path)
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']
    await run('npm', ['install', ...quietly, join(folder, filename)], { cwd: folder })
    installed = join(folder, 'node_modules/sk-storage')
    manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('says in a sentence that its properties need fast-check, which is not there', async () => {
    const failed = await run(process.execPath, ['-e', "import('sk-storage/props')"], { cwd: folder }).catch(
      (error: { stderr: string }) => error,
    )
    expect(failed.stderr).toContain(
      'Error: sk-storage/props needs the package fast-check, which is not installed: npm i -D fast-check',
    )
  })

  it('holds the licence of every package whose code is in the page', async () => {
    const licences = 'dist/web/THIRD-PARTY-LICENSES.md'
    expect(packed).toContain(licences)
    const text = await readFile(join(installed, licences), 'utf8')
    const inPage = await packagesOf(join(root, 'web'))
    expect(inPage).toEqual(expect.arrayContaining(['preact', '@preact/signals', '@preact/signals-core']))
    for (const name of inPage) {
      const { version } = JSON.parse(
        await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'),
      ) as Manifest
      expect(text).toContain(`## ${name} - ${version} `)
      expect(text).toContain((await readFile(join(root, 'node_modules', name, 'LICENSE'), 'utf8')).trim())
    }
  })

  it('holds what is built, the sources it was built from, and the licence', async () => {
    for (const path of [
      'LICENSE',
      'package.json',
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'src/index.ts',
      'docs/explore-dialect.md',
    ])
      expect(packed).toContain(path)
    const sources = await readdir(join(root, 'src/shared'), { recursive: true })
    for (const source of sources.filter((name) => name.endsWith('.ts')))
      expect(packed).toContain(`src/shared/${source}`)
    expect(await readFile(join(installed, 'LICENSE'), 'utf8')).toMatch(/MIT License/)
  })

  it('holds what its README links to, and nothing else: no tests, no benches, no settings of ours', async () => {
    const foreign = packed.filter(
      (path) =>
        !/^(dist|src|props|museum|lessons|web\/scenarios|docs|examples|variants)\/|^(LICENSE|README\.md|CHANGELOG\.md|CONTRIBUTING\.md|package\.json)$/.test(
          path,
        ),
    )
    expect(foreign).toEqual([])
    const readme = await readFile(join(installed, 'README.md'), 'utf8')
    for (const [, path] of readme.matchAll(/\]\(([^):#]+)\)/g))
      expect(packed.some((file) => file === path || file.startsWith(`${path}/`))).toBe(true)
    for (const name of [...manifest.explore.files, manifest.explore.traces])
      await access(join(installed, name.replace(/^!/, '')))
  })

  it('has a page below 2.4 MB, with one explorer for all that runs there', async () => {
    const page = packed.filter((path) => path.startsWith('dist/web/'))
    const texts = await Promise.all(page.map((path) => readFile(join(installed, path), 'utf8')))
    expect(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)).toBeLessThan(2_400_000)
    // A sentence of the engine's.
    expect(texts.filter((text) => text.includes('is a generator function, and nobody would step it'))).toHaveLength(1)
  })

  it('has a file behind every export, types included', async () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    )
    for (const target of [...targets, ...Object.values(manifest.bin ?? {})].filter((path) => !path.includes('*')))
      await expect(access(join(installed, target)), target).resolves.toBeUndefined()
  })

  it('is imported by plain node, and encodes a value', async () => {
    const program = `
      import { struct, u32, bpfSpinLock } from 'sk-storage'
      const Counter = struct('counter', { cnt: u32, lock: bpfSpinLock })
      console.log(JSON.stringify([Counter.size, Counter.lockOffset, [...Counter.encode({ cnt: 7 })]]))
    `
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder })
    expect(JSON.parse(stdout)).toEqual([8, 4, [7, 0]])
  })

  it('lets nobody reach behind its exports', async () => {
    const program = `await import('sk-storage/dist/src/shared/sock.js').catch((error) => console.log(error.code))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder })
    expect(stdout.trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})
