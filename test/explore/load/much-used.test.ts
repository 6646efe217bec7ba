/**
 * What much-used packages export, as the explorer loads them with all that they require, is what they export in Node.
 * They stand in a folder of their own, with exact versions and a lock.
 */

import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { LONG } from '../../share.ts'

const folder = fileURLToPath(new URL('./much-used', import.meta.url))
const built = fileURLToPath(new URL('../../../dist/src/explore/index.js', import.meta.url))
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: object }
const names = Object.keys(manifest.dependencies)

const lacks = !LONG
  ? 'LONG=1'
  : !existsSync(join(folder, 'node_modules'))
    ? 'npm ci --ignore-scripts in test/explore/load/much-used'
    : !existsSync(built)
      ? 'npm run build'
      : ''

/** What a module gives, two levels deep: names, and of functions how they are called. */
const SHOWN = `const show = (value, levels) => {
  const type = typeof value
  const own = (type === 'object' && value !== null) || type === 'function'
  const what = type === 'function' ? 'function ' + value.name + ' ' + value.length : type
  if (!own || levels === 0) return own ? what : what + ' ' + String(value)
  // What Node makes of a function by itself is no property of the author's.
  const keys = Object.keys(value).filter((key) => Object.getOwnPropertyDescriptor(value, key).get === undefined)
  return [what, keys.sort().map((key) => [key, show(value[key], levels - 1)])]
}
const shown = (all) => JSON.stringify(Object.keys(all).sort().map((name) => [name, show(all[name], 2)]))`

async function exportsOf(load: string, file: string): Promise<string> {
  const script = `${SHOWN}; const { loadInstrumented } = await import(${JSON.stringify(pathToFileURL(built).href)})
console.log(shown(await ${load}(${JSON.stringify(load === 'import' ? pathToFileURL(file).href : file)}, ${load === 'import' ? 'undefined' : '{ packages: true }'}))); process.exit()`
  const args = ['--no-warnings', '--input-type=module', '--eval', script]
  return (await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 })).stdout
}

it.skipIf(lacks !== '').each(names)(
  `${lacks === '' ? '' : `needs ${lacks}: `}%s exports the same here and in Node`,
  async (name) => {
    const file = join(folder, `uses-${name}.mjs`)
    writeFileSync(file, `export * from '${name}'\nimport * as all from '${name}'\nexport default all.default\n`)
    try {
      const [ours, plain] = await Promise.all([exportsOf('loadInstrumented', file), exportsOf('import', file)])
      expect(JSON.parse(ours)).toEqual(JSON.parse(plain))
    } finally {
      rmSync(file)
    }
  },
  600_000,
)
