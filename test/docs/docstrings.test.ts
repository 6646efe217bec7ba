/**
 * The code that stands in docstrings of the public surface, run as it stands there.
 */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as library from '../../src/index.ts'
import { house, reading, socket, storageMap } from '../shared/setting.ts'

const source = (name: string) => readFileSync(new URL(`../../src/${name}`, import.meta.url), 'utf8')

/** The indented blocks of all docstrings, in their order. */
function examplesOf(text: string): string[] {
  const docstrings = [...text.matchAll(/\/\*\*.*?\*\//gs)].map(([docstring]) => docstring)
  return docstrings.flatMap((docstring) =>
    [...docstring.matchAll(/(?:^ *\* {5,}.*\n)+/gm)].map(([block]) => block.replace(/^ *\* {5}/gm, '')),
  )
}

describe('the examples of src/shared/btf/btf.ts', () => {
  it('run: what they say of a value is so, and the lock is free again', () => {
    const { cpu, words } = house()
    const { map } = storageMap(cpu, { valueSize: 8, lockOffset: 4 })
    const { sk } = socket(cpu)
    const examples = examplesOf(source('shared/btf/btf.ts'))
    expect(examples).toHaveLength(2)
    const names = Object.keys(library)
    const body = `${examples.join('\n')}; return Counter.decode(cpu.words, value)`
    const example = new Function(...names, 'cpu', 'value', body)
    reading(cpu, () => {
      const init = library.struct('counter', { cnt: library.u32, lock: library.bpfSpinLock }).encode({ cnt: 1 })
      const value = library.bpfSkStorageGet(cpu, map, sk, init, library.BPF_SK_STORAGE_GET_F_CREATE)
      expect(example(...Object.values(library), cpu, value)).toEqual({ cnt: 3 })
      expect([...words.subarray(value, value + 2)]).toEqual([3, 0])
    })
  })
})

it('what a docstring calls by a public name is a function', () => {
  const files = [...source('index.ts').matchAll(/from '\.\/(.*)'/g)].map(([, file]) => file)
  const called = files.flatMap((file) =>
    [...source(file).matchAll(/\/\*\*.*?\*\//gs)].flatMap(([docstring]) =>
      [...docstring.matchAll(/\b([a-zA-Z]\w*)\(/g)].map(([, name]) => name),
    ),
  )
  const types: Readonly<Record<string, unknown>> = library
  const wrong = called.filter((name) => Object.hasOwn(library, name) && typeof types[name] !== 'function')
  expect(called).toContain('bpfSpinLockAcquire')
  expect(wrong).toEqual([])
})
