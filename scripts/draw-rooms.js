/**
 * Draws the explorer's rooms from its imports, for docs/explorer-rooms.md: `node scripts/draw-rooms.js`. With --check
 * it only says whether the page still shows what is so.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const PAGE = 'docs/explorer-rooms.md'
const BEGIN = '<!-- drawn by scripts/draw-rooms.js -->\n'
const END = '<!-- end -->\n'

const drawn = execFileSync(
  'npx',
  [
    'depcruise',
    'src/explore',
    '--output-type',
    'mermaid',
    '--collapse',
    '^src/explore/[^/]+',
    '--include-only',
    '^src/explore',
  ],
  { encoding: 'utf8' },
)
const page = readFileSync(PAGE, 'utf8')
const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length)
const after = page.slice(page.indexOf(END))
const fresh = `${before}\n\`\`\`mermaid\n${drawn.trim()}\n\`\`\`\n\n${after}`
if (!process.argv.includes('--check')) writeFileSync(PAGE, fresh)
else if (fresh !== page) {
  console.error(`${PAGE} shows other rooms than the imports make: node scripts/draw-rooms.js draws it again`)
  process.exitCode = 1
}
