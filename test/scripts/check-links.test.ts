/**
 * The links in our documents lead somewhere, and scripts/check-links.js would say so if they did not.
 */

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'links-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What scripts/check-links.js says of these places, and its exit code. */
async function check(cwd: string, ...places: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = promisify(execFile)(process.execPath, [join(root, 'scripts/check-links.js'), ...places], { cwd })
  return command.then(({ stdout, stderr }) => ({ code: 0, stdout, stderr })).catch((error) => error)
}

/** What it says of one document of that text, beside a page with a heading and an HTML page with an id. */
async function faults(text: string, name = 'page.md'): Promise<string[]> {
  mkdirSync(join(folder, 'more'), { recursive: true })
  writeFileSync(join(folder, 'other.md'), '# What `rcuDereference` leans on\n\n## Twice\n\n## Twice\n')
  writeFileSync(join(folder, 'more/api.html'), '<h1 id="boot">boot</h1>')
  writeFileSync(join(folder, name), text)
  const { stderr } = await check(folder, name)
  return stderr.split('\n').filter((line) => line !== '')
}

describe('links', () => {
  it('hold in README, CONTRIBUTING, CHANGELOG and docs', async () => {
    const { code, stdout, stderr } = await check(root, 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(Number.parseInt(stdout, 10)).toBeGreaterThan(10)
  })

  it('may lead to files, folders, headings, ids and addresses', async () => {
    const good = [
      '[a](other.md) [b](more) [c](#here) [d](other.md#what-rcudereference-leans-on) [e](other.md#twice-1)',
      '![f](more/api.html#boot) <https://example.org/x> [g](https://example.org/x?y#z)',
      '[h]: other.md',
      '# Here',
      '`[no](link.md)`',
      '```',
      '[no](link.md)',
      '```',
    ]
    expect(await faults(good.join('\n'))).toEqual([])
  })

  it.each([
    ['gone.md', 'leads to a file that is not there'],
    ['other.md#three-times', 'names a heading that other.md does not have'],
    ['other.md#twice-2', 'names a heading that other.md does not have'],
    ['#nowhere', 'names a heading that page.md does not have'],
    ['more/api.html#shutdown', 'names a heading that more/api.html does not have'],
    ['../elsewhere.md', 'leads out of this folder'],
    ['http://example.org/', 'has the scheme http: where https: is expected'],
    ['https://', 'is no address'],
    ['', 'leads nowhere'],
  ])('are told apart from %s', async (target, fault) => {
    expect(await faults(`# Page\n\n[x](${target})`)).toEqual([`page.md:3: ${target} ${fault}`])
  })

  it('are looked at in HTML, too', async () => {
    const fault = 'leads to a file that is not there'
    expect(await faults('<p><a href="other.md">a</a>\n<img src="gone.png">', 'page.html')).toEqual([
      `page.html:2: gone.png ${fault}`,
    ])
  })
})
