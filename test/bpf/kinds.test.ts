/**
 * The kinds of programs that people publish, each as a small object of ours that uses the same: what stops which, as
 * docs/bpf.md says it.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { generate } from '../../src/bpf/code/generate.ts'
import { loadBpfObject } from '../../src/bpf/load/load-object.ts'
import { BpfObjectError } from '../../src/bpf/load/object-error.ts'
import { unknownField } from '../../src/bpf/run/socket-fields.ts'
import { ProgramRefused } from '../../src/bpf/verifier/refused.ts'
import { verify } from '../../src/bpf/verifier/verify.ts'

const FOLDER = new URL('./kinds/', import.meta.url)
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.bpf.o'))
const GUIDE = readFileSync(new URL('../../docs/bpf.md', import.meta.url), 'utf8')

/** What stops an object, without the place; `loads` where nothing does. */
function stopOf(name: string): string {
  try {
    const object = loadBpfObject(readFileSync(new URL(name, FOLDER)), name)
    for (const program of object.programs) {
      const field = unknownField(generate(verify(program, object), { access64: 'halves' }).text)
      if (field !== undefined) return `a load of ${field}`
    }
    return 'loads'
  } catch (error) {
    if (error instanceof ProgramRefused) return error.said.replace(' is not supported here', '')
    if (!(error instanceof BpfObjectError)) throw error
    return error.message.replace(`${name}: `, '').replace(/^function \w+, instruction \d+: got a /, '')
  }
}

describe('the kinds of programs that are published', () => {
  it('are those of the table', () => {
    const rows = [...GUIDE.matchAll(/^\|.*\| `([\w-]+)\.bpf\.c` \|/gm)].map(([, name]) => `${name}.bpf.o`)
    expect(rows.sort()).toEqual(FILES.sort())
  })

  it.each(FILES)('%s is stopped by what the table says', (file) => {
    const row = GUIDE.split('\n').find((line) => line.includes(`\`${file.replace(/o$/, 'c')}\``))!
    const told = row.split('|')[3].replaceAll('`', '').trim()
    const stop = stopOf(file)
    if (told === 'loads') expect(stop).toBe('loads')
    else expect(stop).toContain(told)
  })
})
