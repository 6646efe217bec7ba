/**
 * Part of the build: the ground floor, src/sync and src/shared, becomes one module in dist. Its files remain and pass
 * on what they export.
 *
 * V8 compiles a module's own constants and functions into the code that uses them. An imported or exported variable it
 * loads, checks for being initialised and compares, anew at each use: a third of the time of creating and deleting a
 * storage, on Node 20, 24 and 26.
 */

import { readdirSync } from 'node:fs'
import { rolldown } from 'rolldown'

const files = ['sync', 'shared'].flatMap((room) =>
  readdirSync(`src/${room}`, { recursive: true }).flatMap((file) => (file.endsWith('.ts') ? [`${room}/${file}`] : [])),
)

/** Exports each variable by a second name, so that the module's own code uses one that is not exported. */
function separateExports(code) {
  const clause = /^export \{ (.*) \};$/m.exec(code)
  if (clause === null) throw new Error('bundle-ground: got a ground.js without an export clause, expected one')
  const names = clause[1].split(', ').map((each) => each.split(' as '))
  const constants = names.map(([local]) => `${local}$exported = ${local}`)
  const exports = names.map(([local, name = local]) => `${local}$exported as ${name}`)
  return `${code.replace(clause[0], `export { ${exports.join(', ')} };`)}const ${constants.join(', ')};\n`
}

const bundle = await rolldown({
  input: Object.fromEntries(files.map((file) => [file.replace(/\.ts$/, ''), `src/${file}`])),
  platform: 'node',
  plugins: [
    {
      name: 'separate-exports',
      renderChunk: (code, { name }) => (name === 'ground' ? { code: separateExports(code), map: null } : null),
    },
  ],
})
await bundle.write({
  dir: 'dist/src',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  codeSplitting: { groups: [{ name: 'ground', test: /[\\/]src[\\/](sync|shared)[\\/]/ }] },
  sourcemap: true,
})
await bundle.close()
