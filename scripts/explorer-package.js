/**
 * Part of the build: the package `every-order`, in dist/every-order, made of what is built in dist. It has the files
 * that the explorer's exports and its command reach, at the places they have here, and the guides in the package's own
 * words. `npm pack ./dist/every-order` packs it.
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseSync } from 'oxc-parser'

const from = 'packages/every-order'
const to = 'dist/every-order'
const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))

/** Found by an address that is put together, and by no import. */
const BY_ADDRESS = [
  'explore/agents/install.js',
  ...['register-hooks', 'require', 'watchdog', 'watchdog-thread'].map((name) => `explore/load/${name}.js`),
]
/** What only sk-storage has: its command loads it when it is asked for, this one's says where it is. */
const ELSEWHERE = /^dist\/(museum|src\/cli\/bpf-scenario)/
const DOCS = ['explore.md', 'explore-dialect.md', 'race-tests-in-ci.md']

const withoutMap = (text) => text.replace(/^\/\/# sourceMappingURL=.*\n?/gm, '')

/** These files and all that they import. */
function reached(entries) {
  const found = new Set(entries)
  for (const file of found) {
    const text = readFileSync(file, 'utf8')
    for (const [, name] of text.matchAll(/(?:\bfrom |\bimport ?\(?|\bnew URL\()["'](\.{1,2}\/[^"']+\.[tj]s)["']/g)) {
      const target = join(dirname(file), name).replace(/\.ts$/, '.js')
      if (!ELSEWHERE.test(target)) found.add(file.endsWith('.d.ts') ? target.replace(/js$/, 'd.ts') : target)
    }
  }
  return found
}

/** A script without its comments, which stand in the sources. Lines that held nothing else go. */
function withoutComments(text) {
  const { comments } = parseSync('script.js', text, { sourceType: 'module' })
  let left = ''
  let at = 0
  for (const { start, end } of comments.filter(({ start }) => !text.startsWith('#!', start))) {
    const alone = /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', start - 1) + 1, start)) && text[end] === '\n'
    left += alone ? text.slice(at, start).replace(/[ \t]+$/, '') : text.slice(at, start)
    at = alone ? end + 1 : end
  }
  return left + text.slice(at)
}

/** A guide, with the names that things have in this package, and with addresses of the pages that it has not. */
function inOwnWords(text) {
  const elsewhere = manifest.homepage.replace(/tree\/main.*/, 'blob/main/docs')
  return text
    .replaceAll('sk-storage/explore/schedule', 'every-order/schedule')
    .replaceAll('sk-storage/explore', 'every-order')
    .replaceAll('sk-storage', 'every-order')
    .replace(/\]\(([\w-]+\.md)/g, (link, page) => (DOCS.includes(page) ? link : `](${elsewhere}/${page}`))
}

rmSync(to, { recursive: true, force: true })
const entries = Object.values(manifest.exports).flatMap((each) => each.default ?? [])
// Of the types those that an export leads to.
const types = entries.map((path) => join(path.replace(/\.js$/, '.d.ts'))).filter((path) => existsSync(path))
const files = reached([
  ...[...entries, ...Object.values(manifest.bin)].map((path) => join(path)),
  ...types,
  ...BY_ADDRESS.map((path) => join('dist/src', path)),
])
for (const file of files) {
  mkdirSync(join(to, dirname(file)), { recursive: true })
  const text = readFileSync(file, 'utf8')
  // Nor are the sources that a map leads to in the package. Declarations keep what they say.
  writeFileSync(join(to, file), file.endsWith('.js') ? withoutComments(text) : withoutMap(text))
}
for (const name of ['package.json', 'README.md', 'CHANGELOG.md']) copyFileSync(join(from, name), join(to, name))
copyFileSync('LICENSE', join(to, 'LICENSE'))
mkdirSync(join(to, 'docs'))
for (const name of DOCS) writeFileSync(join(to, 'docs', name), inOwnWords(readFileSync(join('docs', name), 'utf8')))
