import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'widths-'))
afterAll(() => rmSync(folder, { recursive: true }))

function check(...args: string[]) {
  const script = [join(root, 'scripts/check-widths.js'), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, script, { cwd: root, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** What becomes of a file with this text, and whether it was too wide; once more must change nothing. */
function broken(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  const { status } = check(file)
  check('--write', file)
  const result = readFileSync(file, 'utf8')
  expect(status).toBe(result === text ? 0 : 1)
  expect(check(file).status).toBe(0)
  return result
}

/** So many columns of words. */
const words = (columns: number) => 'word '.repeat(columns / 5).trimEnd()

describe('of a document', () => {
  it('breaks paragraphs, items and quotations that are too wide, to the ends of their first lines', () => {
    const text = [words(125), 'and more', '', `- ${words(120)}`, '  `a b` c', '', `> ${words(125)}`, ''].join('\n')
    expect(broken('prose.md', text)).toBe(
      [
        words(120),
        'word and more',
        '',
        `- ${words(115)}`,
        '  word `a b` c',
        '',
        `> ${words(115)}`,
        '> word word',
        '',
      ].join('\n'),
    )
  })

  it('leaves tables, headings, code, single words and all that is not too wide', () => {
    const long = words(150)
    const lines = [`# ${long}`, '', `| ${long} |`, '', '```', long, '```', '', `    ${long}`, `    - ${long}`, '']
    const text = [...lines, 'short', 'lines', '', 'x'.repeat(150), ''].join('\n')
    expect(broken('verbatim.md', text)).toBe(text)
  })

  it('begins no line with what would mean a list', () => {
    expect(broken('dash.md', `${words(115)} word - more\n`)).toBe(`${words(115)}\nword - more\n`)
  })
})

describe('of a source', () => {
  it('breaks comments of each kind', () => {
    const text = [
      `/** ${words(125)} */`,
      'const a = 1',
      `// ${words(125)}`,
      '// and more',
      'const b = 2',
      '/**',
      ` * ${words(125)}`,
      ' * and more',
      ' *',
      ' * @throws Error',
      ' */',
      `const c = 3 // ${words(125)}`,
      '',
    ].join('\n')
    expect(broken('comments.ts', text)).toBe(
      [
        '/**',
        ` * ${words(115)}`,
        ' * word word',
        ' */',
        'const a = 1',
        `// ${words(115)}`,
        '// word word and more',
        'const b = 2',
        '/**',
        ` * ${words(115)}`,
        ' * word word and more',
        ' *',
        ' * @throws Error',
        ' */',
        `// ${words(115)}`,
        '// word word',
        'const c = 3',
        '',
      ].join('\n'),
    )
  })

  it('leaves code, strings, and what tools read', () => {
    const text = [
      `const a = '// ${words(150)}'`,
      `// biome-ignore lint: ${words(150)}`,
      `const b = \`\n// ${words(150)}\``,
      '',
    ].join('\n')
    expect(broken('code.ts', text)).toBe(text)
  })
})
