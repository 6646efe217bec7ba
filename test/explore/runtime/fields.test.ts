import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('keeps what every twin uses at fixed places, as it is built', () => {
  const built = new URL('../../../dist/src/explore/index.js', import.meta.url)
  const program = `
    await import(${JSON.stringify(built.href)})
    const { e, n } = globalThis[Symbol.for('sk-storage/explore instrumented')]
    console.log(%HasFastProperties(e), %HasFastProperties(n))`
  const flags = ['--allow-natives-syntax', '--input-type=module', '--eval', program]
  expect(execFileSync(process.execPath, flags, { encoding: 'utf8' })).toBe('true true\n')
})
