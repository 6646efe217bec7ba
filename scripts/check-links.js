/**
 * Looks whether the links in our documents lead somewhere: `node scripts/check-links.js [file or folder ...]`.
 *
 * Of a relative link the file must exist, and the heading or id that it names. Nothing is asked of the network: of an
 * address elsewhere only the form is looked at. Exit code 0 when all links hold, 1 when one does not, with a line for
 * each on stderr.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const given = process.argv.slice(2)
const places =
  given.length > 0
    ? given
    : ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs', 'packages/every-order/CHANGELOG.md', 'dist/docs']

/** The documents at a place, folders searched through. */
function documentsAt(place) {
  if (!existsSync(place)) throw new Error(`${place}: expected a file or a folder, and found nothing`)
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place, { recursive: true })
    .map((name) => join(place, name))
    .filter((name) => /\.(md|html)$/.test(name))
}

/** Markdown without code, whose brackets are no links. Lines stay where they are. */
function prose(text) {
  const blank = (code) => code.replace(/[^\n]/g, ' ')
  return text.replace(/^( *)(```+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, blank).replace(/(`+)(?!`).*?[^`]\1(?!`)/g, blank)
}

/** A heading's name in addresses, as GitHub makes it. */
function slug(heading) {
  const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
  return words.replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-')
}

function markdownAnchors(text) {
  const anchors = new Set()
  const lines = text.replace(/^( *)(```+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, '')
  for (const [, heading] of lines.matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const name = slug(heading)
    let unique = name
    for (let i = 1; anchors.has(unique); i++) unique = `${name}-${i}`
    anchors.add(unique)
  }
  return anchors
}

const texts = new Map()
function textOf(file) {
  if (!texts.has(file)) texts.set(file, readFileSync(file, 'utf8'))
  return texts.get(file)
}

const anchorsOfFile = new Map()
function anchorsOf(file) {
  if (!anchorsOfFile.has(file)) {
    const text = textOf(file)
    const ids = () => new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => entities(id)))
    anchorsOfFile.set(file, file.endsWith('.md') ? markdownAnchors(text) : ids())
  }
  return anchorsOfFile.get(file)
}

const NAMES = { amp: '&', quot: '"', lt: '<', gt: '>' }
const entities = (text) => text.replace(/&(amp|quot|lt|gt);/g, (_, name) => NAMES[name])

/** Each link of a document with the line it stands on. */
function* linksOf(file) {
  const text = textOf(file)
  const lineAt = (index) => text.slice(0, index).split('\n').length
  if (file.endsWith('.html')) {
    for (const { 1: target, index } of text.matchAll(/\s(?:href|src)="([^"]*)"/g))
      yield { target: entities(target), line: () => lineAt(index) }
    return
  }
  const shapes = [
    /\]\(\s*<?([^)\s>]*)>?(?:\s+"[^"]*")?\s*\)/g,
    /^ *\[[^\]]+\]: +(\S+)/gm,
    /<((?:https?|mailto):[^>\s]*)>/g,
  ]
  for (const shape of shapes)
    for (const { 1: target, index } of prose(text).matchAll(shape)) yield { target, line: () => lineAt(index) }
}

/** What is wrong with a link, or undefined. */
function faultOf(file, target) {
  // An empty address is the page it stands on: typedoc writes that, a person forgot something.
  if (target === '') return file.endsWith('.html') ? undefined : 'leads nowhere'
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) {
    if (/^(mailto|data):/.test(target)) return undefined
    if (!URL.canParse(target)) return 'is no address'
    const { protocol, hostname } = new URL(target)
    if (protocol !== 'https:') return `has the scheme ${protocol} where https: is expected`
    return hostname.includes('.') ? undefined : 'has a host without a dot'
  }
  const [path, anchor] = target.split('#').map(decodeURIComponent)
  const to = path === '' ? file : resolve(dirname(file), path)
  if (relative('.', to).startsWith('..')) return 'leads out of this folder'
  if (!existsSync(to)) return 'leads to a file that is not there'
  if (anchor === undefined || anchor === '' || !/\.(md|html)$/.test(to)) return undefined
  return anchorsOf(to).has(anchor) ? undefined : `names a heading that ${relative('.', to)} does not have`
}

let links = 0
let broken = 0
const documents = places.flatMap(documentsAt)
for (const file of documents) {
  for (const { target, line } of linksOf(file)) {
    links++
    const fault = faultOf(file, target)
    if (fault === undefined) continue
    broken++
    console.error(`${file}:${line()}: ${target} ${fault}`)
  }
}
console.log(`${links} links in ${documents.length} documents, ${broken} broken`)
process.exitCode = broken === 0 ? 0 : 1
