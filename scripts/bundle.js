/**
 * Part of the build: what is measured in nanoseconds becomes a few modules in dist, in place of hundreds. The files
 * remain and pass on what they export.
 *
 * V8 compiles a module's own constants and functions into the code that uses them. An imported or exported variable it
 * loads, checks for being initialised and compares, anew at each use: a third of the time of creating and deleting a
 * storage and a tenth of an exploration, on Node 20, 24 and 26. And a command that loads four files starts in half the
 * time of one that loads two hundred, twice: its worker loads them too.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** Files that name others by their place, import what need not be there, or do something when they are loaded. */
const APART =
  /explore[\\/](load[\\/](register|register-hooks|vite|watchdog-thread)|jobs[\\/]file-thread|schedule-arbitrary)\.ts$/

/** Exports each variable by a second name, so that the module's own code uses one that is not exported. */
function separateExports(code) {
  const clause = /^export \{ (.*) \};$/m.exec(code)
  if (clause === null) throw new Error('bundle: got a module without an export clause, expected one')
  const names = clause[1].split(', ').map((each) => each.split(' as '))
  const constants = names.map(([local]) => `${local}$exported = ${local}`)
  const exports = names.map(([local, name = local]) => `${local}$exported as ${name}`)
  return `${code.replace(clause[0], `export { ${exports.join(', ')} };`)}const ${constants.join(', ')};\n`
}

/** Copies what a module imports from another one that is made here into constants of its own. */
function ownImports(code) {
  return code.replace(/^import \{ (.*) \} from ("\.\/.*");$/gm, (_, clause, from) => {
    const names = clause.split(', ').map((each) => each.split(' as '))
    const imports = names.map(([name, local = name]) => `${name} as ${local}$imported`)
    const constants = names.map(([name, local = name]) => `${local} = ${local}$imported`)
    // On one line: the source map counts lines.
    return `import { ${imports.join(', ')} } from ${from}; const ${constants.join(', ')};`
  })
}

const filesOf = (room) =>
  readdirSync(`src/${room}`, { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${room}/${file.replaceAll('\\', '/')}`)

/** Makes modules of the files of some rooms, in `folder`: a file goes into the first one whose pattern fits it. */
async function joinRooms(rooms, folder, modules) {
  const bundle = await rolldown({
    input: Object.fromEntries(rooms.flatMap(filesOf).map((file) => [file.replace(/\.ts$/, ''), `src/${file}`])),
    platform: 'node',
    // Packages stay where they are.
    external: /^[a-z@]/,
    transform: { target: 'es2023' },
    plugins: [
      {
        name: 'separate-exports',
        renderChunk: (code, { name }) =>
          Object.hasOwn(modules, name) ? { code: separateExports(ownImports(code)), map: null } : null,
      },
    ],
  })
  const { output } = await bundle.write({
    dir: 'dist/src',
    entryFileNames: '[name].js',
    chunkFileNames: `${folder}[name].js`,
    codeSplitting: {
      groups: Object.entries(modules).map(([name, of], k) => ({
        name,
        test: (file) => of.test(file) && !APART.test(file),
        priority: Object.keys(modules).length - k,
      })),
    },
    sourcemap: true,
  })
  await bundle.close()
  // The sources are in the package, beside dist.
  for (const { fileName } of output.filter(({ fileName }) => fileName.endsWith('.map'))) {
    const { sourcesContent, ...map } = JSON.parse(readFileSync(join('dist/src', fileName), 'utf8'))
    writeFileSync(join('dist/src', fileName), JSON.stringify(map))
  }
}

await joinRooms(['sync', 'shared'], '', { ground: /src[\\/](sync|shared)[\\/]/ })
// As deep as the files they are made of, which find the explorer's folder above their own. The adapter for Vite brings
// `twins` into pages, so that it imports nothing of Node.
await joinRooms(['random', 'explore'], 'explore/joined/', {
  random: /src[\\/]random[\\/]/,
  twins: /src[\\/]explore[\\/](runtime|twins)[\\/]/,
  explorer: /src[\\/]explore[\\/]/,
})
