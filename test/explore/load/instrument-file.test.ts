import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { instrumenter, isInstrumented } from '../../../src/explore/load/instrument-file.ts'
import { withFiles } from '../support/source.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

describe('the files that the adapters instrument', () => {
  it('are none of the explorer, in whichever of its rooms', () => {
    const own = readdirSync(join(root, 'src/explore'), { recursive: true, encoding: 'utf8' })
    const files = own.filter((file) => file.endsWith('.ts'))
    expect(files.length).toBeGreaterThan(90)
    expect(files.filter((file) => isInstrumented(join(root, 'src/explore', file), { folders: [root] }))).toEqual([])
  })
  it('are those of the folders, and packages by name', () => {
    const of = (path: string) =>
      isInstrumented(path, { folders: ['/home/me/project/'], packages: ['named', '@scope/named'] })
    expect(of('/home/me/project/src/queue.ts')).toBe(true)
    expect(of('/home/me/elsewhere/queue.ts')).toBe(false)
    expect(of('/home/me/project/src/queue.d.ts')).toBe(false)
    expect(of('/home/me/project/readme.md')).toBe(false)
    expect(of('/home/me/project/node_modules/named/index.js')).toBe(true)
    expect(of('/home/me/project/node_modules/@scope/named/index.js')).toBe(true)
    expect(of('/home/me/project/node_modules/other/index.js')).toBe(false)
  })

  it('have nothing for each thread of a file outside of the folders, which nobody instruments', async () => {
    const text = `import { next, n } from '../plain/counts.mjs'\nexport const both = () => next() + n`
    const files = { 'own/both.mjs': text, 'plain/counts.mjs': 'export let n = 0\nexport const next = () => ++n' }
    await withFiles(files, async (folder) => {
      const codeOf = (...folders: string[]): string =>
        instrumenter({ folders: folders.map((each) => join(folder, each, '/')) })(text, join(folder, 'own/both.mjs'))
          .code
      expect(codeOf('own', 'plain')).toMatch(/\.own\(.*counts\.mjs/)
      expect(codeOf('own')).not.toContain('.own(')
    })
  })
})
